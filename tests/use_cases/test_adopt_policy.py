"""Adopting a policy: every clock goes by it, in one run that anybody can read up later."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import func, select

from db.models import (
    ApprovalRequest,
    AuditEntry,
    FiringKind,
    Order,
    PolicyVersion,
    Project,
    RungFiring,
)
from db.queries.policies import policy_in_force
from db.queries.roster import roster_on
from notifications.senders.mailbox import LocalMailbox
from runs.sweep import sweep
from runtime.opening import Runtime
from runtime.settings import read_settings
from state_machines.approvals import Answer
from state_machines.errors import NotAllowed, PolicyInvalid
from state_machines.ladder import RungKey
from state_machines.policy import Policy
from state_machines.stages import Stage
from state_machines.working_days import local_day
from tests.builders import CALENDAR, MILLION, add_project, add_projects, ask_to_sign
from tests.databases import on_postgresql
from tests.statements import Counted
from use_cases.adopt_policy import adopt_policy, is_in_force, preview_adoption
from use_cases.decide import decide
from use_cases.disown import disown
from use_cases.edit_project import edit_project
from use_cases.escalate import escalate_due
from use_cases.plan_escalation import Ground
from use_cases.seeding.seed import DEFAULT_POLICY

SHIPPED = DEFAULT_POLICY.read_text("utf-8")
TODAY = date(2026, 3, 2)
SECOND_WORKING_DAY = date(2026, 3, 4)


def draft(**days: int) -> str:
    """The shipped policy with other budgets: `draft(lead=5)`."""
    text = SHIPPED
    for name, budget in days.items():
        [line] = [each for each in SHIPPED.splitlines() if each.startswith(f"{name} = ")]
        text = text.replace(f"\n{line}\n", f"\n{name} = {budget}\n")
    return text


def parsed(source):
    return Policy.parse(source, file="draft.toml")


@pytest.fixture
def adopt(database, staff, clock):
    """Adopt a policy as the administrator, at the clock's time."""

    def run(source, **more):
        with database.writing() as session:
            how = {"file": "draft.toml", "by": staff.administrator, "now": clock()} | more
            return adopt_policy(session, source, calendar=CALENDAR, **how)

    return run


@pytest.fixture
def preview(database, staff, clock):
    def run(source):
        with database.reading() as session:
            return preview_adoption(session, parsed(source), now=clock(), calendar=CALENDAR)

    return run


@pytest.fixture
def run(database, clock, staff, tmp_path):
    """Sweep at nine on a day; returns the orders by project number."""
    runtime = Runtime(
        read_settings(data_folder=tmp_path), database, CALENDAR, LocalMailbox(), now=clock
    )

    def running(day):
        clock.time = max(clock.time, CALENDAR.opening(day))
        report = sweep(runtime, as_of=CALENDAR.opening(day))
        assert report.parked == 0
        return {line.project: line.rung for line in report.orders}

    return running


@pytest.fixture
def lead(database, clock, staff):
    """A lead that began today: ten working days, so its owner is due on 16 March."""
    return added(database, clock, staff)


def added(database, clock, staff, **detail):
    with database.writing() as session:
        return add_project(session, now=clock(), owner_id=staff.owner, **detail).id


def stored(database, project_id):
    with database.reading() as session:
        return session.get_one(Project, project_id)


def due(database, project_id):
    instant = stored(database, project_id).next_rung_at
    return local_day(instant) if instant else None


def acts(database, project_id):
    with database.reading() as session:
        return session.scalars(
            select(AuditEntry)
            .where(AuditEntry.project_id == project_id, AuditEntry.act == "policy_adopted")
            .order_by(AuditEntry.seq)
        ).all()


def test_the_new_version_is_in_force_and_says_who_adopted_it_and_what_it_did(
    database, adopt, staff, clock, lead
):
    adopted = adopt(draft(lead=5))

    with database.reading() as session:
        version = session.get_one(PolicyVersion, adopted.version_id)
        assert policy_in_force(session).version_id == adopted.version_id
        assert policy_in_force(session).policy == parsed(draft(lead=5))
    assert (version.adopted_by_id, version.adopted_at) == (staff.administrator, clock())
    assert version.effects == {
        "projects": 1, "changed": 1, "earlier": 1, "later": 0, "appeared": 0, "vanished": 0,
        "held_back": 0, "not_before": "2026-03-04",
    }  # fmt: skip


