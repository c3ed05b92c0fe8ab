"""A mail that asked did not arrive: the superior is asked at once, and nobody waits in silence."""

import pytest
from sqlalchemy import select

from db.models import Approval, ApprovalRequest, AuditEntry
from state_machines.approvals import (
    Answer,
    ApprovalState,
    AskedBecause,
    NoLongerAsked,
    RequestState,
)
from state_machines.errors import NotFound, NotTheApprover
from state_machines.posts import Role
from tests.builders import (
    BILLION,
    CALENDAR,
    LANXI,
    LONG_AGO,
    add_holder,
    appoint,
    ask_to_sign,
    mails,
    vacate,
)
from use_cases.decide import decide
from use_cases.notice_failed import notice_failed
from use_cases.reroute import reroute_requests
from use_cases.withdraw import withdraw

PENDING, MOOT = ApprovalState.PENDING, ApprovalState.MOOT
HOLDS, UNDELIVERED = AskedBecause.HOLDS, AskedBecause.UNDELIVERED


@pytest.fixture
def request_id(database, clock, staff):
    with database.writing() as session:
        return ask_to_sign(session, staff, now=clock())[1]


@pytest.fixture
def bounced(database, clock):
    def run(request_id, person_id):
        clock.forward(hours=1)
        with database.writing() as session:
            notice_failed(session, request_id, person_id, now=clock(), calendar=CALENDAR)

    return run


@pytest.fixture
def answered(database, clock):
    def run(request_id, by):
        with database.writing() as session:
            how = {"by": by, "now": clock(), "calendar": CALENDAR}
            return decide(session, request_id, Answer.APPROVE, **how)

    return run


def rows(session):
    found = session.scalars(select(Approval).order_by(Approval.id))
    return [(each.person_id, each.because, each.state, each.no_longer) for each in found]


def test_the_superior_is_asked_at_once_in_place_of_whom_no_mail_reaches(
    database, staff, request_id, bounced, answered
):
    bounced(request_id, staff.unit_leader)

    with database.reading() as session:
        assert rows(session) == [
            (staff.unit_leader, HOLDS, MOOT, NoLongerAsked.UNDELIVERED),
            (staff.director, UNDELIVERED, PENDING, None),
        ]
        assert mails(session, "approval_asked") == [("approval_asked", staff.director)]
        assert "notice_failed" in session.scalars(select(AuditEntry.act)).all()
    with pytest.raises(NotTheApprover):
        answered(request_id, staff.unit_leader)
    assert answered(request_id, staff.director) is RequestState.APPROVED


def test_the_same_event_twice_changes_nothing_more(database, staff, request_id, bounced):
    bounced(request_id, staff.unit_leader)
    with database.reading() as session:
        once = mails(session)

    bounced(request_id, staff.unit_leader)

    with database.reading() as session:
        assert mails(session) == once


def test_the_superiors_mail_may_fail_too(database, staff, request_id, bounced):
    bounced(request_id, staff.unit_leader)
    bounced(request_id, staff.director)

    with database.reading() as session:
        assert rows(session)[-1] == (staff.deputy_mayor, UNDELIVERED, PENDING, None)


def test_where_nobody_is_left_the_request_waits_with_an_alarm(
    database, clock, staff, request_id, bounced
):
    for each in (staff.unit_leader, staff.director, staff.deputy_mayor):
        bounced(request_id, each)

    with database.reading() as session:
        assert session.get_one(ApprovalRequest, request_id).nobody_since == clock()
        assert mails(session, "nobody_answers") == [("nobody_answers", staff.administrator)]


def test_who_was_not_reached_is_not_asked_again_though_they_hold_the_post(
    database, clock, staff, request_id, bounced
):
    bounced(request_id, staff.unit_leader)
    clock.forward(hours=1)

    with database.writing() as session:
        reroute_requests(session, now=clock(), calendar=CALENDAR)

    with database.reading() as session:
        assert [row[0] for row in rows(session) if row[2] is PENDING] == [staff.director]


def test_other_holders_go_on_being_asked(database, clock, staff, bounced):
    with database.writing() as session:
        other = add_holder(session, Role.UNIT_LEADER, LANXI)
        _, request_id = ask_to_sign(session, staff, now=clock())

    bounced(request_id, staff.unit_leader)

    with database.reading() as session:
        assert [row[:2] for row in rows(session) if row[2] is PENDING] == [
            (other, HOLDS),
            (staff.director, UNDELIVERED),
        ]


def test_a_superior_of_two_posts_gets_one_mail_for_both(database, clock, staff, bounced):
    with database.writing() as session:
        both = add_holder(session, Role.SPECIAL_TEAM_LEAD, "special-team-3")
        vacate(session, staff.special_team_lead, last_day=LONG_AGO)
        vacate(session, staff.promotion_center_head, last_day=LONG_AGO)
        appoint(session, both, Role.PROMOTION_CENTER_HEAD, "promotion-center")
        _, request_id = ask_to_sign(session, staff, now=clock(), investment=5 * BILLION)

    bounced(request_id, both)

    with database.reading() as session:
        request = session.get_one(ApprovalRequest, request_id)
        pending = [each for each in request.current if each.state is PENDING]
        assert [each.person_id for each in pending] == [staff.director] * 2
        assert mails(session, "approval_asked") == [("approval_asked", staff.director)]


def test_one_post_that_waits_for_nobody_still_does_when_another_finds_somebody(
    database, clock, staff, bounced
):
    """Both posts of the step lose their people; only one of them has a superior left."""
    with database.writing() as session:
        _, request_id = ask_to_sign(session, staff, now=clock())
        request = session.get_one(ApprovalRequest, request_id)
        request.written_steps = [{"asks": ["unit_leader", "deputy_mayor"], "needs": "all"}]
    clock.forward(hours=1)
    with database.writing() as session:
        reroute_requests(session, now=clock(), calendar=CALENDAR)
    bounced(request_id, staff.deputy_mayor)  # the director is asked for it
    bounced(request_id, staff.director)
    with database.reading() as session:
        since = session.get_one(ApprovalRequest, request_id).nobody_since
        assert since == clock()

    bounced(request_id, staff.unit_leader)

    with database.reading() as session:
        assert session.get_one(ApprovalRequest, request_id).nobody_since == since


def test_news_of_a_request_that_is_settled_or_never_asked_them_changes_nothing(
    database, clock, staff, request_id, bounced
):
    bounced(request_id, staff.special_team_lead)
    with database.reading() as session:
        assert len(rows(session)) == 1
    with database.writing() as session:
        withdraw(session, request_id, by=staff.officer, now=clock())

    bounced(request_id, staff.unit_leader)

    with database.reading() as session:
        assert rows(session) == [(staff.unit_leader, HOLDS, MOOT, NoLongerAsked.SETTLED)]


def test_what_does_not_exist_is_not_found(staff, bounced):
    with pytest.raises(NotFound):
        bounced(4711, staff.unit_leader)
