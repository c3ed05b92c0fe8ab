"""Asking for a hold: who may, until when, and for how many working days of a year."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from db.models import (
    ApprovalRequest,
    Mail,
)
from state_machines.approvals import Answer
from state_machines.errors import (
    HoldTooLong,
    IllegalMove,
    NotAllowed,
    OnHoldAlready,
    ProjectFrozen,
    ReasonRequired,
    RequestPending,
    ValueRefused,
)
from state_machines.posts import Role
from state_machines.stages import Move, Stage
from tests.builders import CALENDAR, YIWU, add_holder, add_project, add_ready_project
from tests.use_cases.pauses.pausing import (
    agree,
    ask_move,
    due,
    hold,
    turn_to,
)
from use_cases.advance import Requested, advance
from use_cases.ask_for_hold import ask_for_hold
from use_cases.decide import decide
from use_cases.disown import disown

MONDAY = date(2026, 3, 2)
"""The day on which the projects are registered: day 0."""


@pytest.fixture
def project(database, clock, staff):
    """In negotiation: 40 working days for the stage, 20 of silence."""
    with database.writing() as session:
        return add_ready_project(session, staff, Stage.NEGOTIATION, now=clock(), to=Stage.SIGNED)


def asked(database, clock, project_id, by, **more):
    """Ask for a hold to the end of the week, unless told otherwise."""
    terms = {"until": date(2026, 3, 6), "reason": "等待环评批复"} | more
    with database.writing() as session:
        return ask_for_hold(
            session, project_id, by=by, now=clock(), calendar=CALENDAR, **terms
        ).request_id


def test_a_hold_is_asked_of_the_units_leader_and_says_until_when(database, clock, staff, project):
    request_id = asked(database, clock, project.id, staff.owner)

    with database.reading() as session:
        request = session.get_one(ApprovalRequest, request_id)
        assert [each.person_id for each in request.approvals] == [staff.unit_leader]
        assert request.terms == {"until": "2026-03-06"}
        asking = session.scalars(select(Mail).where(Mail.kind == "approval_asked")).one()
        assert (asking.facts["subject"], asking.facts["until"]) == ("hold", "2026-03-06")


def test_asking_stops_no_clock(database, clock, staff, project):
    with database.reading() as session:
        before = due(session, project.id)

    asked(database, clock, project.id, staff.officer)

    with database.reading() as session:
        assert due(session, project.id) == before


@pytest.mark.parametrize("until", [MONDAY, MONDAY - timedelta(days=1)])
def test_a_hold_ends_on_a_day_to_come(database, clock, staff, project, until):
    with pytest.raises(ValueRefused) as refused:
        asked(database, clock, project.id, staff.officer, until=until)

    assert refused.value.field == "until"


@pytest.mark.parametrize("reason", [None, " \u3000"])
def test_a_hold_needs_a_reason(database, clock, staff, project, reason):
    with pytest.raises(ReasonRequired):
        asked(database, clock, project.id, staff.officer, reason=reason)


def test_somebody_from_elsewhere_asks_for_nothing(database, clock, staff, project):
    with database.writing() as session:
        elsewhere = add_holder(session, Role.CASE_OFFICER, YIWU)

    with pytest.raises(NotAllowed) as refused:
        asked(database, clock, project.id, elsewhere)

    assert refused.value.act == "ask_for_hold"


@pytest.mark.parametrize("stage", [Stage.STARTED, Stage.LOST])
def test_where_no_time_runs_there_is_nothing_to_hold(database, clock, staff, stage):
    with database.writing() as session:
        idle = add_project(session, now=clock(), stage=stage, owner_id=staff.owner)

    with pytest.raises(IllegalMove):
        asked(database, clock, idle.id, staff.officer)


def test_a_frozen_project_is_not_put_on_hold(database, clock, staff, project):
    with database.writing() as session:
        request_id = ask_move(session, staff, project.id, Move.SIGN, now=clock())
        decide(
            session, request_id, Answer.REJECT, by=staff.unit_leader, now=clock(),
            calendar=CALENDAR, comment="条件不足",
        )  # fmt: skip
        disown(session, request_id, staff.unit_leader, now=clock(), calendar=CALENDAR)

    with pytest.raises(ProjectFrozen):
        asked(database, clock, project.id, staff.officer)


def test_one_hold_is_asked_for_at_a_time_and_beside_it_a_move(database, clock, staff, project):
    asked(database, clock, project.id, staff.officer)

    with pytest.raises(RequestPending):
        asked(database, clock, project.id, staff.owner)
    with database.writing() as session:
        move = advance(
            session, project.id, Move.SIGN, by=staff.officer, now=clock(), calendar=CALENDAR
        )
        assert isinstance(move, Requested)


def test_none_is_asked_for_while_one_stands(database, clock, staff, project):
    with database.writing() as session:
        hold(session, staff, project.id, date(2026, 3, 6), now=clock())
    turn_to(clock, 3, 5)

    with pytest.raises(OnHoldAlready) as refused:
        asked(database, clock, project.id, staff.officer, until=date(2026, 3, 20))

    assert refused.value.until == date(2026, 3, 6)
    turn_to(clock, 3, 6)
    assert asked(database, clock, project.id, staff.officer, until=date(2026, 3, 20))


def test_a_year_has_sixty_working_days_of_hold_and_not_one_more(database, clock, staff, project):
    sixtieth = CALENDAR.add(MONDAY, 60)

    with pytest.raises(HoldTooLong) as refused:
        asked(
            database, clock, project.id, staff.officer,
            until=sixtieth + timedelta(days=1 if sixtieth.weekday() < 4 else 3),
        )  # fmt: skip

    assert (refused.value.year, refused.value.left) == (2026, 60)
    assert asked(database, clock, project.id, staff.officer, until=sixtieth)


def test_earlier_holds_of_the_year_count_as_far_as_they_went(database, clock, staff, project):
    with database.writing() as session:
        # March from the third on has 21 working days, of which 19 come before the twenty-eighth
        hold(session, staff, project.id, date(2026, 3, 31), now=clock())
        turn_to(clock, 3, 27)
        agree(session, ask_move(session, staff, project.id, Move.SIGN, now=clock()), now=clock())

    with pytest.raises(HoldTooLong) as refused:
        asked(database, clock, project.id, staff.officer, until=date(2026, 12, 31))

    assert (refused.value.year, refused.value.left) == (2026, 60 - 19)


def test_each_calendar_year_has_its_own_days(database, clock, staff):
    turn_to(clock, 11, 2)
    last = CALENDAR.add(date(2026, 12, 31), 60)
    with database.writing() as session:
        late = add_project(session, now=clock(), owner_id=staff.owner)

    with pytest.raises(HoldTooLong) as refused:
        asked(database, clock, late.id, staff.officer, until=CALENDAR.add(last, 1))

    assert (refused.value.year, refused.value.left) == (2027, 60)
    with database.writing() as session:
        hold(session, staff, late.id, last, now=clock())
        assert CALENDAR.between(date(2026, 11, 2), last) > 60
