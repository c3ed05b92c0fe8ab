"""Reassigning: a question passes to somebody else who may answer it, and all names stay."""

import pytest
from sqlalchemy import select

from db.models import Approval, ApprovalRequest, AuditEntry, Mail, Project
from state_machines.approvals import (
    Answer,
    ApprovalState,
    AskedBecause,
    NoLongerAsked,
    RequestState,
)
from state_machines.errors import (
    NotAllowed,
    NotEligible,
    NotFound,
    NotTheApprover,
    ProjectFrozen,
    ReasonRequired,
    RequestClosed,
)
from state_machines.posts import Role
from tests.builders import (
    BILLION,
    CALENDAR,
    LANXI,
    LONG_AGO,
    add_holder,
    ask_to_sign,
    mails,
    vacate,
)
from use_cases.decide import decide
from use_cases.reassign import reassign
from use_cases.reroute import reroute_requests
from use_cases.withdraw import withdraw

PENDING, MOOT = ApprovalState.PENDING, ApprovalState.MOOT


@pytest.fixture
def request_id(database, clock, staff):
    with database.writing() as session:
        return ask_to_sign(session, staff, now=clock())[1]


@pytest.fixture
def passed(database, clock):
    def run(request_id, from_id, to_id, by, reason="我在外出差"):
        clock.forward(hours=1)
        with database.writing() as session:
            reassign(
                session,
                request_id,
                from_id=from_id,
                to_id=to_id,
                reason=reason,
                by=by,
                now=clock(),
                calendar=CALENDAR,
            )

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


@pytest.mark.parametrize("name", ["unit_leader", "administrator"])
def test_who_is_asked_or_an_administrator_passes_it_to_the_superior_with_the_reason(
    database, staff, request_id, passed, answered, name
):
    by = getattr(staff, name)

    passed(request_id, staff.unit_leader, staff.director, by=by)

    with database.reading() as session:
        assert rows(session) == [
            (staff.unit_leader, AskedBecause.HOLDS, MOOT, NoLongerAsked.REASSIGNED),
            (staff.director, AskedBecause.REASSIGNED, PENDING, None),
        ]
        facts = session.scalars(
            select(Mail.facts).where(
                Mail.kind == "approval_asked", Mail.person_id == staff.director
            )
        ).one()
        assert facts["note"] == "我在外出差"
        entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "reassigned")).one()
        assert (entry.by_id, entry.details["from"], entry.details["to"]) == (
            by,
            staff.unit_leader,
            staff.director,
        )
        assert entry.details["reason"] == "我在外出差"
    with pytest.raises(NotTheApprover):
        answered(request_id, staff.unit_leader)
    assert answered(request_id, staff.director) is RequestState.APPROVED


def test_it_passes_to_another_holder_of_the_same_post(database, clock, staff, passed, answered):
    with database.writing() as session:
        _, request_id = ask_to_sign(session, staff, now=clock())
        colleague = add_holder(session, Role.UNIT_LEADER, LANXI)

    passed(request_id, staff.unit_leader, colleague, by=staff.unit_leader)

    with database.reading() as session:
        assert rows(session)[-1] == (colleague, AskedBecause.REASSIGNED, PENDING, None)
    assert answered(request_id, colleague) is RequestState.APPROVED


def test_a_later_look_at_the_people_does_not_take_it_back(
    database, clock, staff, request_id, passed
):
    passed(request_id, staff.unit_leader, staff.director, by=staff.unit_leader)
    clock.forward(days=1)

    with database.writing() as session:
        reroute_requests(session, now=clock(), calendar=CALENDAR)

    with database.reading() as session:
        assert [row[0] for row in rows(session) if row[2] is PENDING] == [staff.director]


@pytest.mark.parametrize(
    "name", ["officer", "owner", "special_team_lead", "deputy_mayor", "unit_leader"]
)
def test_nobody_is_given_it_who_may_not_answer_or_is_asked_already(
    database, staff, request_id, passed, name
):
    """Requester, owner, a post beside, one too high, and the very same person."""
    with pytest.raises(NotEligible):
        passed(request_id, staff.unit_leader, getattr(staff, name), by=staff.unit_leader)

    with database.reading() as session:
        assert len(rows(session)) == 1


def test_nobody_is_given_it_who_has_answered_in_this_round(
    database, clock, staff, passed, answered
):
    """The director alone agreed for both posts; what the second person is asked stays theirs."""
    with database.writing() as session:
        vacate(session, staff.unit_leader, last_day=LONG_AGO)
        _, request_id = ask_to_sign(session, staff, now=clock(), investment=BILLION)
    answered(request_id, staff.director)

    with pytest.raises(NotEligible):
        passed(request_id, staff.deputy_mayor, staff.director, by=staff.deputy_mayor)


@pytest.mark.parametrize("name", ["officer", "owner", "director"])
def test_nobody_else_passes_it_on(staff, request_id, passed, name):
    with pytest.raises(NotAllowed) as refused:
        passed(request_id, staff.unit_leader, staff.director, by=getattr(staff, name))

    assert refused.value.act == "reassign"


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_it_takes_a_reason(staff, request_id, passed, reason):
    with pytest.raises(ReasonRequired):
        passed(request_id, staff.unit_leader, staff.director, staff.unit_leader, reason)


def test_what_is_not_asked_any_more_cannot_pass(database, staff, request_id, passed):
    with pytest.raises(NotTheApprover):
        passed(request_id, staff.director, staff.deputy_mayor, by=staff.director)
    passed(request_id, staff.unit_leader, staff.director, by=staff.unit_leader)
    with pytest.raises(NotTheApprover):
        passed(request_id, staff.unit_leader, staff.director, by=staff.unit_leader)

    with database.reading() as session:
        assert len(mails(session, "approval_asked")) == 1


def test_what_is_settled_or_frozen_or_not_there_does_not_pass(
    database, clock, staff, request_id, passed
):
    to_director = (staff.unit_leader, staff.director, staff.unit_leader)
    with pytest.raises(NotFound):
        passed(4711, *to_director)
    with pytest.raises(NotFound):
        passed(request_id, staff.unit_leader, 4711, staff.unit_leader)
    with database.writing() as session:
        project_id = session.get_one(ApprovalRequest, request_id).project_id
        session.get_one(Project, project_id).frozen_at = clock()
    with pytest.raises(ProjectFrozen):
        passed(request_id, *to_director)
    with database.writing() as session:
        session.get_one(Project, project_id).frozen_at = None
        withdraw(session, request_id, by=staff.officer, now=clock())
    with pytest.raises(RequestClosed):
        passed(request_id, *to_director)
