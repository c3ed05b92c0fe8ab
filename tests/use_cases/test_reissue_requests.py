"""Reissuing: pending requests go over to the policy in force, and nobody is asked by surprise."""

from datetime import date

import pytest
from sqlalchemy import select

from db.models import ApprovalRequest, AuditEntry
from db.queries.policies import policy_in_force
from state_machines.approvals import Answer, ApprovalState, RequestState
from state_machines.errors import (
    GateNotMet,
    NobodyToAsk,
    NotAllowed,
    ProjectFrozen,
    RequestClosed,
)
from tests.builders import BILLION, CALENDAR, adopt_instead, ask_to_sign, mails, vacate
from use_cases.decide import decide
from use_cases.disown import disown
from use_cases.reissue_requests import reissuable, reissue_request
from use_cases.withdraw import withdraw

UNDER_1BN = 'under_1bn = ["unit_leader"]'
DIRECTOR_BESIDES = 'under_1bn = ["general_headquarters_director", "unit_leader"]'


@pytest.fixture
def asked(database, staff, clock):
    """A request to sign that waits for the unit's leader, under the first version."""
    with database.writing() as session:
        return ask_to_sign(session, staff, now=clock())[1]


@pytest.fixture
def adopted(database, staff, clock):
    """Put the shipped policy in force with one rule of its text replaced."""

    def run(rule, other):
        with database.writing() as session:
            adopt_instead(session, rule, other, now=clock())

    return run


@pytest.fixture
def preview(database, clock):
    def run():
        with database.reading() as session:
            return reissuable(session, now=clock())

    return run


@pytest.fixture
def reissue(database, staff, clock):
    """Reissue a request as the administrator; returns the id of the new round."""

    def run(request_id, by=None):
        with database.writing() as session:
            again = reissue_request(
                session,
                request_id,
                by=by or staff.administrator,
                now=clock(),
                calendar=CALENDAR,
            )
            return again.id if again else None

    return run


def request(database, request_id):
    with database.reading() as session:
        found = session.get_one(ApprovalRequest, request_id)
        pending = [e.person_id for e in found.approvals if e.state is ApprovalState.PENDING]
        return found, pending


def test_the_same_is_asked_again_under_the_policy_in_force(
    database, staff, clock, asked, adopted, reissue
):
    adopted(UNDER_1BN, DIRECTOR_BESIDES)

    again = reissue(asked)

    old, _ = request(database, asked)
    new, waiting = request(database, again)
    with database.reading() as session:
        version = policy_in_force(session).version_id
    assert (old.state, old.settled_by_id) == (RequestState.SUPERSEDED, staff.administrator)
    assert (new.state, new.previous_id, new.policy_version_id) == (
        RequestState.PENDING,
        asked,
        version,
    )
    assert (new.requested_by_id, new.subject, new.reason) == (staff.officer, old.subject, None)
    assert [step.asks for step in new.steps] == [
        ("general_headquarters_director",),
        ("unit_leader",),
    ]
    assert waiting == [staff.director]


def test_whoever_was_asked_is_told_and_whoever_is_asked_gets_a_mail(
    database, staff, asked, adopted, reissue
):
    adopted(UNDER_1BN, DIRECTOR_BESIDES)

    reissue(asked)

    with database.reading() as session:
        owed = mails(session)
    assert ("approval_asked", staff.unit_leader) not in owed
    assert ("approval_asked", staff.director) in owed
    assert ("request_settled", staff.officer) in owed


def test_the_trail_says_who_reissued_what_as_what(database, staff, clock, asked, adopted, reissue):
    before, _ = request(database, asked)
    adopted(UNDER_1BN, DIRECTOR_BESIDES)

    again = reissue(asked)

    after, _ = request(database, again)
    with database.reading() as session:
        [act] = session.scalars(select(AuditEntry).where(AuditEntry.act == "reissued"))
    assert (act.by_id, act.at) == (staff.administrator, clock())
    assert act.details == {
        "request": asked,
        "again": again,
        "version": [before.policy_version_id, after.policy_version_id],
    }


def test_answers_given_before_do_not_count(database, staff, clock, adopted, reissue):
    with database.writing() as session:
        _, request_id = ask_to_sign(session, staff, now=clock(), investment=2 * BILLION)
        decide(
            session,
            request_id,
            Answer.APPROVE,
            by=staff.unit_leader,
            now=clock(),
            calendar=CALENDAR,
        )
    adopted("silence = 20", "silence = 25")

    _, waiting = request(database, reissue(request_id))

    assert waiting == [staff.unit_leader]


