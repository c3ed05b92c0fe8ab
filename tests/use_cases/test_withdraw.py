"""Withdrawing, and asking for a fresh link."""

import pytest
from sqlalchemy import select

from db.models import ApprovalRequest, Mail, MailState
from state_machines.approvals import Answer, RequestState
from state_machines.errors import NotAllowed, NotFound, NotTheApprover, RequestClosed
from tests.builders import BILLION, CALENDAR, ask_to_sign, mails
from use_cases.decide import decide
from use_cases.send_fresh_link import send_fresh_link
from use_cases.withdraw import withdraw


@pytest.fixture
def request_id(database, clock, staff):
    with database.writing() as session:
        return ask_to_sign(session, staff, now=clock(), investment=5 * BILLION)[1]


@pytest.mark.parametrize("name", ["officer", "owner"])
def test_who_asked_or_owns_the_project_takes_it_back_and_whoever_was_asked_hears(
    database, clock, staff, request_id, name
):
    with database.writing() as session:
        withdraw(session, request_id, by=getattr(staff, name), now=clock())

    with database.reading() as session:
        request = session.get_one(ApprovalRequest, request_id)
        assert (request.state, request.settled_by_id) == (
            RequestState.WITHDRAWN,
            getattr(staff, name),
        )
        told = [staff.officer] if name == "owner" else []
        told += [staff.special_team_lead, staff.promotion_center_head]
        assert mails(session) == [("request_settled", person) for person in told]


@pytest.mark.parametrize("name", ["special_team_lead", "director", "administrator"])
def test_nobody_else_takes_it_back(database, clock, staff, request_id, name):
    with pytest.raises(NotAllowed), database.writing() as session:
        withdraw(session, request_id, by=getattr(staff, name), now=clock())


def test_what_is_settled_is_not_withdrawn(database, clock, staff, request_id):
    with database.writing() as session:
        withdraw(session, request_id, by=staff.officer, now=clock())

    with pytest.raises(RequestClosed) as refused, database.writing() as session:
        withdraw(session, request_id, by=staff.officer, now=clock())
    with pytest.raises(RequestClosed), database.writing() as session:
        send_fresh_link(session, request_id, staff.special_team_lead, now=clock())

    assert refused.value.state is RequestState.WITHDRAWN


def test_a_fresh_link_is_one_more_mail_to_the_one_who_asks(database, clock, staff, request_id):
    clock.forward(hours=1)

    with database.writing() as session:
        send_fresh_link(session, request_id, staff.promotion_center_head, now=clock())

    with database.reading() as session:
        assert mails(session)[2:] == [("fresh_link", staff.promotion_center_head)]
        mail = session.scalars(select(Mail).where(Mail.kind == "fresh_link")).one()
        asked = session.scalars(
            select(Mail).where(
                Mail.kind == "approval_asked", Mail.person_id == staff.promotion_center_head
            )
        ).one()
        assert (mail.facts, mail.request_id) == (asked.facts, request_id)


def test_asking_again_within_five_minutes_owes_nothing_more(database, clock, staff, request_id):
    def fresh_links():
        with database.writing() as session:
            send_fresh_link(session, request_id, staff.promotion_center_head, now=clock())
            return len(mails(session, "fresh_link"))

    clock.forward(minutes=4, seconds=59)
    assert fresh_links() == 0
    clock.forward(seconds=1)
    assert fresh_links() == 1
    clock.forward(minutes=4)
    assert fresh_links() == 1
    clock.forward(minutes=1)
    assert fresh_links() == 2


def test_only_who_still_has_to_answer_gets_a_fresh_link(database, clock, staff, request_id):
    clock.forward(hours=1)
    with database.writing() as session:
        decide(
            session,
            request_id,
            Answer.APPROVE,
            by=staff.promotion_center_head,
            now=clock(),
            calendar=CALENDAR,
        )

    for person in (staff.promotion_center_head, staff.officer, 4711):
        with pytest.raises(NotTheApprover), database.writing() as session:
            send_fresh_link(session, request_id, person, now=clock())
    with pytest.raises(NotFound), database.writing() as session:
        send_fresh_link(session, 4711, staff.unit_leader, now=clock())


def test_mails_that_have_left_are_not_taken_back(database, clock, staff, request_id):
    with database.writing() as session:
        for mail in session.scalars(select(Mail)):
            mail.state = MailState.ACCEPTED
            mail.due_at = None

    with database.writing() as session:
        withdraw(session, request_id, by=staff.officer, now=clock())

    with database.reading() as session:
        states = session.scalars(select(Mail.state).where(Mail.kind == "approval_asked"))
        assert {*states} == {MailState.ACCEPTED}
