"""Moving back, losing, reviving, annulling: what is resumed, what follows, what closes."""

from datetime import date

import pytest
from sqlalchemy import select

from db.models import ApprovalRequest, Evidence, Order, OrderEnd, Project, StageVisit
from db.queries.projects import open_visit
from state_machines.approvals import Answer
from state_machines.errors import GateNotMet
from state_machines.stages import Move, Stage
from tests.builders import CALENDAR, add_project, add_ready_project
from use_cases.advance import Advanced, advance
from use_cases.decide import decide

TODAY = date(2026, 3, 2)


@pytest.fixture
def move(database, clock, staff):
    """Ask for a move and let everybody agree."""

    def moving(project_id, step):
        with database.writing() as session:
            done = advance(
                session, project_id, step, by=staff.officer, now=clock(), calendar=CALENDAR,
                reason="会议决定",
            )  # fmt: skip
            if isinstance(done, Advanced):
                return
            for each in session.get_one(ApprovalRequest, done.request_id).approvals:
                decide(
                    session, done.request_id, Answer.APPROVE, by=each.person_id, now=clock(),
                    calendar=CALENDAR,
                )  # fmt: skip

    return moving


def work(clock, working_days):
    """Turn the clock on by working days."""
    today = clock().date()
    clock.forward(days=(CALENDAR.add(today, working_days) - today).days)


def visit_of(database, project_id):
    with database.reading() as session:
        return open_visit(session, project_id)


def test_a_first_entry_starts_a_fresh_budget(database, clock, staff, move):
    with database.writing() as session:
        project = add_ready_project(session, staff, Stage.NEGOTIATION, now=clock(), to=Stage.SIGNED)
    work(clock, 5)

    move(project.id, Move.SIGN)

    visit = visit_of(database, project.id)
    assert (visit.stage_origin, visit.stage_used) == (CALENDAR.add(TODAY, 5), 0)
    assert (visit.silence_used, visit.silence_episode, visit.root_id) == (0, 1, None)


def test_coming_back_resumes_the_days_already_used_and_the_clocks_of_the_last_visit(
    database, clock, staff, move
):
    with database.writing() as session:
        project = add_ready_project(session, staff, Stage.NEGOTIATION, now=clock(), to=Stage.SIGNED)
    first = visit_of(database, project.id)
    work(clock, 7)
    move(project.id, Move.SIGN)
    work(clock, 11)

    move(project.id, Move.STEP_BACK)

    visit = visit_of(database, project.id)
    assert (visit.stage, visit.stage_used, visit.silence_used) == (Stage.NEGOTIATION, 7, 7)
    assert visit.stage_origin == CALENDAR.add(TODAY, 18)
    assert visit.root_id == first.id
    with database.reading() as session:
        # 20 days of silence, 7 of them used
        due = session.get_one(Project, project.id).next_rung_at
        assert due == CALENDAR.opening(CALENDAR.add(TODAY, 18 + 13))


def test_going_to_and_fro_never_resets_a_clock(database, clock, staff, move):
    with database.writing() as session:
        project = add_ready_project(session, staff, Stage.NEGOTIATION, now=clock(), to=Stage.SIGNED)
    for _ in range(3):
        work(clock, 2)
        move(project.id, Move.SIGN)
        work(clock, 1)
        move(project.id, Move.STEP_BACK)

    visit = visit_of(database, project.id)

    assert visit.stage_used == 6
    with database.reading() as session:
        roots = {
            each.clock_id
            for each in session.scalars(
                select(StageVisit).where(StageVisit.stage == Stage.NEGOTIATION)
            )
        }
        assert len(roots) == 1


@pytest.mark.parametrize("stage", [Stage.NEGOTIATION, Stage.SIGNED, Stage.FACTORY_LEASED])
def test_reviving_leads_back_to_where_it_was_lost_and_time_there_goes_on(
    database, clock, staff, move, stage
):
    with database.writing() as session:
        project = add_ready_project(session, staff, stage, now=clock(), to=Stage.STARTED)
        for kind in ("contract", "lease_contract"):
            session.add(_paper(project.id, kind, staff, clock))
    work(clock, 4)
    move(project.id, Move.LOSE)
    with database.reading() as session:
        lost = session.get_one(Project, project.id)
        assert (lost.stage, lost.next_rung_at, lost.yellow_at) == (Stage.LOST, None, None)
    work(clock, 50)

    move(project.id, Move.REVIVE)

    visit = visit_of(database, project.id)
    assert (visit.stage, visit.stage_used) == (stage, 4)


def _paper(project_id, kind, staff, clock):
    return Evidence(
        project_id=project_id, kind=kind, title="合同", reference="档案室",
        added_by_id=staff.owner, added_at=clock(),
    )  # fmt: skip


def test_reviving_checks_the_gate_of_the_stage(database, clock, staff, move):
    with database.writing() as session:
        project = add_project(
            session, now=clock(), stage=Stage.NEGOTIATION, owner_id=staff.owner, investment=5
        )
    move(project.id, Move.LOSE)

    with pytest.raises(GateNotMet) as refused:
        move(project.id, Move.REVIVE)

    assert refused.value.stage is Stage.NEGOTIATION
    assert refused.value.missing == ("investor_contact", "industry")


@pytest.mark.parametrize("factory", [True, False])
def test_annulling_a_start_leads_back_to_the_stage_before(database, clock, staff, move, factory):
    stage = Stage.FACTORY_LEASED if factory else Stage.SIGNED
    with database.writing() as session:
        project = add_ready_project(
            session, staff, stage, now=clock(), to=Stage.STARTED, needs_factory=factory
        )
    work(clock, 3)
    move(project.id, Move.START)
    assert visit_of(database, project.id).stage is Stage.STARTED

    move(project.id, Move.ANNUL_START)

    visit = visit_of(database, project.id)
    assert (visit.stage, visit.stage_used) == (stage, 3)


@pytest.fixture
def ordered(database, clock, staff):
    """A project in negotiation under an open order."""
    with database.writing() as session:
        project = add_ready_project(session, staff, Stage.NEGOTIATION, now=clock(), to=Stage.SIGNED)
        session.add(
            Order(
                project_id=project.id, visit_id=open_visit(session, project.id).id, rung="owner",
                opened_at=clock(),
            )
        )  # fmt: skip
    yield project.id
    with database.writing() as session:  # an order of a test's own has no firings
        for order in session.scalars(select(Order)):
            session.delete(order)


def order_of(database):
    with database.reading() as session:
        return session.scalars(select(Order)).one()


@pytest.mark.parametrize(
    ("step", "end"), [(Move.SIGN, OrderEnd.MOVED_ON), (Move.LOSE, OrderEnd.LOST)]
)
def test_moving_on_and_losing_close_the_order(database, clock, ordered, move, step, end):
    clock.forward(days=1)

    move(ordered, step)

    order = order_of(database)
    assert (order.closed_at, order.closed_because) == (clock(), end)


def test_stepping_back_shakes_off_no_order(database, ordered, move):
    move(ordered, Move.STEP_BACK)

    order = order_of(database)
    assert order.closed_at is None
    assert order.visit_id == visit_of(database, ordered).id
    assert order.deadline_on == CALENDAR.add(TODAY, 10 + 5)  # the lead's days, then the unit's
