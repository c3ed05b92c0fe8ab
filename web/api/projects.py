"""More time for a project, and the end of a freeze, by the API."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from db.queries.projects import project_id_of
from db.queries.request_data import RequestData
from use_cases.ask_for_extension import ask_for_extension
from use_cases.ask_for_hold import ask_for_hold
from use_cases.end_freeze import end_freeze
from web.api.approvals import seen
from web.api.calls import Call
from web.api.responses import ACTING, ROOT, Text
from web.row_ids import LARGEST_ID
from web.staff import Visit
from web.waking import wake

router = APIRouter(prefix="/projects/{number}", tags=["projects"])

Number = Annotated[Text, Path(description="The project's number.")]


class HoldIn(BaseModel):
    """How long the project's clocks shall stand still, and why."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    until: date
    """The last day of the hold."""
    reason: Text


class ExtensionIn(BaseModel):
    """How many working days the stage shall have left once that is granted, and why."""

    model_config = ConfigDict(extra="forbid")

    days: int = Field(ge=1, le=LARGEST_ID)
    reason: Text


class UnfreezeIn(BaseModel):
    """What became of the disowned decision, and how that is known."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    annul: bool
    """Whether the decision is annulled; else it is confirmed."""
    reason: Text


class Unfrozen(BaseModel):
    """The project goes on."""

    project: str
    frozen: bool
    annulled: bool


@router.post("/hold", status_code=201, responses=ACTING)
def hold(call: Call, answer: Response, number: Number, wanted: HoldIn) -> RequestData:
    """Ask those who must agree to let the project's clocks stand still."""
    with call.runtime.database.writing() as session:
        asked = ask_for_hold(
            session,
            project_id_of(session, number),
            until=wanted.until,
            reason=wanted.reason,
            by=call.by,
            now=call.now,
            calendar=call.runtime.calendar,
        )
    return _asked(call, answer, asked.request_id)


@router.post("/extension", status_code=201, responses=ACTING)
def extend(call: Call, answer: Response, number: Number, wanted: ExtensionIn) -> RequestData:
    """Ask those who must agree for more working days in the project's stage."""
    with call.runtime.database.writing() as session:
        asked = ask_for_extension(
            session,
            project_id_of(session, number),
            days=wanted.days,
            reason=wanted.reason,
            by=call.by,
            now=call.now,
            calendar=call.runtime.calendar,
        )
    return _asked(call, answer, asked.request_id)


@router.post("/unfreeze", responses=ACTING)
def unfreeze(call: Call, number: Number, wanted: UnfreezeIn) -> Unfrozen:
    """Let a frozen project go on, as an administrator who has looked into it."""
    with call.runtime.database.writing() as session:
        end_freeze(
            session,
            project_id_of(session, number),
            annul=wanted.annul,
            reason=wanted.reason,
            by=call.by,
            now=call.now,
            calendar=call.runtime.calendar,
        )
    wake(call.request)
    return Unfrozen(project=number, frozen=False, annulled=wanted.annul)


def _asked(call: Visit, answer: Response, request_id: int) -> RequestData:
    """Let mail leave, and say where the new request is."""
    wake(call.request)
    answer.headers["Location"] = f"{ROOT}/approvals/{request_id}"
    return seen(call, request_id)
