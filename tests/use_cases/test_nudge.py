"""Nudging: whoever waits for an answer may ask for it once a working day."""

import pytest
from sqlalchemy import select

from db.models import AuditEntry, Mail, Person, Project
from state_machines.approvals import Answer
from state_machines.errors import NotAllowed, NotFound, NudgedToday, ProjectFrozen, RequestClosed
from tests.builders import BILLION, CALENDAR, ask_to_sign, mails
from use_cases.decide import decide
from use_cases.nudge import nudge
from use_cases.withdraw import withdraw


@pytest.fixture
def asked(database, clock, staff):
    """A project, and the request to sign it, which asks two posts at once."""
    with database.writing() as session:
        return ask_to_sign(session, staff, now=clock(), investment=5 * BILLION)


@pytest.fixture
def nudged(database, clock):
    def run(request_id, by):
        with database.writing() as session:
            nudge(session, request_id, by=by, now=clock(), calendar=CALENDAR)

    return run


@pytest.mark.parametrize("name", ["officer", "owner"])
def test_the_requester_and_the_owner_nudge_everybody_who_is_still_asked(
    database, clock, staff, asked, nudged, name
):
    _, request_id = asked
    with database.writing() as session:
        how = {"by": staff.special_team_lead, "now": clock(), "calendar": CALENDAR}
        decide(session, request_id, Answer.APPROVE, **how)

    nudged(request_id, getattr(staff, name))

    with database.reading() as session:
        assert mails(session, "approval_reminder") == [
            ("approval_reminder", staff.promotion_center_head)
        ]
        facts = session.scalars(select(Mail.facts).where(Mail.kind == "approval_reminder")).one()
        assert facts["nudged_by"] == session.get_one(Person, getattr(staff, name)).name
        last = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
        assert (last.act, last.by_id) == ("nudged", getattr(staff, name))


def test_once_a_working_day_whoever_nudges(database, clock, staff, asked, nudged):
    """2 March 2026 is a Monday; a weekend is one working day with the Monday after it."""
    _, request_id = asked
    allowed = []
    for days, name in ((0, "officer"), (0, "owner"), (1, "owner"), (4, "officer"), (0, "owner")):
        clock.forward(days=days)
        try:
            nudged(request_id, getattr(staff, name))
            allowed.append(clock().day)
        except NudgedToday:
            pass
    clock.forward(days=1)  # Sunday the 8th
    with pytest.raises(NudgedToday):
        nudged(request_id, staff.owner)
    clock.forward(days=1)
    with pytest.raises(NudgedToday):
        nudged(request_id, staff.owner)
    clock.forward(days=1)
    nudged(request_id, staff.owner)

    assert allowed == [2, 3, 7]
    with database.reading() as session:
        assert len(mails(session, "approval_reminder")) == 4 * 2


@pytest.mark.parametrize("name", ["special_team_lead", "director", "administrator"])
def test_nobody_else_nudges(staff, asked, nudged, name):
    with pytest.raises(NotAllowed) as refused:
        nudged(asked[1], getattr(staff, name))

    assert refused.value.act == "nudge"


def test_what_is_settled_or_frozen_or_not_there_is_not_nudged(
    database, clock, staff, asked, nudged
):
    project_id, request_id = asked
    with pytest.raises(NotFound):
        nudged(4711, staff.officer)
    with database.writing() as session:
        session.get_one(Project, project_id).frozen_at = clock()
    with pytest.raises(ProjectFrozen):
        nudged(request_id, staff.officer)
    with database.writing() as session:
        session.get_one(Project, project_id).frozen_at = None
        withdraw(session, request_id, by=staff.officer, now=clock())
    with pytest.raises(RequestClosed):
        nudged(request_id, staff.officer)

    with database.reading() as session:
        assert mails(session, "approval_reminder") == []
