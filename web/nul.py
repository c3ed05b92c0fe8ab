"""No text that is sent to us holds a NUL: nobody types one, and PostgreSQL stores none."""

from collections.abc import Iterable, Iterator

from starlette.exceptions import HTTPException
from starlette.requests import Request

NUL = "\0"


async def refuse_nul(request: Request) -> None:
    """Refuse a NUL before any page sees it: no such address (404), or not understood (400)."""
    if NUL in request.scope["path"]:
        raise HTTPException(404)
    if any(NUL in text for text in _of(request.query_params.multi_items())):
        raise HTTPException(400)
    # A form that a page declares has been read by now, with its files; no other may have any.
    if request.method == "POST" and any(
        NUL in text for text in _of((await request.form(max_files=0)).multi_items())
    ):
        raise HTTPException(400)


def _of(fields: Iterable[tuple[str, object]]) -> Iterator[str]:
    for name, value in fields:
        yield name
        if isinstance(value, str):
            yield value
