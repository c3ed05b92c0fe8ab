"""Requests by the API: what waits for whom, one in full, and all that can be done about it."""

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from db.queries import approvals
from db.queries.people import person_with
from db.queries.request_data import RequestData, RequestLine
from db.queries.request_dossier import request_dossier
from state_machines.approvals import Answer
from state_machines.working_days import local_day
from use_cases.decide import decide
from use_cases.disown import disown
from use_cases.nudge import nudge
from use_cases.reassign import reassign
from use_cases.send_fresh_link import send_fresh_link
from use_cases.withdraw import withdraw
from web.api import paging
from web.api.calls import Call
from web.api.responses import ACTING, READING, Text
from web.row_ids import RowId
from web.staff import Visit
from web.waking import wake

router = APIRouter(prefix="/approvals", tags=["approvals"])

LARGEST_PAGE = 100


class Which(StrEnum):
    """Which requests are listed."""

    WAITING = "waiting"
    """What waits for the caller's answer, by its deadline."""
    ASKED = "asked"
    """What the caller has asked, settled or not, the newest first."""
    PENDING = "pending"
    """Whatever waits for anybody, the oldest first."""


class RequestList(BaseModel):
    """A page of requests."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    requests: list[RequestLine]
    after: str | None
    """Where this page ends: what to ask the next one with; null on the last."""


class AnswerIn(BaseModel):
    """An answer. To reject or to send back takes a comment."""

    model_config = ConfigDict(extra="forbid")

    answer: Answer
    comment: Text | None = None


class ReassignIn(BaseModel):
    """Whose question passes to whom, by their e-mail addresses, and why."""

    model_config = ConfigDict(extra="forbid")

    from_: Text = Field(alias="from")
    to: Text
    reason: Text


@router.get("", responses=READING)
def list_requests(
    call: Call,
    which: Annotated[Which, Query(description="Whose requests are listed.")] = Which.WAITING,
    after: Annotated[
        Text | None, Query(description="Where the page before ended, as it said.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 50,
) -> RequestList:
    """List requests, page by page; none repeats or hides another, whatever happens meanwhile."""
    page: approvals.RequestPage[Any]
    with call.runtime.database.reading() as session:
        match which:
            case Which.WAITING:
                place = paging.after_due(after)
                page = approvals.waiting_for(session, call.by, after=place, limit=limit)
            case Which.ASKED:
                newest = paging.after_id(after)
                page = approvals.asked_by(session, call.by, after=newest, limit=limit)
            case Which.PENDING:
                oldest = paging.after_id(after)
                page = approvals.pending(session, after=oldest, limit=limit)
        lines = [RequestLine.of(each) for each in page.rows]
    return RequestList(requests=lines, after=paging.said(page.after))


@router.get("/{request_id}", responses=READING)
def show_request(call: Call, request_id: RowId) -> RequestData:
    """Show one request: its steps, who is asked and why, who has answered, and what is due when."""
    return seen(call, request_id)


@router.post("/{request_id}/answers", responses=ACTING)
def answer_request(call: Call, request_id: RowId, given: AnswerIn) -> RequestData:
    """Answer as one of those asked. The same answer twice is the same answer."""
    return act_on(
        call,
        request_id,
        lambda session: decide(
            session,
            request_id,
            given.answer,
            by=call.by,
            now=call.now,
            calendar=call.runtime.calendar,
            comment=given.comment,
        ),
    )


@router.post("/{request_id}/withdraw", responses=ACTING)
def withdraw_request(call: Call, request_id: RowId) -> RequestData:
    """Take a pending request back, as whoever asked it or owns the project."""
    return act_on(
        call,
        request_id,
        lambda session: withdraw(session, request_id, by=call.by, now=call.now),
    )


@router.post("/{request_id}/reassign", responses=ACTING)
def reassign_request(call: Call, request_id: RowId, wanted: ReassignIn) -> RequestData:
    """Pass a question to somebody who may answer for the same or the superior post."""
    return act_on(
        call,
        request_id,
        lambda session: reassign(
            session,
            request_id,
            from_id=person_with(session, wanted.from_),
            to_id=person_with(session, wanted.to),
            reason=wanted.reason,
            by=call.by,
            now=call.now,
            calendar=call.runtime.calendar,
        ),
    )


@router.post("/{request_id}/nudge", responses=ACTING)
def nudge_request(call: Call, request_id: RowId) -> RequestData:
    """Ask those who are asked once more, as whoever waits; once per working day."""
    return act_on(
        call,
        request_id,
        lambda session: nudge(
            session, request_id, by=call.by, now=call.now, calendar=call.runtime.calendar
        ),
    )


@router.post("/{request_id}/fresh-link", responses=ACTING)
def send_link(call: Call, request_id: RowId) -> RequestData:
    """Mail the caller, who is asked, a fresh link: only ever to their registered address."""
    return act_on(
        call,
        request_id,
        lambda session: send_fresh_link(session, request_id, call.by, now=call.now),
    )


@router.post("/{request_id}/disown", responses=ACTING)
def disown_answer(call: Call, request_id: RowId) -> RequestData:
    """Say that the answer in the caller's name was not theirs: the project freezes."""
    return act_on(
        call,
        request_id,
        lambda session: disown(
            session, request_id, call.by, now=call.now, calendar=call.runtime.calendar
        ),
    )


def act_on(call: Visit, request_id: int, act: Callable[[Session], object]) -> RequestData:
    """Act in one transaction, let mail leave, and return the request as it stands then."""
    with call.runtime.database.writing() as session:
        act(session)
    wake(call.request)
    return seen(call, request_id)


def seen(call: Visit, request_id: int) -> RequestData:
    """Return one request as data; raises `NotFound`."""
    with call.runtime.database.reading() as session:
        found = request_dossier(session, request_id, today=local_day(call.now))
        return RequestData.of_dossier(found, call.runtime.calendar)
