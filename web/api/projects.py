"""What is asked for a project by the API: a move, more time, the end of a freeze."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from db.queries.projects import project_id_of
from db.queries.request_data import RequestData
from state_machines.stages import Move
from use_cases.advance import Requested, advance
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


class MoveIn(BaseModel):
    """A move, with a reason where one is needed."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    move: Move
    reason: Text | None = None
    override: bool = False
    """Go against the gate: takes a reason, and the agreement of a second person."""


class MoveMade(BaseModel):
    """What came of it: the project has moved, or those who must agree were asked."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    project: str
    moved: bool
    request: int | None
    """The request that the move waits for."""


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


@router.post("/moves", status_code=201, responses=ACTING)
def make_move(call: Call, answer: Response, number: Number, wanted: MoveIn) -> MoveMade:
    """Make a move, or ask those who must agree; with something missing, all of it is named."""
    with call.runtime.database.writing() as session:
        done = advance(
            session,
            project_id_of(session, number),
            wanted.move,
            by=call.by,
            now=call.now,
            calendar=call.runtime.calendar,
            reason=wanted.reason,
            override=wanted.override,
        )
    wake(call.request)
    if not isinstance(done, Requested):
        return MoveMade(project=number, moved=True, request=None)
    answer.headers["Location"] = _address(done.request_id)
    return MoveMade(project=number, moved=False, request=done.request_id)


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
    answer.headers["Location"] = _address(request_id)
    return seen(call, request_id)


def _address(request_id: int) -> str:
    return f"{ROOT}/approvals/{request_id}"
