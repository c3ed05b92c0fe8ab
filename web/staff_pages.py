"""A staff page: what every one of them shows besides its own matter."""

from starlette.responses import HTMLResponse

from web.names import Names
from web.pages import page
from web.said import forget, said_before
from web.staff import Visit


def staff_page(
    visit: Visit, template: str, *, names: Names, status: int = 200, **facts: object
) -> HTMLResponse:
    """Return a page with whom the visitor acts as, and what the last click has done."""
    request = visit.request
    said = said_before(request)
    here = request.url.path if request.method == "GET" else "/projects"
    if request.method == "GET" and request.url.query:
        here += f"?{request.url.query}"
    answer = page(
        request, template, status=status, visit=visit, names=names, said=said, here=here, **facts
    )
    if said:
        forget(answer)
    return answer
