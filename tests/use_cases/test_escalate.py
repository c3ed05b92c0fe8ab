"""Escalating: one order a project, the right readers, one mail a person and day, however late."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from db.models import (
    FiringKind,
    Mail,
    MailState,
    NoteKind,
    Order,
    OrderNotice,
    Project,
    RungFiring,
    StageVisit,
)
from notifications.order_mail import join_order_mail
from notifications.senders.mailbox import LocalMailbox
from notifications.senders.sendgrid import SendGridSender
from runs import sweep as sweeping
from runs.sweep import sweep
from runtime.opening import Runtime
from runtime.settings import read_settings
from state_machines.errors import FutureAsOf, NaiveTime
from state_machines.posts import Role
from state_machines.stages import Stage
from state_machines.working_days import local_day
from tests.builders import (
    BILLION,
    CALENDAR,
    YIWU,
    add_holder,
    add_project,
    add_projects,
    delegate,
    mails,
    vacate,
)
from tests.statements import Counted
from use_cases.add_note import add_note

TODAY = date(2026, 3, 2)


@pytest.fixture
def runtime(database, clock, staff, tmp_path):
    return Runtime(
        read_settings(data_folder=tmp_path), database, CALENDAR, LocalMailbox(), now=clock
    )


@pytest.fixture
def run(runtime, clock):
    """Sweep at nine on the n-th working day after the projects were registered."""

    def running(working_day, **more):
        as_of = CALENDAR.opening(CALENDAR.add(TODAY, working_day))
        clock.time = max(clock.time, as_of)
        return sweep(runtime, as_of=as_of, **more)

    return running


@pytest.fixture
def lead(database, clock, staff):
    """A lead: ten working days, then the ladder at 10, 15, 25."""
    with database.writing() as session:
        return add_project(session, now=clock(), owner_id=staff.owner)


def told(database, *, copy):
    with database.reading() as session:
        newest = select(func.max(RungFiring.fired_on)).scalar_subquery()
        notices = (
            select(OrderNotice.person_id)
            .join(RungFiring)
            .where(OrderNotice.copy == copy, RungFiring.fired_on == newest)
        )
        return {*session.scalars(notices)}


def order_of(database):
    with database.reading() as session:
        return session.scalars(select(Order)).one()


def counted(database):
    """How many orders, firings, notices and mails there are."""
    with database.reading() as session:
        tables = (Order, RungFiring, OrderNotice, Mail)
        return [session.scalar(select(func.count()).select_from(each)) for each in tables]


def test_nothing_happens_before_the_budget_is_used_up(database, run, lead):
    report = run(9)

    assert (report.due, report.fired, report.orders) == (0, 0, [])
    assert counted(database) == [0, 0, 0, 0]


LOWEST = {"owner", "headquarters_head"}
OF_THE_UNIT = {"unit_leader", "special_team_lead"}
OF_THE_CITY = {"director", "promotion_center_head"}
CLIMB = [
    # working day, rung, who is told, who gets a copy
    (10, "owner", LOWEST, set()),
    (15, "unit", OF_THE_UNIT, LOWEST),
    (25, "municipality", OF_THE_CITY, LOWEST | OF_THE_UNIT),
    (40, "deputy_mayor", {"deputy_mayor"}, LOWEST | OF_THE_UNIT | OF_THE_CITY),
]


def test_one_order_climbs_rung_by_rung_and_the_lower_readers_get_a_copy(database, staff, run, lead):
    order_ids = set()

    for day, rung, tells, copies in CLIMB:
        report = run(day)

        assert [line.rung for line in report.orders] == [rung]
        assert told(database, copy=False) == {getattr(staff, name) for name in tells}
        assert told(database, copy=True) == {getattr(staff, name) for name in copies}
        order = order_of(database)
        assert order.rung == rung
        order_ids.add(order.id)
    assert len(order_ids) == 1


def test_the_report_says_which_project_which_rung_which_unit_and_to_whom(run, lead):
    report = run(10).as_dict()

    assert report == {
        "as_of": "2026-03-16T09:00:00+08:00",
        "due": 1,
        "fired": 1,
        "passed_over": 0,
        "parked": 0,
        "orders": [
            {
                "project": "JH-2026-0001",
                "rung": "owner",
                "unit": "330781",
                "to": ["owner@lanxi.example", "headquarters_head@lanxi.example"],
            }
        ],
    }


def test_every_reader_gets_one_mail_a_day_whatever_the_number_of_projects_and_chunks(
    database, clock, staff, run, monkeypatch
):
    monkeypatch.setattr(sweeping, "CHUNK", 2)
    with database.writing() as session:
        add_projects(session, 5, now=clock(), owner_id=staff.owner)

    assert run(10).fired == 5

    with database.reading() as session:
        assert mails(session) == [("orders", staff.owner), ("orders", staff.headquarters_head)]
        assert counted(database) == [5, 5, 10, 2]
    run(15)
    with database.reading() as session:
        second_day = mails(session)[2:]
        assert sorted(person for _, person in second_day) == [
            *(staff.owner, staff.unit_leader, staff.headquarters_head, staff.special_team_lead)
        ]


def test_running_again_as_of_the_same_time_changes_nothing(database, run, lead):
    run(10)
    before = counted(database)

    again = run(10)

    assert (again.due, again.fired) == (0, 0)
    assert counted(database) == before


def test_a_month_of_missed_nights_is_one_order_at_the_right_rung(database, staff, run, lead):
    report = run(27)

    assert (report.fired, report.passed_over) == (1, 3)  # of the stage clock two, of silence one
    assert order_of(database).rung == "municipality"
    with database.reading() as session:
        fired = select(RungFiring.clock, RungFiring.rung).where(RungFiring.kind == FiringKind.FIRED)
        assert {tuple(row) for row in session.execute(fired)} == {
            ("stage", "municipality"),
            ("silence", "unit"),
        }
    assert told(database, copy=False) == {staff.director, staff.promotion_center_head}
    assert told(database, copy=True) == {
        *(staff.owner, staff.headquarters_head, staff.unit_leader, staff.special_team_lead)
    }


def test_the_deputy_mayor_is_told_only_fifteen_days_after_the_municipality_was(database, run, lead):
    run(100)

    assert order_of(database).deadline_on == CALENDAR.add(TODAY, 115)
    assert run(114).fired == 0
    assert run(115).fired == 1
    assert order_of(database).rung == "deputy_mayor"


def test_a_later_clock_never_lowers_the_order(database, clock, staff, run, lead):
    run(25)
    noted_on = CALENDAR.add(TODAY, 26)
    clock.time = CALENDAR.opening(noted_on)
    with database.writing() as session:
        add_note(
            session, lead.id, NoteKind.VISIT, "考察", effective_on=noted_on, by=staff.owner,
            now=clock(), calendar=CALENDAR,
        )  # fmt: skip
    run(40)  # the stage clock tells the deputy mayor

    report = run(46)  # twenty days of silence again

    assert [line.rung for line in report.orders] == ["deputy_mayor"]
    assert told(database, copy=False) == {staff.owner, staff.headquarters_head}
    assert told(database, copy=True) == set()


def test_silence_is_broken_by_a_note_and_climbs_again(database, clock, staff, run):
    with database.writing() as session:
        project = add_project(session, now=clock(), stage=Stage.SIGNED, owner_id=staff.owner)
    run(20)
    noted_on = CALENDAR.add(TODAY, 21)
    clock.time = CALENDAR.opening(noted_on)
    with database.writing() as session:
        add_note(
            session, project.id, NoteKind.MEETING, "会商", effective_on=noted_on, by=staff.owner,
            now=clock(), calendar=CALENDAR,
        )  # fmt: skip

    assert run(40).fired == 0
    assert run(41).fired == 1
    with database.reading() as session:
        episodes = session.scalars(select(RungFiring.episode).order_by(RungFiring.id)).all()
        assert episodes == [1, 2]


def test_a_major_project_is_stalled_sooner(database, clock, staff, run):
    with database.writing() as session:
        add_project(session, now=clock(), owner_id=staff.owner, investment=5 * BILLION)

    assert run(7).fired == 0
    assert run(8).fired == 1


def test_a_project_that_no_headquarters_found_is_its_units_from_the_start(
    database, clock, staff, run
):
    with database.writing() as session:
        add_project(session, now=clock(), owner_id=staff.owner, headquarters_key=None)

    run(10)

    assert told(database, copy=False) == {staff.owner, staff.unit_leader}


def test_a_stand_in_is_told_instead_of_the_holder(database, staff, run, lead):
    day = CALENDAR.add(TODAY, 10)
    with database.writing() as session:
        delegate(session, staff.headquarters_head, staff.officer, from_day=day, to_day=day)

    run(10)

    assert told(database, copy=False) == {staff.owner, staff.officer}


def test_a_rung_with_nobody_goes_to_the_next_at_once_and_the_empty_posts_are_one_alarm(
    database, clock, staff, run
):
    with database.writing() as session:
        vacate(session, staff.headquarters_head, last_day=TODAY)
        add_projects(session, 3, now=clock(), owner_id=None)

    report = run(10)

    assert [line.rung for line in report.orders] == ["unit"] * 3
    with database.reading() as session:
        assert mails(session, "empty_posts") == [("empty_posts", staff.administrator)]
        facts = session.scalars(select(Mail.facts).where(Mail.kind == "empty_posts")).one()
        assert facts["posts"] == [{"post": "headquarters_head@shanghai", "projects": 3}]


def test_an_empty_municipality_is_tried_every_working_day_and_found_once_filled(
    database, clock, staff, run
):
    with database.writing() as session:
        for person in (staff.director, staff.promotion_center_head):
            vacate(session, person, last_day=TODAY)
        add_project(session, now=clock(), stage=Stage.SIGNED, owner_id=staff.owner)
    run(20)
    run(25)

    assert run(35).fired == 0
    assert run(36).fired == 0
    with database.reading() as session:
        assert len(mails(session, "empty_posts")) == 2  # a day each
    with database.writing() as session:
        director = add_holder(session, Role.GENERAL_HEADQUARTERS_DIRECTOR, "general-headquarters")
    assert run(37).fired == 1
    assert told(database, copy=False) == {director}


def test_where_nobody_holds_any_post_nothing_is_mailed_into_the_void(database, clock, staff, run):
    with database.writing() as session:
        for person in (
            *(staff.headquarters_head, staff.unit_leader, staff.special_team_lead),
            *(staff.director, staff.promotion_center_head, staff.deputy_mayor),
        ):
            vacate(session, person, last_day=TODAY)
        add_project(session, now=clock(), owner_id=None)

    report = run(30)

    assert (report.due, report.fired) == (1, 0)
    assert counted(database)[:3] == [0, 0, 0]


def test_a_dry_run_says_the_same_and_writes_nothing(database, clock, staff, run):
    with database.writing() as session:
        add_projects(session, 3, now=clock(), owner_id=staff.owner)
        add_project(session, now=clock(), unit_code=YIWU)

    rehearsed = run(27, dry_run=True).as_dict()

    assert counted(database) == [0, 0, 0, 0]
    assert run(27).as_dict() == rehearsed


@pytest.fixture
def poisoned(database, clock, staff):
    """Three projects that are due; the rules of the second fail."""
    with database.writing() as session:
        projects = add_projects(session, 3, now=clock(), owner_id=staff.owner)
        visit = session.scalars(select(StageVisit).filter_by(project_id=projects[1].id)).one()
        visit.silence_origin = date.max
    return projects


def test_a_poisoned_row_is_parked_and_everybody_else_is_served(database, run, poisoned, clock):
    report = run(10)

    assert (report.fired, report.parked) == (2, 1)
    with database.reading() as session:
        row = session.get_one(Project, poisoned[1].id)
        assert row.parked_until == clock() + timedelta(hours=1)
        assert row.parked_error


def test_a_parked_row_is_tried_again_after_an_hour_and_freed_once_it_is_mended(
    database, run, runtime, clock, poisoned
):
    run(10)
    assert run(10).due == 0
    clock.forward(hours=1)
    assert sweep(runtime, as_of=clock()).parked == 1
    with database.writing() as session:
        visit = session.scalars(select(StageVisit).filter_by(project_id=poisoned[1].id)).one()
        visit.silence_origin = TODAY
    clock.forward(hours=1)

    assert sweep(runtime, as_of=clock()).fired == 1
    with database.reading() as session:
        row = session.get_one(Project, poisoned[1].id)
        assert (row.parked_until, row.parked_error) == (None, None)


def test_a_poisoned_row_spoils_no_rehearsal(run, poisoned):
    report = run(10, dry_run=True)

    assert (report.fired, report.parked) == (2, 1)


def test_many_due_projects_take_as_many_statements_as_few(database, clock, staff, runtime):
    counts = []
    as_of = CALENDAR.opening(CALENDAR.add(TODAY, 10))
    for number in (10, 200):
        with database.writing() as session:
            add_projects(session, number // 2, now=datetime(2026, 3, 2, 1, tzinfo=UTC))
            add_projects(
                session, number // 2, now=datetime(2026, 3, 2, 1, tzinfo=UTC),
                owner_id=staff.owner, unit_code=YIWU, stage=Stage.NEGOTIATION,
                clock_from=date(2025, 9, 1),
            )  # fmt: skip
        clock.time = as_of
        with Counted(database) as counted:
            assert sweep(runtime, as_of=as_of).fired == number
        as_of += timedelta(hours=1)
        counts.append(counted.number)

    assert counts[0] == counts[1]


def test_orders_that_climb_take_as_many_statements_however_many(database, clock, staff, run):
    with database.writing() as session:
        few = add_projects(session, 10, now=clock(), owner_id=staff.owner)
    run(10)
    with Counted(database) as small:
        assert run(15).fired == len(few)
    clock.time = datetime(2026, 3, 2, 1, tzinfo=UTC)
    with database.writing() as session:
        add_projects(session, 200, now=clock(), owner_id=staff.owner, clock_from=date(2026, 6, 1))
    base = CALENDAR.between(TODAY, date(2026, 6, 1))
    run(base + 10)
    with Counted(database) as large:
        assert run(base + 15).fired >= 200

    assert large.number == small.number


def test_a_time_without_zone_is_refused(runtime):
    with pytest.raises(NaiveTime):
        sweep(runtime, as_of=datetime(2026, 3, 2, 9))  # noqa: DTZ001 (that is the point)


def test_a_day_to_come_is_refused_where_mail_reaches_real_people_but_for_a_rehearsal(
    runtime, clock
):
    real = Runtime(
        runtime.settings, runtime.database, CALENDAR, object.__new__(SendGridSender), now=clock
    )
    tomorrow = clock() + timedelta(days=1)

    with pytest.raises(FutureAsOf):
        sweep(real, as_of=tomorrow)
    assert sweep(real, as_of=tomorrow, dry_run=True).due == 0
    assert sweep(runtime, as_of=tomorrow).due == 0


def test_what_was_too_late_for_yesterday_s_mail_does_not_leave_at_midnight(
    database, clock, staff, runtime
):
    today = local_day(clock())
    tomorrow = CALENDAR.add(today, 1)
    with database.writing() as session:
        mails = join_order_mail(session, [staff.owner], today, now=clock(), calendar=CALENDAR)
        session.get_one(Mail, mails[staff.owner]).state = MailState.ACCEPTED
        late = join_order_mail(session, [staff.owner], today, now=clock(), calendar=CALENDAR)
        mail_id = late[staff.owner]
    morning = CALENDAR.opening(tomorrow)

    sweep(runtime, as_of=morning - timedelta(hours=8))
    with database.reading() as session:
        assert session.get_one(Mail, mail_id).due_at > morning

    clock.forward(days=1)
    sweep(runtime, as_of=morning)
    with database.reading() as session:
        assert session.get_one(Mail, mail_id).due_at <= clock()


def test_what_a_run_before_nine_fires_is_told_when_the_run_is_done(database, clock, staff, runtime):
    clock.time = CALENDAR.opening(CALENDAR.add(TODAY, 12)) - timedelta(hours=4)
    with database.writing() as session:
        add_project(session, now=clock(), owner_id=staff.owner, clock_from=TODAY)

    assert sweep(runtime, as_of=clock()).fired == 1

    with database.reading() as session:
        due = session.scalars(select(Mail.due_at).where(Mail.kind == "orders")).all()
    assert {each <= clock() for each in due} == {True}
