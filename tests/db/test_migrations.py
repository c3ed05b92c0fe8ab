"""A database in use goes on after an upgrade: nothing is lost, and what waits can be finished."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from db.migrations import check, upgrade
from db.models import ApprovalRequest, LinkPurpose, Mail, Project, StageChange
from db.session import Database
from notifications import links
from notifications.letters import Writer
from notifications.outbox import claim
from notifications.writing import write_letters
from runtime.calendar import city_calendar
from state_machines.approvals import (
    Answer,
    ApprovalState,
    AskedBecause,
    NoLongerAsked,
    RequestState,
    Subject,
    Through,
)
from state_machines.posts import Role
from state_machines.stages import Stage
from state_machines.steps import Quorum, Step
from tests.db import filled_before_steps as before
from tests.reference.trail import broken
from use_cases.chase_request import chase_request
from use_cases.decide import decide
from use_cases.seeding.seed import seed

CALENDAR = city_calendar()


@pytest.fixture
def in_use(empty_database_url):
    """A filled database of the version before, not upgraded yet."""
    database = Database(empty_database_url)
    upgrade(database, before.REVISION)
    before.fill(database)
    yield database
    database.close()


@pytest.fixture
def upgraded(in_use):
    upgrade(in_use)
    return in_use


def request(session, request_id):
    return session.get_one(ApprovalRequest, request_id)


def test_every_row_is_kept_as_it_was(in_use):
    expected = before.everything(in_use)
    upgrade(in_use)
    found = before.everything(in_use)

    del expected["alembic_version"]
    waiting = [mail["facts"] for mail in expected["mails"][:2]]
    for asked in (*expected["approval_requests"], *waiting):
        asked["subject"] = asked.pop("move")  # what may be asked is more than moves now
    for table, rows in expected.items():
        pairs = zip(rows, found[table], strict=True)
        assert [{name: now[name] for name in then} for then, now in pairs] == rows


def test_the_upgraded_database_is_what_the_models_say(upgraded):
    check(upgraded)


def test_each_request_has_one_step_that_asks_all_its_posts(upgraded):
    both = Step(
        asks=(Role.UNIT_LEADER, Role.GENERAL_HEADQUARTERS_DIRECTOR), needs=Quorum.ALL, veto=True
    )
    with upgraded.reading() as session:
        pending, settled = (request(session, each) for each in (before.PENDING, before.SETTLED))

        assert (pending.subject, settled.subject) == (Subject.SIGN, Subject.LOSE)
        assert pending.steps == settled.steps == (both,)
        assert (pending.step, pending.persons, pending.previous) == (0, 1, None)
        assert [each.person_id for each in pending.current] == [before.LEADER, before.DIRECTOR]
        [_, moot] = settled.approvals
        assert (moot.because, moot.no_longer) == (AskedBecause.STANDS_IN, NoLongerAsked.SETTLED)
        assert (pending.next_chase_at is None, settled.next_chase_at) == (False, None)
        assert settled.answer_by is None


def test_the_link_that_somebody_holds_still_works(upgraded):
    with upgraded.reading() as session:
        link = links.read(session, before.TOKEN, LinkPurpose.APPROVAL, now=datetime.now(UTC))

    assert (link.request_id, link.person_id) == (before.PENDING, before.DIRECTOR)


def test_the_mails_that_waited_leave_in_words(upgraded):
    now = datetime.now(UTC)
    with upgraded.writing() as session:
        claimed = claim(session, now=now, limit=10)
    with upgraded.writing() as session:
        writer = Writer.of(session, base_url="http://luodi.example", calendar=CALENDAR)
        written = write_letters(session, claimed, writer, keep=False, now=now)

    assert [mail.kind for mail, _ in written.letters] == [
        "approval_asked",
        "request_settled",
        "stage_changed",
    ]
    assert (written.failed, written.cancelled) == ((), 0)


def test_a_request_that_waited_is_chased_and_decided_to_its_end(upgraded):
    now = datetime.now(UTC)
    with upgraded.writing() as session:
        seed(session, now=now)
        chase_request(session, before.PENDING, now=now, calendar=CALENDAR)
    with upgraded.reading() as session:
        waiting = request(session, before.PENDING)
        assert waiting.answer_by > now.date()
        assert [each.state for each in waiting.current] == [
            ApprovalState.APPROVED,
            ApprovalState.PENDING,
        ]

    with upgraded.writing() as session:
        stands = decide(
            session,
            before.PENDING,
            Answer.APPROVE,
            by=before.DIRECTOR,
            now=now,
            calendar=CALENDAR,
            through=Through.LINK,
        )

    assert stands is RequestState.APPROVED
    with upgraded.reading() as session:
        assert session.get_one(Project, before.PROJECT).stage is Stage.SIGNED
        moved = select(StageChange.request_id).where(StageChange.project_id == before.PROJECT)
        assert session.scalars(moved.order_by(StageChange.seq)).all() == [None, before.PENDING]
        receipts = select(Mail.person_id).where(Mail.kind == "receipt")
        assert session.scalars(receipts).all() == [before.DIRECTOR]
        assert broken(session) == []
