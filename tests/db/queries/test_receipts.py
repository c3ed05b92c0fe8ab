"""An answer can be disowned by who gave it, until the project's next move."""

import pytest

from db.queries.receipts import may_disown
from state_machines.approvals import Answer
from state_machines.stages import Move
from tests.builders import BILLION, CALENDAR, ask_to_sign, found_city
from use_cases.advance import advance
from use_cases.decide import decide


@pytest.fixture
def staff(database, clock):
    with database.writing() as session:
        return found_city(session, now=clock())


@pytest.fixture
def asked(database, clock, staff):
    """A project that the leader, and then the director, are asked to let sign."""
    with database.writing() as session:
        return ask_to_sign(session, staff, now=clock(), investment=2 * BILLION)


def answer(database, clock, request_id, person_id, what=Answer.APPROVE):
    with database.writing() as session:
        decide(
            session, request_id, what, by=person_id, now=clock(), calendar=CALENDAR, comment="好"
        )
    clock.forward(minutes=1)


def may(database, request_id, person_id):
    with database.reading() as session:
        return may_disown(session, request_id, person_id)


def test_who_has_not_answered_has_nothing_to_disown(database, clock, staff, asked):
    _, request_id = asked
    answer(database, clock, request_id, staff.unit_leader)

    assert may(database, request_id, staff.unit_leader)
    assert not may(database, request_id, staff.director)
    assert not may(database, request_id, staff.officer)


def test_the_move_that_the_answers_led_to_is_not_the_next_one(database, clock, staff, asked):
    _, request_id = asked
    for person_id in (staff.unit_leader, staff.director):
        answer(database, clock, request_id, person_id)

    assert may(database, request_id, staff.unit_leader)
    assert may(database, request_id, staff.director)


def test_after_the_next_move_nothing_can_be_disowned(database, clock, staff, asked):
    project_id, request_id = asked
    for person_id in (staff.unit_leader, staff.director):
        answer(database, clock, request_id, person_id)
    with database.writing() as session:
        back = advance(
            session,
            project_id,
            Move.STEP_BACK,
            by=staff.officer,
            now=clock(),
            calendar=CALENDAR,
            reason="重签",
        )
    answer(database, clock, back.request_id, staff.unit_leader)

    assert not may(database, request_id, staff.unit_leader)
    assert not may(database, request_id, staff.director)
    assert may(database, back.request_id, staff.unit_leader)
