"""Delegating, and ending it: a stand-in is asked meanwhile, and both names stay on record."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from db.models import Approval, Delegation
from state_machines.approvals import Answer, ApprovalState, NoLongerAsked, RequestState
from state_machines.errors import NotAllowed, NotFound, NotTheApprover, ValueRefused
from state_machines.working_days import local_day
from tests.builders import CALENDAR, add_person, ask_to_sign, mails
from use_cases.decide import decide
from use_cases.people.delegate import delegate
from use_cases.people.end_delegation import end_delegation
from use_cases.people.leave import leave

A_DAY = timedelta(days=1)
PENDING, MOOT = ApprovalState.PENDING, ApprovalState.MOOT


@pytest.fixture
def somebody(database):
    with database.writing() as session:
        return add_person(session)


@pytest.fixture
def delegated(database, clock, staff):
    """Let somebody stand in on days counted from today, as an administrator enters it."""

    def run(holder, stand_in, first=0, last=9, by=staff.administrator):
        today = local_day(clock())
        with database.writing() as session:
            return delegate(
                session,
                *(holder, stand_in),
                from_day=today + first * A_DAY,
                to_day=today + last * A_DAY,
                by=by,
                now=clock(),
                calendar=CALENDAR,
            )

    return run


@pytest.fixture
def ended(database, clock, staff):
    def run(delegation_id, last=-1, by=staff.administrator):
        with database.writing() as session:
            end_delegation(
                session,
                delegation_id,
                last_day=local_day(clock()) + last * A_DAY,
                by=by,
                now=clock(),
                calendar=CALENDAR,
            )

    return run


@pytest.fixture
def asked(database, clock, staff):
    """A request to sign that asks the unit's leader; an hour later something happens."""
    with database.writing() as session:
        _, request_id = ask_to_sign(session, staff, now=clock())
    clock.forward(hours=1)
    return request_id


def rows(session):
    return [
        (each.person_id, each.on_behalf_of_id, each.state, each.no_longer)
        for each in session.scalars(select(Approval).order_by(Approval.id))
    ]


def test_what_waits_for_the_holder_is_asked_of_the_stand_in_at_once(
    database, clock, staff, somebody, asked, delegated
):
    delegated(staff.unit_leader, somebody)

    with database.reading() as session:
        assert rows(session) == [
            (staff.unit_leader, None, MOOT, NoLongerAsked.STOOD_IN),
            (somebody, staff.unit_leader, PENDING, None),
        ]
        assert mails(session) == [
            ("approval_asked", somebody),
            ("asked_no_longer", staff.unit_leader),
        ]


def test_the_stand_ins_answer_counts_in_both_names(
    database, clock, staff, somebody, asked, delegated
):
    delegated(staff.unit_leader, somebody)

    with database.writing() as session:
        state = decide(
            session,
            *(asked, Answer.APPROVE),
            by=somebody,
            now=clock(),
            calendar=CALENDAR,
        )

    assert state is RequestState.APPROVED
    with database.reading() as session:
        assert rows(session)[1] == (somebody, staff.unit_leader, ApprovalState.APPROVED, None)


def test_once_it_is_ended_the_holder_is_asked_again_and_the_stand_in_no_longer(
    database, clock, staff, somebody, asked, delegated, ended
):
    delegation = delegated(staff.unit_leader, somebody)
    clock.forward(hours=1)

    ended(delegation)

    with database.reading() as session:
        assert rows(session) == [
            (staff.unit_leader, None, PENDING, None),
            (somebody, staff.unit_leader, MOOT, NoLongerAsked.LEFT),
        ]
        assert mails(session)[-2:] == [
            ("approval_asked", staff.unit_leader),
            ("asked_no_longer", somebody),
        ]
    with pytest.raises(NotTheApprover), database.writing() as session:
        decide(session, asked, Answer.APPROVE, by=somebody, now=clock(), calendar=CALENDAR)


