"""No request is larger than the largest file that we take."""

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.faults import TooLarge, too_large_page
from web.uploads import LARGEST_FILE

LARGEST_BODY = LARGEST_FILE + 100_000
"""The file, and the rest of its form."""


class BodyLimit:
    """Refuses larger bodies: by their announced length at once, else when they get too long."""

    def __init__(self, app: ASGIApp, largest: int = LARGEST_BODY) -> None:
        self._app, self._largest = app, largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        announced = request.headers.get("content-length", "0")
        if not announced.isdecimal() or int(announced) > self._largest:
            await too_large_page(request)(scope, receive, send)
            return
        received = 0

        async def receive_up_to_limit() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._largest:
                raise TooLarge
            return message

        await self._app(scope, receive_up_to_limit, send)
