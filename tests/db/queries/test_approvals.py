"""Requests to look at: what waits for whom, page by page, and one with all about it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from db.models import ApprovalRequest
from db.queries.approvals import (
    RequestPage,
    asked_by,
    pending,
    waiting_for,
)
from db.queries.request_dossier import StepStanding, request_dossier
from db.session import Database
from state_machines.approvals import Answer, RequestState
from state_machines.deadlines import Deadlines
from state_machines.errors import NotFound
from state_machines.stages import Move, Stage
from state_machines.working_days import local_day
from tests.builders import BILLION, CALENDAR, MILLION, Staff, ask_to_sign, found_city
from tests.clock import WallClock
from tests.statements import Counted
from use_cases.advance import Requested, advance
from use_cases.decide import decide
from use_cases.edit_project import edit_project
from use_cases.set_chase import set_chase
from use_cases.withdraw import withdraw

FIVE_REQUESTS = 5


@pytest.fixture
def staff(database: Database, clock: WallClock) -> Staff:
    with database.writing() as session:
        return found_city(session, now=clock())


def ask(database: Database, staff: Staff, clock: WallClock, investment: int = BILLION) -> int:
    with database.writing() as session:
        return ask_to_sign(session, staff, now=clock(), investment=investment)[1]


def answer(
    database: Database, request_id: int, by: int, clock: WallClock, said: Answer = Answer.APPROVE
) -> None:
    with database.writing() as session:
        decide(
            session,
            request_id,
            said,
            by=by,
            now=clock(),
            calendar=CALENDAR,
            comment="材料不全",
        )


def edit(
    session: Session, project_id: int, changes: dict[str, str], by: int, clock: WallClock
) -> None:
    edit_project(session, project_id, changes, edition=None, by=by, now=clock(), calendar=CALENDAR)


def all_pages(
    session: Session, question: Callable[..., RequestPage[Any]], *about: int, limit: int
) -> list[int]:
    met: list[int] = []
    after: Any = None
    for _ in range(2 * FIVE_REQUESTS):
        page = question(session, *about, after=after, limit=limit)
        assert len(page.rows) <= limit
        met += [each.request.id for each in page.rows]
        after = page.after
        if after is None:
            break
    return met


@pytest.mark.parametrize("limit", [1, 2, 5, 50])
def test_paging_meets_every_request_once(
    database: Database, staff: Staff, clock: WallClock, limit: int
) -> None:
    asked = [ask(database, staff, clock) for _ in range(FIVE_REQUESTS)]

    with database.reading() as session:
        assert all_pages(session, pending, limit=limit) == asked
        assert all_pages(session, waiting_for, staff.unit_leader, limit=limit) == asked
        assert all_pages(session, asked_by, staff.officer, limit=limit) == asked[::-1]


def test_what_is_to_be_answered_first_stands_first(
    database: Database, staff: Staff, clock: WallClock
) -> None:
    older = ask(database, staff, clock)
    clock.forward(days=1)
    newer = ask(database, staff, clock)
    with database.writing() as session:
        request = session.get_one(ApprovalRequest, older)
        request.superior_added = True
        set_chase(request, Deadlines(), CALENDAR, now=clock())

    with database.reading() as session:
        assert all_pages(session, waiting_for, staff.unit_leader, limit=1) == [newer, older]


def test_a_request_waits_only_for_those_whose_turn_it_is(
    database: Database, staff: Staff, clock: WallClock
) -> None:
    request_id = ask(database, staff, clock)

    def waits_for() -> list[str]:
        people = {"leader": staff.unit_leader, "director": staff.director, "asker": staff.officer}
        with database.reading() as session:
            return [
                name
                for name, person_id in people.items()
                if waiting_for(session, person_id, limit=1).rows
            ]

    assert waits_for() == ["leader"]
    answer(database, request_id, staff.unit_leader, clock)
    assert waits_for() == ["director"]
    answer(database, request_id, staff.director, clock)
    assert waits_for() == []


def test_what_is_settled_waits_for_nobody_and_its_asker_finds_it_still(
    database: Database, staff: Staff, clock: WallClock
) -> None:
    request_id = ask(database, staff, clock)

    with database.writing() as session:
        withdraw(session, request_id, by=staff.officer, now=clock())

    with database.reading() as session:
        assert pending(session, limit=1).rows == ()
        assert waiting_for(session, staff.unit_leader, limit=1).rows == ()
        [found] = asked_by(session, staff.officer, limit=1).rows
        assert found.request.state is RequestState.WITHDRAWN
        assert (found.still_asked, found.answer_by) == ([], None)


def test_no_time_runs_for_a_request_whose_project_is_frozen(
    database: Database, staff: Staff, clock: WallClock
) -> None:
    request_id = ask(database, staff, clock)  # a Monday

    with database.writing() as session:
        [found] = pending(session, limit=1).rows
        assert (found.answer_by, found.expires_after(CALENDAR)) == (
            date(2026, 3, 9),
            date(2026, 3, 23),
        )
        session.get_one(ApprovalRequest, request_id).project.frozen_at = clock()
        assert (found.answer_by, found.expires_after(CALENDAR)) == (None, None)


def statements(database: Database, look: Callable[[Session], object]) -> int:
    with database.reading() as session:
        session.connection()  # whatever a transaction begins with is not counted
        with Counted(database) as counted:
            look(session)
    return counted.number


def test_no_list_and_no_dossier_takes_more_statements_the_more_there_is(
    database: Database, staff: Staff, clock: WallClock
) -> None:
    first = ask(database, staff, clock, 11 * BILLION)

    def look_at_list(session: Session) -> None:
        for each in pending(session, limit=50).rows:
            assert each.answer_by
            assert each.request.project.owner
            assert all(asked.person.name for asked in each.still_asked)

    def look_at_one(session: Session) -> None:
        found = request_dossier(session, first, today=local_day(clock()))
        assert found.papers
        assert found.changed_since == []
        assert all(asked.person.name for step in found.steps for asked in step.asked)

    few = statements(database, look_at_list), statements(database, look_at_one)
    for _ in range(FIVE_REQUESTS):
        ask(database, staff, clock)
    for by in (staff.special_team_lead, staff.promotion_center_head, staff.unit_leader):
        answer(database, first, by, clock)
    many = statements(database, look_at_list), statements(database, look_at_one)

    assert few == many == (3, 8)


def test_a_dossier_shows_each_step_and_whose_turn_it_is(
    database: Database, staff: Staff, clock: WallClock
) -> None:
    request_id = ask(database, staff, clock)
    answer(database, request_id, staff.unit_leader, clock)

    with database.reading() as session:
        found = request_dossier(session, request_id, today=local_day(clock()))

        assert [(each.number, each.standing) for each in found.steps] == [
            (1, StepStanding.AGREED),
            (2, StepStanding.ASKED),
        ]
        assert [[e.person_id for e in step.asked] for step in found.steps] == [
            [staff.unit_leader],
            [staff.director],
        ]
        assert [each.person_id for each in found.still_asked] == [staff.director]


@pytest.mark.parametrize(
    ("answers", "standing"),
    [
        ([], [StepStanding.ASKED, StepStanding.TO_COME]),
        ([Answer.REJECT], [StepStanding.CLOSED, StepStanding.CLOSED]),
        ([Answer.APPROVE, Answer.REJECT], [StepStanding.AGREED, StepStanding.CLOSED]),
        ([Answer.APPROVE, Answer.APPROVE], [StepStanding.AGREED, StepStanding.AGREED]),
    ],
)
def test_a_step_is_agreed_asked_to_come_or_closed(
    database: Database,
    staff: Staff,
    clock: WallClock,
    answers: list[Answer],
    standing: list[StepStanding],
) -> None:
    request_id = ask(database, staff, clock)
    for by, said in zip((staff.unit_leader, staff.director), answers, strict=False):
        answer(database, request_id, by, clock, said)

    with database.reading() as session:
        found = request_dossier(session, request_id, today=local_day(clock()))
        assert [each.standing for each in found.steps] == standing


def test_asked_again_the_dossier_holds_the_earlier_round_and_what_differs(
    database: Database, staff: Staff, clock: WallClock
) -> None:
    with database.writing() as session:
        project_id, first = ask_to_sign(session, staff, now=clock(), investment=300 * MILLION)
    answer(database, first, staff.unit_leader, clock, Answer.REJECT)
    with database.writing() as session:
        edit(session, project_id, {"contract_number": "HT-2026-018"}, staff.owner, clock)
        asked = advance(
            session, project_id, Move.SIGN, by=staff.officer, now=clock(), calendar=CALENDAR
        )
        assert isinstance(asked, Requested)

    with database.reading() as session:
        second = request_dossier(session, asked.request_id, today=local_day(clock()))
        assert [each.id for each in second.earlier] == [first]
        assert [(e.name, e.before, e.after) for e in second.differences] == [
            ("contract_number", "HT-2026-017", "HT-2026-018")
        ]
        before = request_dossier(session, first, today=local_day(clock()))
        assert (before.next_id, before.differences) == (asked.request_id, [])


def test_the_dossier_says_what_has_changed_since_the_facts_were_frozen(
    database: Database, staff: Staff, clock: WallClock
) -> None:
    with database.writing() as session:
        project_id, request_id = ask_to_sign(session, staff, now=clock())
        edit(session, project_id, {"investor_contact": "李女士"}, staff.owner, clock)

    with database.reading() as session:
        found = request_dossier(session, request_id, today=local_day(clock()))
        assert [(e.name, e.before, e.after) for e in found.changed_since] == [
            ("investor_contact", "王先生 13800000000", "李女士")
        ]
        assert found.request.after is Stage.SIGNED
        assert [each.kind for each in found.papers] == ["contract", "joint_review_minutes"]


def test_a_request_that_does_not_exist_is_not_found(database: Database, staff: Staff) -> None:
    with database.reading() as session, pytest.raises(NotFound):
        request_dossier(session, 999, today=date(2026, 3, 2))