def test_a_second_link_of_the_chain_is_asked_in_the_first_holders_name(
    database, clock, staff, somebody, asked, delegated
):
    delegated(staff.unit_leader, somebody)
    with database.writing() as session:
        third = add_person(session)
    clock.forward(hours=1)

    delegated(somebody, third)

    with database.reading() as session:
        waiting = [row for row in rows(session) if row[2] is PENDING]
        assert waiting == [(third, staff.unit_leader, PENDING, None)]


def test_a_delegation_to_the_requester_leads_nowhere_for_this_request(
    database, clock, staff, asked, delegated
):
    delegated(staff.unit_leader, staff.officer)

    with database.reading() as session:
        assert rows(session) == [(staff.unit_leader, None, PENDING, None)]


def test_days_to_come_change_nothing_before(database, staff, somebody, asked, delegated):
    delegated(staff.unit_leader, somebody, first=1)

    with database.reading() as session:
        assert rows(session) == [(staff.unit_leader, None, PENDING, None)]


def test_holders_delegate_their_own_and_end_it(database, staff, somebody, delegated, ended):
    delegation = delegated(staff.unit_leader, somebody, by=staff.unit_leader)
    ended(delegation, by=staff.unit_leader)

    with database.reading() as session:
        assert session.scalars(select(Delegation)).all() == []


def test_nobody_else_does(database, staff, somebody, delegated, ended):
    delegation = delegated(staff.unit_leader, somebody)

    for by in (somebody, staff.director, staff.officer):
        with pytest.raises(NotAllowed):
            delegated(staff.unit_leader, somebody, first=20, last=29, by=by)
        with pytest.raises(NotAllowed):
            ended(delegation, by=by)
    with pytest.raises(NotAllowed):  # nor is it told what there is
        ended(4711, by=somebody)


def test_the_same_said_twice_is_one_delegation(database, staff, somebody, delegated):
    first = delegated(staff.unit_leader, somebody)

    assert delegated(staff.unit_leader, somebody) == first


@pytest.mark.parametrize(
    ("holder", "first", "last", "field"),
    [("unit_leader", -1, 5, "from_day"), ("unit_leader", 5, 4, "to_day")],
)
def test_days_that_cannot_be_are_refused(staff, somebody, delegated, holder, first, last, field):
    with pytest.raises(ValueRefused) as refused:
        delegated(getattr(staff, holder), somebody, first, last)

    assert refused.value.field == field


def test_what_leaves_unclear_who_answers_is_refused(staff, somebody, delegated):
    delegated(staff.unit_leader, somebody)

    for holder, stand_in in (
        (staff.unit_leader, staff.director),
        (somebody, staff.unit_leader),
        (staff.director, staff.director),
    ):
        with pytest.raises(ValueRefused):
            delegated(holder, stand_in, 9, 12)
    delegated(staff.director, staff.unit_leader)
    with pytest.raises(ValueRefused):
        delegated(somebody, staff.officer)


def test_nobody_stands_in_who_has_left_and_a_new_one_may_at_once(
    database, clock, staff, somebody, delegated
):
    delegated(staff.unit_leader, somebody)
    with database.writing() as session:
        leave(session, somebody, by=None, now=clock(), calendar=CALENDAR)

    with pytest.raises(ValueRefused) as refused:
        delegated(staff.director, somebody)
    delegated(staff.unit_leader, staff.special_team_lead)

    assert refused.value.field == "stand_in"


def test_ending_takes_a_day_that_lies_within_and_not_in_the_past(
    database, clock, staff, somebody, delegated, ended
):
    delegation = delegated(staff.unit_leader, somebody, 0, 9)

    for last in (10, -2):
        with pytest.raises(ValueRefused):
            ended(delegation, last)
    ended(delegation, 9)
    ended(delegation, 3)

    with database.reading() as session:
        assert session.get_one(Delegation, delegation).to_day == local_day(clock()) + 3 * A_DAY


def test_what_does_not_exist_is_not_found(staff, somebody, delegated, ended):
    with pytest.raises(NotFound):
        ended(4711)
    with pytest.raises(NotFound):
        delegated(staff.unit_leader, 4711)
