"""Holds and extensions as a test needs them: asked for, agreed to, and what they have moved."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import ApprovalRequest, NoteKind, Order, Project
from db.queries.projects import open_visit
from state_machines.approvals import Answer, ApprovalState, RequestState
from state_machines.stages import Move
from state_machines.working_days import CITY_TIME, local_day
from tests.builders import CALENDAR, Staff
from tests.clock import WallClock
from use_cases.add_note import add_note
from use_cases.advance import Requested, advance
from use_cases.ask_for_extension import ask_for_extension
from use_cases.ask_for_hold import ask_for_hold
from use_cases.decide import decide


def ask_hold(
    session: Session,
    staff: Staff,
    project_id: int,
    until: date,
    *,
    now: datetime,
    by: int | None = None,
) -> int:
    """Let the officer, or whoever is named, ask for a hold; returns the request's id."""
    return ask_for_hold(
        session, project_id, until=until, reason="等待环评批复", by=by or staff.officer, now=now,
        calendar=CALENDAR,
    ).request_id  # fmt: skip


def ask_more(
    session: Session,
    staff: Staff,
    project_id: int,
    days: int,
    *,
    now: datetime,
    by: int | None = None,
) -> int:
    """Let the officer, or whoever is named, ask for an extension; returns the request's id."""
    return ask_for_extension(
        session, project_id, days=days, reason="土地指标待批", by=by or staff.officer, now=now,
        calendar=CALENDAR,
    ).request_id  # fmt: skip


def agree(session: Session, request_id: int, *, now: datetime) -> RequestState:
    """Let everybody who is asked approve, step by step; returns how the request stands then."""
    request = session.get_one(ApprovalRequest, request_id)
    while request.state is RequestState.PENDING:
        person = next(e.person_id for e in request.current if e.state is ApprovalState.PENDING)
        decide(session, request_id, Answer.APPROVE, by=person, now=now, calendar=CALENDAR)
    return request.state


def hold(
    session: Session,
    staff: Staff,
    project_id: int,
    until: date,
    *,
    now: datetime,
    by: int | None = None,
) -> int:
    """Ask for a hold and grant it at once; returns the request's id."""
    request_id = ask_hold(session, staff, project_id, until, now=now, by=by)
    assert agree(session, request_id, now=now) is RequestState.APPROVED
    return request_id


def extend(
    session: Session,
    staff: Staff,
    project_id: int,
    days: int,
    *,
    now: datetime,
    by: int | None = None,
) -> int:
    """Ask for an extension and grant it at once; returns the request's id."""
    request_id = ask_more(session, staff, project_id, days, now=now, by=by)
    assert agree(session, request_id, now=now) is RequestState.APPROVED
    return request_id


@dataclass(frozen=True)
class Due:
    """The days on which something comes to a project, as stored."""

    rung: date | None
    yellow: date | None
    red: date | None
    climbs: date | None
    """Its open order; None without one."""


def due(session: Session, project_id: int) -> Due:
    project = session.get_one(Project, project_id)
    instants = (project.next_rung_at, project.yellow_at, project.red_at)
    assert all(each is None or each == CALENDAR.opening(local_day(each)) for each in instants)
    order = session.scalars(
        select(Order).where(Order.project_id == project_id, Order.closed_at.is_(None))
    ).first()
    days = (None if each is None else local_day(each) for each in instants)
    return Due(*days, order.deadline_on if order else None)


def clocks(session: Session, project_id: int) -> tuple[tuple[date, int], tuple[date, int]]:
    """Return since when the stage clock and the silence clock run, and the days used before."""
    visit = open_visit(session, project_id)
    return (
        (visit.stage_origin, visit.stage_used),
        (visit.silence_origin, visit.silence_used),
    )


def turn_to(clock: WallClock, month: int, day: int, hour: int = 10) -> None:
    """Turn the clock to an hour of a day of 2026, in Shanghai."""
    clock.time = datetime(2026, month, day, hour, tzinfo=CITY_TIME)


def note(session: Session, staff: Staff, project_id: int, on: date, *, now: datetime) -> None:
    """Let the owner write down that there was progress on a day."""
    add_note(
        session, project_id, NoteKind.VISIT, "考察", effective_on=on, by=staff.owner, now=now,
        calendar=CALENDAR,
    )  # fmt: skip


def ask_move(session: Session, staff: Staff, project_id: int, move: Move, *, now: datetime) -> int:
    """Let the officer ask for a move; returns the request's id."""
    asked = advance(
        session, project_id, move, by=staff.officer, now=now, calendar=CALENDAR,
        reason="会议决定",
    )  # fmt: skip
    assert isinstance(asked, Requested)
    return asked.request_id
