"""An administrator's word on a disowned answer, which ends the project's freeze."""

from typing import Annotated

from fastapi import APIRouter, Form
from sqlalchemy.orm import Session
from starlette.responses import Response

from state_machines.errors import ValueRefused
from use_cases.end_freeze import end_freeze
from web.project_acts import act_on
from web.project_page import SHOWN_IN_PLACE, Refused, show
from web.said import go_on, project_address
from web.staff import Staff

router = APIRouter()

VERDICTS = ("confirm", "annul")


@router.post("/projects/{number}/freeze")
def look_into(
    visit: Staff,
    number: str,
    verdict: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Confirm what was disowned, or annul it; the project goes on."""
    by = visit.by

    def end(session: Session, project_id: int) -> None:
        if verdict not in VERDICTS:
            raise ValueRefused("verdict", "one of the choices")
        end_freeze(
            session,
            project_id,
            annul=verdict == "annul",
            reason=reason,
            by=by,
            now=visit.now,
            calendar=visit.runtime.calendar,
        )

    try:
        act_on(visit, number, end)
    except SHOWN_IN_PLACE as refusal:
        typed = {"verdict": verdict, "reason": reason}
        return show(visit, number, refused=Refused(refusal, "freeze", typed))
    return go_on(project_address(number), "ended_freeze")
