"""People change while others answer: nobody waits for ever, and it stays clear who answers."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from db.models import Approval, ApprovalRequest, Delegation, Project
from state_machines.approvals import Answer, ApprovalState, RequestState
from state_machines.errors import NotTheApprover, Refusal, ValueRefused
from state_machines.posts import Role
from state_machines.stages import Stage
from state_machines.working_days import local_day
from tests.builders import CALENDAR, LANXI, add_holder, add_project, ask_to_sign
from use_cases.decide import decide
from use_cases.people.delegate import delegate
from use_cases.people.leave import leave


@pytest.fixture
def at_once(database):
    """Let acts run at the same moment, each in a transaction of its own."""

    def run(*acts):
        together = Barrier(len(acts))

        def one(act):
            together.wait(timeout=30)
            try:
                with database.writing() as session:
                    return act(session)
            except Refusal as refusal:
                return refusal

        with ThreadPoolExecutor(len(acts)) as pool:
            return [*pool.map(one, acts, timeout=60)]

    return run


def test_of_two_delegations_that_are_a_circle_together_one_stands(database, clock, staff, at_once):
    today = local_day(clock())

    def stands_in(holder, other):
        return lambda session: delegate(
            session,
            *(holder, other),
            from_day=today,
            to_day=today + timedelta(days=5),
            by=None,
            now=clock(),
            calendar=CALENDAR,
        )

    done = at_once(
        stands_in(staff.unit_leader, staff.director), stands_in(staff.director, staff.unit_leader)
    )

    assert sorted(type(each).__name__ for each in done) == [ValueRefused.__name__, "int"]
    with database.reading() as session:
        assert len(session.scalars(select(Delegation)).all()) == 1


def test_who_answers_while_they_leave_has_answered_or_was_never_asked(
    database, clock, staff, at_once
):
    with database.writing() as session:
        project_id, request_id = ask_to_sign(session, staff, now=clock())
    clock.forward(hours=1)
    now = {"now": clock(), "calendar": CALENDAR}

    answered, _ = at_once(
        lambda session: decide(session, request_id, Answer.APPROVE, by=staff.unit_leader, **now),
        lambda session: leave(session, staff.unit_leader, by=None, **now),
    )

    with database.reading() as session:
        stage = session.get_one(Project, project_id).stage
        pending = select(Approval.person_id).where(Approval.state == ApprovalState.PENDING)
        asked = session.scalars(pending).all()
        if answered is RequestState.APPROVED:
            assert (stage, asked) == (Stage.SIGNED, [])
        else:
            assert isinstance(answered, NotTheApprover)
            assert (stage, asked) == (Stage.NEGOTIATION, [staff.director])


def test_two_who_leave_at_once_leave_nothing_to_one_another(database, clock, staff, at_once):
    """Each owns projects, and each is asked about requests, so that their locks would cross."""
    with database.writing() as session:
        second = add_holder(session, Role.UNIT_LEADER, LANXI)
        add_holder(session, Role.INTAKE, LANXI)
        for n in range(6):
            ask_to_sign(session, staff, now=clock())
            add_project(session, now=clock(), owner_id=(second, staff.unit_leader)[n % 2])
    clock.forward(hours=1)
    now = {"now": clock(), "calendar": CALENDAR}

    done = at_once(
        lambda session: leave(session, second, by=staff.administrator, **now),
        lambda session: leave(session, staff.unit_leader, by=staff.administrator, **now),
    )

    assert done == [None, None]
    with database.reading() as session:
        pending = select(Approval.person_id).where(Approval.state == ApprovalState.PENDING)
        assert set(session.scalars(pending)) == {staff.director}
        gone = Project.owner_id.in_([second, staff.unit_leader])
        assert session.scalars(select(Project.id).where(gone)).all() == []
        states = session.scalars(select(ApprovalRequest.state))
        assert set(states) == {RequestState.PENDING}