def test_the_preview_says_who_is_asked_and_who_would_be_and_changes_nothing(
    database, staff, asked, adopted, preview
):
    adopted(UNDER_1BN, DIRECTOR_BESIDES)

    [found] = preview()

    assert (found.request.id, found.stays, found.refusal) == (asked, False, None)
    assert (found.asked, found.would_be_asked) == ((staff.unit_leader,), (staff.director,))
    assert [step.asks for step in found.steps] == [
        ("general_headquarters_director",),
        ("unit_leader",),
    ]
    assert request(database, asked)[0].state is RequestState.PENDING


def test_a_request_of_the_version_in_force_is_left_alone(database, asked, preview, reissue):
    assert preview() == []
    assert reissue(asked) is None
    assert request(database, asked)[0].state is RequestState.PENDING


def test_a_repeated_run_changes_nothing(database, asked, adopted, preview, reissue):
    adopted(UNDER_1BN, DIRECTOR_BESIDES)
    again = reissue(asked)

    assert preview() == []
    assert reissue(again) is None
    with pytest.raises(RequestClosed):
        reissue(asked)


def stays(database, request_id, preview, reissue):
    """Check that a request stays as it is, and return why."""
    before, waiting = request(database, request_id)
    [found] = preview()
    assert found.stays
    assert reissue(request_id) is None
    after, still_waiting = request(database, request_id)
    assert after.state is before.state is RequestState.PENDING
    assert after.policy_version_id == before.policy_version_id
    assert still_waiting == waiting != []
    return found


def test_what_nobody_has_to_agree_to_any_more_stays_as_it_is(
    database, asked, adopted, preview, reissue
):
    adopted(UNDER_1BN, "under_1bn = []")

    found = stays(database, asked, preview, reissue)

    assert (found.refusal, found.steps, found.would_be_asked) == (None, (), ())


def test_what_nobody_could_answer_stays_as_it_is(database, staff, asked, adopted, preview, reissue):
    adopted(UNDER_1BN, 'under_1bn = ["special_team_lead"]')
    with database.writing() as session:
        for person in (staff.special_team_lead, staff.director, staff.deputy_mayor):
            vacate(session, person, last_day=date(2026, 3, 1))

    found = stays(database, asked, preview, reissue)

    assert isinstance(found.refusal, NobodyToAsk)
    assert found.refusal.role == "special_team_lead"
    assert found.would_be_asked == ()


def test_what_the_new_standards_would_not_let_pass_stays_as_it_is(
    database, asked, adopted, preview, reissue
):
    adopted('"planned_start", "needs_factory"]', '"planned_start", "needs_factory", "site"]')

    found = stays(database, asked, preview, reissue)

    assert isinstance(found.refusal, GateNotMet)
    assert found.refusal.missing == ("site",)


def test_a_frozen_project_keeps_its_request(database, staff, clock, adopted, preview, reissue):
    how = {"now": clock(), "calendar": CALENDAR}
    with database.writing() as session:
        _, request_id = ask_to_sign(session, staff, now=clock(), investment=5 * BILLION)
        decide(session, request_id, Answer.APPROVE, by=staff.special_team_lead, **how)
        disown(session, request_id, staff.special_team_lead, **how)
    adopted("silence = 20", "silence = 25")

    found = stays(database, request_id, preview, reissue)

    assert isinstance(found.refusal, ProjectFrozen)


def test_a_request_that_was_settled_meanwhile_is_refused(
    database, staff, clock, asked, adopted, reissue
):
    adopted(UNDER_1BN, DIRECTOR_BESIDES)
    with database.writing() as session:
        withdraw(session, asked, by=staff.officer, now=clock())

    with pytest.raises(RequestClosed):
        reissue(asked)


@pytest.mark.parametrize("who", ["officer", "owner", "unit_leader", "director"])
def test_only_an_administrator_reissues(database, staff, asked, adopted, reissue, who):
    adopted(UNDER_1BN, DIRECTOR_BESIDES)

    with pytest.raises(NotAllowed) as refusal:
        reissue(asked, by=getattr(staff, who))

    assert refusal.value.act == "reissue_requests"
    assert request(database, asked)[0].state is RequestState.PENDING
