"""The pages for what is not a refusal: a wrong address, a form cut short, a fault of ours."""

import logging
import secrets

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.api.problems import CROSS_SITE, NOBODY, NOT_FROM_HERE, http_problem, problem
from web.pages import page
from words.translations import gettext

log = logging.getLogger(__name__)


API = "/api/"


def is_api(scope: Scope) -> bool:
    """Say whether a program asks, which wants no page."""
    return str(scope["path"]).startswith(API)


class TooLarge(HTTPException):
    """More was sent than we take."""

    def __init__(self) -> None:
        super().__init__(413)


class NobodyToActAs(Exception):
    """Somebody wants to do something, and there is nobody yet whom they could do it as."""


def cross_site_page(request: Request) -> Response:
    if is_api(request.scope):
        return problem(request, 403, lambda: gettext(CROSS_SITE), kind="urn:luodi:CrossSite")
    return page(request, "faults/cross_site.html", status=403)


def too_large_page(request: Request) -> Response:
    if is_api(request.scope):
        return problem(request, 413)
    return page(request, "faults/too_large.html", status=413)


def nobody_to_act_as(request: Request, error: Exception) -> Response:
    if is_api(request.scope):
        return problem(request, 409, lambda: gettext(NOBODY), kind="urn:luodi:NobodyToActAs")
    return page(request, "faults/nobody_to_act_as.html", status=409)


def http_fault(request: Request, error: Exception) -> Response:
    """No such page, or not in this way (404, 405, 413 and their like)."""
    assert isinstance(error, HTTPException)  # noqa: S101 (registered for it alone)
    if is_api(request.scope):
        return http_problem(request, error)
    template = {404: "not_found", 405: "method", 413: "too_large"}.get(error.status_code, "other")
    answer = page(request, f"faults/{template}.html", status=error.status_code)
    answer.headers.update(error.headers or {})
    return answer


def form_fault(request: Request, error: Exception) -> Response:
    """A form without a field that it must have, or with a choice that was not offered.

    An address with an id that nothing can have is an address of nothing.
    """
    assert isinstance(error, RequestValidationError)  # noqa: S101 (registered for it alone)
    if any(each["loc"][0] == "path" for each in error.errors()):
        return http_fault(request, HTTPException(404))
    return page(request, "faults/form.html", status=422)


def our_fault(request: Request, error: Exception) -> Response:
    """Something broke. The page tells nothing but an id, under which the log tells all."""
    fault_id = secrets.token_hex(4)
    log.error("fault %s", fault_id, exc_info=error)
    if is_api(request.scope):
        return problem(request, 500, kind="urn:luodi:Fault", facts={"fault_id": fault_id})
    return page(request, "faults/ours.html", status=500, fault_id=fault_id)


def not_from_here(request: Request, error: Exception) -> Response:
    """A staff page, called from elsewhere while there is no sign-in."""
    if is_api(request.scope):
        return problem(request, 403, lambda: gettext(NOT_FROM_HERE), kind="urn:luodi:NotFromHere")
    return page(request, "faults/not_from_here.html", status=403)


def cookie_gone(request: Request, error: Exception) -> Response:
    """A link's page in a browser that has not opened the link, or not lately."""
    return page(request, "links/cookie_gone.html", status=403)


class CatchFaults:
    """Turns whatever breaks into the page that tells nothing; inside the safe headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_begun = False

        async def note_begin(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, note_begin)
        except Exception as error:
            if scope["type"] != "http" or has_begun:
                raise
            await our_fault(Request(scope), error)(scope, receive, send)