def test_clocks_go_by_the_new_budgets_and_the_trail_says_so(database, adopt, lead, staff, clock):
    before = stored(database, lead)

    adopted = adopt(draft(lead=5))

    after = stored(database, lead)
    assert due(database, lead) == CALENDAR.add(TODAY, 5)
    assert local_day(after.yellow_at) == CALENDAR.add(TODAY, 5)
    assert local_day(after.red_at) == CALENDAR.add(TODAY, 5 + 5 + 10)
    [act] = acts(database, lead)
    assert (act.by_id, act.at) == (staff.administrator, clock())
    assert act.details["version"] == adopted.version_id
    assert act.details["changed"].keys() == {"next_rung_at", "yellow_at", "red_at"}
    assert act.details["changed"]["next_rung_at"] == [
        before.next_rung_at.isoformat(),
        after.next_rung_at.isoformat(),
    ]


def test_a_preview_says_the_same_as_the_run_and_changes_nothing(
    database, adopt, preview, clock, staff
):
    for stage in (Stage.LEAD, Stage.NEGOTIATION, Stage.SIGNED, Stage.STARTED):
        added(database, clock, staff, stage=stage)
    source = draft(lead=1, negotiation=30, signed=70)
    with database.reading() as session:
        before = {each.id: each.next_rung_at for each in session.scalars(select(Project))}

    previewed = preview(source)

    with database.reading() as session:
        assert {each.id: each.next_rung_at for each in session.scalars(select(Project))} == before
        assert session.scalars(select(func.count(PolicyVersion.id))).one() == 1
    assert previewed == adopt(source).effects
    assert (previewed.projects, previewed.held_back) == (4, 1)


@pytest.mark.parametrize(
    ("days", "earlier", "later"),
    [({"lead": 5}, 1, 0), ({"lead": 15}, 0, 1), ({"lead": 15, "silence": 5}, 1, 0)],
)
def test_the_effects_count_what_moves_earlier_and_what_later(adopt, lead, days, earlier, later):
    effects = adopt(draft(**days)).effects

    assert (effects.changed, effects.earlier, effects.later) == (1, earlier, later)


def test_a_rung_that_the_new_ladder_does_not_have_vanishes(database, adopt, run, clock, staff):
    project = added(database, clock, staff, clock_from=date(2026, 1, 5))
    assert len(run(TODAY)) == 1  # the municipality is told: only the deputy mayor is left
    assert due(database, project) == CALENDAR.add(TODAY, 15)
    ladder = SHIPPED.index('[[ladder.rungs]]\nkey = "deputy_mayor"')

    effects = adopt(SHIPPED[:ladder]).effects

    assert due(database, project) is None
    assert (effects.vanished, effects.changed) == (1, 1)


def test_projects_that_nothing_changes_for_are_left_alone(database, adopt, lead, clock, staff):
    started = added(database, clock, staff, stage=Stage.STARTED)
    edition = stored(database, started)

    effects = adopt(draft(signed=5)).effects

    assert (effects.projects, effects.changed) == (2, 0)
    assert acts(database, lead) == acts(database, started) == []
    assert stored(database, started).audit_hash == edition.audit_hash


def test_a_frozen_project_stands_still(database, adopt, staff, clock):
    with database.writing() as session:
        project, request = ask_to_sign(session, staff, now=clock())
        how = {"now": clock(), "calendar": CALENDAR}
        decide(session, request, Answer.APPROVE, by=staff.unit_leader, **how)
        disown(session, request, staff.unit_leader, **how)
    frozen = stored(database, project)

    assert adopt(draft(signed=5)).effects.changed == 0
    assert due(database, project) is None
    assert stored(database, project).yellow_at == frozen.yellow_at


@pytest.mark.parametrize("who", ["officer", "director", "deputy_mayor"])
def test_only_an_administrator_adopts(database, adopt, staff, lead, who):
    with pytest.raises(NotAllowed) as refusal:
        adopt(draft(lead=5), by=getattr(staff, who))

    assert refusal.value.act == "adopt_policy"
    assert due(database, lead) == CALENDAR.add(TODAY, 10)


def test_a_file_that_cannot_be_followed_changes_nothing(database, adopt, lead):
    with pytest.raises(PolicyInvalid) as refusal:
        adopt("name = 3")

    assert refusal.value.file == "draft.toml"
    assert due(database, lead) == CALENDAR.add(TODAY, 10)


