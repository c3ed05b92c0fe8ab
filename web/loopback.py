"""Before there is a sign-in, the staff's pages answer only on the machine that they run on."""

from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from starlette.requests import Request

from runtime.settings import LOOPBACK, Settings

FORWARDING = ("forwarded", "x-real-ip", "via")


class NotFromHere(Exception):
    """Somebody asks for a staff page from another machine, or through something in between."""


def is_from_here(request: Request, settings: Settings) -> bool:
    """Say whether base address, peer and the name that was called are all loopback.

    And nothing in between forwarded it. The name is looked at because a page elsewhere could let
    its own name point to this machine.
    """
    peer = request.client.host if request.client else ""
    return (
        urlsplit(settings.base_url).hostname in LOOPBACK
        and _is_loopback(peer)
        and request.url.hostname in LOOPBACK
        and not any(
            name in FORWARDING or name.startswith("x-forwarded-") for name in request.headers
        )
    )


def _is_loopback(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.is_loopback
