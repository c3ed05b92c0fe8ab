"""Only our own pages may post: a form on another site cannot act for somebody who visits it."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from web.faults import cross_site_page, is_api

READING = {"GET", "HEAD", "OPTIONS"}


def is_same_origin(headers: Headers, base_url: str) -> bool:
    """Say whether a browser tells us that one of our own pages sends this.

    `Sec-Fetch-Site` where it is sent (https and loopback), else `Origin`; neither is no proof.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = headers.get("origin")
    if origin is None:
        return False
    # `null` and other oddities have neither scheme nor host, so they equal nothing of ours.
    ours, theirs = urlsplit(base_url), urlsplit(origin)
    return (theirs.scheme, theirs.netloc) == (ours.scheme, ours.netloc)


class SameOriginOnly:
    """Refuses every request that could change something and does not come from our own pages.

    A layer of its own, before any body is read. A program that calls the API says nothing about
    its origin; it is let through, as the API takes only JSON, which no page elsewhere can send
    without asking first.
    """

    def __init__(self, app: ASGIApp, base_url: str) -> None:
        self._app, self._base_url = app, base_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] == "http"
            and scope["method"] not in READING
            and not self._may_change(scope)
        ):
            await cross_site_page(Request(scope))(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _may_change(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        is_program = is_api(scope) and not {"sec-fetch-site", "origin"} & {*headers}
        return is_program or is_same_origin(headers, self._base_url)
