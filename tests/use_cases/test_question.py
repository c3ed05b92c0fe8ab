"""What the mail that asks says of its round: why, until when, and what has changed since."""

from datetime import date, datetime

import pytest
from sqlalchemy import select

from db.models import Mail
from notifications.mails import FactChange, read
from state_machines.approvals import AskedBecause, Subject
from state_machines.stages import Move
from state_machines.working_days import CITY_TIME
from tests.builders import CALENDAR, MILLION, ask_to_sign, vacate
from use_cases.advance import advance
from use_cases.ask_for_extension import ask_for_extension
from use_cases.ask_for_hold import ask_for_hold
from use_cases.chase_request import chase_request
from use_cases.edit_project import edit_project
from use_cases.send_fresh_link import send_fresh_link
from use_cases.withdraw import withdraw


@pytest.fixture
def read_by(database):
    """The mails of one kind to a person, as facts, oldest first."""

    def reading(person_id, kind="approval_asked"):
        with database.reading() as session:
            owed = select(Mail.facts).where(Mail.kind == kind, Mail.person_id == person_id)
            return [read(kind, facts) for facts in session.scalars(owed.order_by(Mail.id))]

    return reading


@pytest.fixture
def asked(database, clock, staff):
    """A project of 300 million that the leader is asked to let sign, and the request."""
    with database.writing() as session:
        return ask_to_sign(session, staff, now=clock(), investment=300 * MILLION)


def test_a_first_round_has_nothing_before_it(staff, asked, read_by):
    [question] = read_by(staff.unit_leader)

    assert (question.asked_again, question.changed) == (False, ())
    assert question.because is AskedBecause.HOLDS
    assert (question.answer_by, question.then_expires) == (date(2026, 3, 9), False)


def test_a_material_edit_asks_again_with_the_difference(database, clock, staff, asked, read_by):
    project_id, _ = asked
    clock.forward(days=1)
    with database.writing() as session:
        edit_project(
            session,
            project_id,
            {"investment": 400 * MILLION, "contract_number": "HT-2026-018", "area": 900},
            edition=None,
            by=staff.officer,
            now=clock(),
            calendar=CALENDAR,
        )

    again = read_by(staff.unit_leader)[-1]
    assert again.asked_again
    assert set(again.changed) == {
        FactChange(field="investment", before=300 * MILLION, after=400 * MILLION),
        FactChange(field="contract_number", before="HT-2026-017", after="HT-2026-018"),
        FactChange(field="area", before=None, after=900),
    }


def test_asked_again_as_it_was_a_round_says_that_nothing_has_changed(
    database, clock, staff, asked, read_by
):
    project_id, request_id = asked
    with database.writing() as session:
        withdraw(session, request_id, by=staff.officer, now=clock())
        advance(session, project_id, Move.SIGN, by=staff.officer, now=clock(), calendar=CALENDAR)

    again = read_by(staff.unit_leader)[-1]
    assert (again.asked_again, again.changed) == (True, ())


def test_once_the_superior_is_asked_besides_everybody_has_the_days_of_the_round(
    database, clock, staff, asked, read_by
):
    _, request_id = asked
    clock.time = datetime(2026, 3, 10, 9, 0, tzinfo=CITY_TIME)
    with database.writing() as session:
        chase_request(session, request_id, now=clock(), calendar=CALENDAR)
        send_fresh_link(session, request_id, staff.unit_leader, now=clock())

    [superior] = read_by(staff.director)
    [fresh] = read_by(staff.unit_leader, "fresh_link")
    assert (superior.because, fresh.because) == (AskedBecause.OVERDUE, AskedBecause.HOLDS)
    for each in (superior, fresh):
        assert (each.answer_by, each.then_expires) == (date(2026, 3, 23), True)


def test_a_hold_is_asked_for_with_its_last_day_and_an_extension_with_its_days(
    database, clock, staff, asked, read_by
):
    project_id, _ = asked
    who = {"by": staff.officer, "now": clock(), "calendar": CALENDAR, "reason": "等待环评批复"}
    with database.writing() as session:
        ask_for_hold(session, project_id, until=date(2026, 3, 31), **who)
        ask_for_extension(session, project_id, days=10, **who)

    _, hold, extension = read_by(staff.unit_leader)
    assert (hold.subject, hold.until, hold.days) == (Subject.HOLD, date(2026, 3, 31), None)
    assert (extension.subject, extension.until, extension.days) == (Subject.EXTENSION, None, 10)
    assert hold.before is hold.after


def test_who_stands_above_an_empty_post_reads_that_it_is_empty(database, clock, staff, read_by):
    with database.writing() as session:
        vacate(session, staff.unit_leader, last_day=date(2026, 2, 27))
        ask_to_sign(session, staff, now=clock(), investment=300 * MILLION)

    [question] = read_by(staff.director)
    assert question.because is AskedBecause.EMPTY
