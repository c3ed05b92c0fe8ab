"""The cookie that stands for a mailed link once it has been opened, so that no address holds it."""

from datetime import datetime, timedelta

from itsdangerous import BadSignature, URLSafeSerializer
from starlette.requests import Request
from starlette.responses import Response

from db.models import LinkPurpose
from runtime.settings import Settings

LASTS = timedelta(minutes=30)

LINK_PAGES = ("/a/", "/r/")
"""Where the pages behind mailed links are: of an approval, and of a receipt."""


def opened_address(link_id: int, purpose: LinkPurpose = LinkPurpose.APPROVAL) -> str:
    """Return the address, without the token, of a link that has been opened."""
    folder = "r" if purpose is LinkPurpose.RECEIPT else "a"
    return f"/{folder}/open/{link_id}"


def put(
    answer: Response,
    settings: Settings,
    link_id: int,
    *,
    now: datetime,
    purpose: LinkPurpose = LinkPurpose.APPROVAL,
) -> None:
    """Let this browser open the link for half an hour. Each link has a cookie of its own."""
    answer.set_cookie(
        _name(link_id),
        _signer(settings).dumps([link_id, int(now.timestamp())]),
        max_age=int(LASTS.total_seconds()),
        path=opened_address(link_id, purpose),
        httponly=True,
        # Strict would not be sent on the way from a mail.
        samesite="lax",
        secure=settings.base_url.startswith("https:"),
    )


def is_there(request: Request, settings: Settings, link_id: int, *, now: datetime) -> bool:
    """Say whether this browser has opened this very link within the last half hour."""
    try:
        for_link, at = _signer(settings).loads(request.cookies.get(_name(link_id), ""))
    except BadSignature:
        return False
    return bool(for_link == link_id and now.timestamp() - at < LASTS.total_seconds())


def _name(link_id: int) -> str:
    return f"luodi_link_{link_id}"


def _signer(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret_key.get_secret_value(), salt="approval-link")