def test_the_text_in_force_is_not_adopted_twice(database, adopt, lead):
    assert adopt(SHIPPED) is None

    with database.reading() as session:
        assert session.scalars(select(func.count(PolicyVersion.id))).one() == 1
        assert is_in_force(session, SHIPPED)
        assert not is_in_force(session, draft(lead=5))


def test_an_earlier_text_can_come_back_as_a_version_of_its_own(database, adopt, lead):
    first, second, third = adopt(draft(lead=5)), adopt(SHIPPED), adopt(draft(lead=5))

    assert first.version_id < second.version_id < third.version_id
    assert due(database, lead) == CALENDAR.add(TODAY, 5)
    with database.reading() as session:
        seals = session.scalars(select(PolicyVersion.sha256)).all()
    assert len({*seals}) == len(seals) == 4


def test_pending_requests_keep_the_version_they_were_opened_under(database, adopt, staff, clock):
    with database.writing() as session:
        _, request_id = ask_to_sign(session, staff, now=clock())
        version = session.get_one(ApprovalRequest, request_id).policy_version_id

    adopted = adopt(draft(lead=5))

    with database.reading() as session:
        request = session.get_one(ApprovalRequest, request_id)
    assert (request.policy_version_id, request.state) == (version, "pending")
    assert version != adopted.version_id


def test_what_becomes_due_at_once_waits_until_the_second_working_day_after(
    database, adopt, run, lead
):
    effects = adopt(draft(lead=1)).effects

    assert (effects.held_back, effects.not_before) == (1, SECOND_WORKING_DAY)
    assert due(database, lead) == SECOND_WORKING_DAY
    [act] = acts(database, lead)
    assert act.details["not_before"] == "2026-03-04"
    number = stored(database, lead).number
    assert run(date(2026, 3, 3)) == {}
    assert run(SECOND_WORKING_DAY) == {number: RungKey.OWNER}


def test_days_off_do_not_count_for_it(database, adopt, clock, run, staff):
    clock.time = CALENDAR.opening(date(2026, 4, 30))  # before the holiday from 1 to 5 May
    project = added(database, clock, staff, clock_from=date(2026, 4, 28))

    assert adopt(draft(lead=1)).effects.not_before == date(2026, 5, 7)
    assert due(database, project) == date(2026, 5, 7)


def test_no_rewinding_loosens_what_is_held_back(database, adopt, run, lead, staff, clock):
    adopt(draft(lead=1))

    with database.writing() as session:
        edit_project(
            session,
            lead,
            {"investment": 400 * MILLION},
            edition=None,
            by=staff.officer,
            now=clock(),
            calendar=CALENDAR,
        )

    assert due(database, lead) == SECOND_WORKING_DAY
    assert run(date(2026, 3, 3)) == {}


def test_what_was_due_already_is_not_held_back(database, adopt, run, clock, staff):
    overdue = added(database, clock, staff, clock_from=date(2026, 1, 5))
    number = stored(database, overdue).number

    effects = adopt(draft(lead=12)).effects

    assert effects.held_back == 0
    assert run(TODAY).keys() == {number}


def test_a_higher_rung_that_becomes_due_with_one_that_was_waits_with_it(
    database, adopt, clock, staff
):
    project = added(database, clock, staff, clock_from=date(2026, 2, 11))
    assert due(database, project) == date(2026, 3, 3)  # tomorrow

    source = SHIPPED.replace('key = "unit"\nafter = 5', 'key = "unit"\nafter = 0')
    effects = adopt(source).effects

    assert effects.held_back == 1
    assert due(database, project) == SECOND_WORKING_DAY


def test_what_has_fired_stands_and_the_orders_deadline_moves(database, adopt, run, lead):
    number, first_due = stored(database, lead).number, CALENDAR.add(TODAY, 10)
    assert run(first_due) == {number: RungKey.OWNER}
    climbs = CALENDAR.add(TODAY, 15)

    effects = adopt(SHIPPED.replace("after = 5", "after = 8")).effects

    with database.reading() as session:
        [order] = session.scalars(select(Order).where(Order.project_id == lead))
        fired = [(each.rung, each.kind) for each in session.scalars(select(RungFiring))]
    assert climbs < order.deadline_on == due(database, lead) == CALENDAR.add(TODAY, 18)
    assert fired == [(RungKey.OWNER, FiringKind.FIRED)]
    assert effects.later == 1
    [act] = acts(database, lead)
    assert act.details["changed"]["deadline_on"] == [
        climbs.isoformat(),
        order.deadline_on.isoformat(),
    ]
    assert run(CALENDAR.add(TODAY, 17)) == {}
    assert run(CALENDAR.add(TODAY, 18)) == {number: RungKey.UNIT}


