"""What a visitor chooses for this browser: whom to act as, and which language to read."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from runtime.opening import Runtime
from state_machines.errors import NotFound
from web import languages, said, staff
from web.row_ids import RowId
from web.staff import Staff
from words.translations import Language

router = APIRouter()

A_YEAR = 365 * 24 * 3600


@router.post("/acting-as")
def act_as(
    visit: Staff, person: Annotated[RowId, Form()], back: Annotated[str, Form()] = ""
) -> Response:
    """Act as a sample person from now on; the pages are in their language then."""
    if person not in {each.person.id for each in visit.people}:
        raise NotFound("person", person)
    settings = visit.runtime.settings
    answer = said.go_on(_local(back), "acting")
    answer.set_cookie(
        staff.COOKIE,
        staff.choice_cookie(settings, person),
        max_age=A_YEAR,
        httponly=True,
        samesite="lax",
    )
    answer.delete_cookie(languages.COOKIE, httponly=True, samesite="lax")
    return answer


@router.post("/language")
def read_in(
    request: Request, language: Annotated[Language, Form()], back: Annotated[str, Form()] = ""
) -> Response:
    """Read everything in one language from now on."""
    runtime: Runtime = request.app.state.runtime
    answer = RedirectResponse(_local(back), status_code=303)
    answer.set_cookie(
        languages.COOKIE,
        language,
        max_age=A_YEAR,
        httponly=True,
        samesite="lax",
        secure=runtime.settings.base_url.startswith("https:"),
    )
    return answer


def _local(back: str) -> str:
    """The page to go back to, if it is one of ours."""
    is_ours = back.startswith("/") and not back.startswith(("//", "/\\")) and back.isprintable()
    return back if is_ours else "/projects"
