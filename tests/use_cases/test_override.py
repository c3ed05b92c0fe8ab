"""Moves against the gate: a reason, a second person, and a mark that stays for ever."""

import pytest
from sqlalchemy import select

from db.models import ApprovalRequest, Evidence, Project, StageChange
from state_machines.approvals import Answer, RequestState
from state_machines.errors import ReasonRequired
from state_machines.facts import EvidenceKind
from state_machines.stages import Move, Stage
from tests.builders import CALENDAR, add_project, add_ready_project, mails
from use_cases.advance import Requested, advance
from use_cases.decide import decide
from use_cases.edit_project import edit_project


def test_an_override_needs_a_reason_and_a_second_person_even_where_nobody_else_is_asked(
    database, clock, staff
):
    def override(reason):
        with database.writing() as session:
            return advance(
                session, project.id, Move.OPEN_NEGOTIATION, by=staff.officer, now=clock(),
                calendar=CALENDAR, override=True, reason=reason,
            )  # fmt: skip

    with database.writing() as session:
        project = add_project(session, now=clock(), owner_id=staff.owner, industry="纺织")

    with pytest.raises(ReasonRequired):
        override(None)
    done = override("市领导现场办公确定")

    assert isinstance(done, Requested)
    with database.reading() as session:
        request = session.get_one(ApprovalRequest, done.request_id)
        assert request.waived == ["investor_contact", "investment"]
        assert [each.person_id for each in request.approvals] == [staff.director]


def test_an_override_without_need_is_an_ordinary_move(database, clock, staff):
    with database.writing() as session:
        project = add_ready_project(session, staff, Stage.NEGOTIATION, now=clock(), to=Stage.SIGNED)
        done = advance(
            session, project.id, Move.SIGN, by=staff.officer, now=clock(), calendar=CALENDAR,
            override=True,
        )  # fmt: skip

    with database.reading() as session:
        request = session.get_one(ApprovalRequest, done.request_id)
        assert request.waived is None
        assert [each.person_id for each in request.approvals] == [staff.unit_leader]


@pytest.fixture
def overriding(database, clock, staff):
    """A request to sign without its contract file, agreed by the unit's leader."""
    with database.writing() as session:
        project = add_ready_project(
            session, staff, Stage.NEGOTIATION, now=clock(), to=Stage.SIGNED, evidence=()
        )
        done = advance(
            session, project.id, Move.SIGN, by=staff.officer, now=clock(), calendar=CALENDAR,
            override=True, reason="原件在途",
        )  # fmt: skip
        decide(
            session, done.request_id, Answer.APPROVE, by=staff.unit_leader, now=clock(),
            calendar=CALENDAR,
        )  # fmt: skip
    return project.id, done.request_id


def approve(database, clock, request_id, by):
    with database.writing() as session:
        return decide(session, request_id, Answer.APPROVE, by=by, now=clock(), calendar=CALENDAR)


def test_what_was_waived_stays_visible_in_the_history(database, clock, staff, overriding):
    project_id, request_id = overriding

    state = approve(database, clock, request_id, staff.director)

    assert state is RequestState.APPROVED
    with database.reading() as session:
        change = session.scalars(select(StageChange).where(StageChange.seq == 2)).one()
        assert (change.waived, change.reason) == (["contract_file"], "原件在途")
        assert change.request_id == request_id
        assert session.get_one(Project, project_id).stage is Stage.SIGNED


def test_at_decision_time_all_that_was_not_waived_must_hold(database, clock, staff, overriding):
    project_id, request_id = overriding
    with database.writing() as session:
        edit_project(
            session, project_id, {"planned_start": None}, edition=None, by=staff.owner,
            now=clock(), calendar=CALENDAR,
        )  # fmt: skip

    state = approve(database, clock, request_id, staff.director)

    assert state is RequestState.SENT_BACK
    with database.reading() as session:
        request = session.get_one(ApprovalRequest, request_id)
        assert request.missing == ["planned_start"]
        assert request.settled_by_id is None
        assert session.get_one(Project, project_id).stage is Stage.NEGOTIATION


def test_what_was_waived_may_arrive_in_the_meantime(database, clock, staff, overriding):
    project_id, request_id = overriding
    with database.writing() as session:
        session.add(
            Evidence(
                project_id=project_id, kind=EvidenceKind.CONTRACT, title="合同", reference="档案室",
                added_by_id=staff.owner, added_at=clock(),
            )
        )  # fmt: skip

    assert approve(database, clock, request_id, staff.director) is RequestState.APPROVED
    with database.reading() as session:
        assert ("stage_changed", staff.owner) in mails(session)