def test_an_open_order_is_held_back_with_its_deadline(database, adopt, run, lead):
    first_due = CALENDAR.add(TODAY, 10)
    run(first_due)

    adopt(SHIPPED.replace("after = 5", "after = 0"))

    with database.reading() as session:
        [order] = session.scalars(select(Order).where(Order.project_id == lead))
    second = CALENDAR.add(first_due, 2)
    assert order.deadline_on == due(database, lead) == second
    assert run(CALENDAR.add(first_due, 1)) == {}
    assert run(second) == {stored(database, lead).number: RungKey.UNIT}


def test_the_number_of_statements_grows_with_chunks_and_not_with_projects(
    database, adopt, clock, staff
):
    counts = []
    for more, budget in ((3, 5), (400, 6), (200, 7)):
        with database.writing() as session:
            add_projects(session, more, now=clock(), owner_id=staff.owner)
        with Counted(database) as counted:
            effects = adopt(draft(lead=budget)).effects
        counts.append(counted.number)
        assert effects.changed == effects.projects
    few, one_chunk, two_chunks = counts
    assert few == one_chunk
    assert two_chunks - one_chunk < 10


def test_projects_beyond_the_first_chunk_are_wound_too(database, adopt, clock, staff):
    with database.writing() as session:
        add_projects(session, 501, now=clock(), owner_id=staff.owner)

    effects = adopt(draft(lead=5)).effects

    assert (effects.projects, effects.earlier) == (501, 501)
    with database.reading() as session:
        dues = {local_day(each) for each in session.scalars(select(Project.next_rung_at))}
    assert dues == {CALENDAR.add(TODAY, 5)}


def test_a_sweep_that_began_under_the_old_rules_goes_on_under_the_new(
    database, adopt, clock, lead, staff
):
    clock.time = CALENDAR.opening(CALENDAR.add(TODAY, 10))
    with database.reading() as session:
        old = policy_in_force(session).policy
    adopt(SHIPPED.replace("after = 5", "after = 8"))

    with database.writing() as session:
        ground = Ground(old, CALENDAR, roster_on(session, local_day(clock())))
        [escalation] = escalate_due(session, as_of=clock(), now=clock(), ground=ground, limit=10)

    assert escalation.due.project.id == lead
    assert due(database, lead) == CALENDAR.add(TODAY, 18)


@on_postgresql
def test_an_edit_that_came_first_is_wound_by_the_new_rules(database, adopt, lead, staff, clock):
    with ThreadPoolExecutor(1) as pool:
        with database.writing() as session:
            edit_project(
                session,
                lead,
                {"marked_major": True},
                edition=None,
                by=staff.officer,
                now=clock(),
                calendar=CALENDAR,
            )
            adopting = pool.submit(adopt, draft(lead=8))
            time.sleep(0.5)
            assert not adopting.done()
        adopted = adopting.result(timeout=30)

    assert adopted.effects.changed == 1
    assert due(database, lead) == CALENDAR.add(TODAY, 6)  # three quarters of eight


@on_postgresql
def test_an_edit_that_comes_during_the_run_goes_by_the_new_rules(database, lead, staff, clock):
    def edit():
        with database.writing() as session:
            edit_project(
                session,
                lead,
                {"marked_major": True},
                edition=None,
                by=staff.officer,
                now=clock(),
                calendar=CALENDAR,
            )

    with ThreadPoolExecutor(1) as pool:
        with database.writing() as session:
            adopt_policy(
                session,
                draft(lead=8),
                file="draft.toml",
                by=staff.administrator,
                now=clock(),
                calendar=CALENDAR,
            )
            editing = pool.submit(edit)
            time.sleep(0.5)
            assert not editing.done()
        editing.result(timeout=30)

    assert due(database, lead) == CALENDAR.add(TODAY, 6)


@on_postgresql
def test_of_two_adoptions_at_once_the_later_winds_all(database, adopt, lead):
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(adopt, draft(lead=days)) for days in (5, 8)]
        versions = {
            future.result(timeout=30).version_id: days
            for future, days in zip(both, (5, 8), strict=True)
        }

    assert due(database, lead) == CALENDAR.add(TODAY, versions[max(versions)])
