"""Extensions: who may ask, how often, and what a granted one does to the stage clock and its rungs.

Dates are counted by hand on the calendar of 2026: the first to the fifth of May are days off, the
ninth is worked.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from db.models import (
    ApprovalRequest,
    AuditEntry,
    Extension,
    Mail,
    Order,
    OrderEnd,
    Project,
    RungFiring,
)
from db.queries.lights import light_of
from db.queries.projects import open_visit
from state_machines.approvals import Answer, RequestState
from state_machines.errors import (
    ExtensionsSpent,
    IllegalMove,
    NotAllowed,
    ProjectFrozen,
    ReasonRequired,
    RequestPending,
    ValueRefused,
)
from state_machines.ladder import Light
from state_machines.posts import Role
from state_machines.stages import Stage
from tests.builders import BILLION, CALENDAR, YIWU, add_holder, add_project
from tests.use_cases.pauses.pausing import (
    Due,
    agree,
    ask_more,
    clocks,
    due,
    extend,
    hold,
    note,
)
from use_cases.ask_for_extension import ask_for_extension
from use_cases.decide import decide
from use_cases.disown import disown

MONDAY = date(2026, 3, 2)
APRIL_24 = datetime(2026, 4, 24, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
"""38 of the stage's 40 working days are used."""


@pytest.fixture
def project(database, clock, staff):
    """In negotiation since Monday, the second of March: 40 working days, 20 of silence."""
    with database.writing() as session:
        return add_project(session, now=clock(), stage=Stage.NEGOTIATION, owner_id=staff.owner)


def asked(database, clock, project_id, by, days=10, reason="土地指标待批"):
    with database.writing() as session:
        return ask_for_extension(
            session, project_id, days=days, reason=reason, by=by, now=clock(), calendar=CALENDAR
        ).request_id


def test_it_is_asked_of_the_units_leader_and_says_how_many_days(database, clock, staff, project):
    request_id = asked(database, clock, project.id, staff.owner)

    with database.reading() as session:
        request = session.get_one(ApprovalRequest, request_id)
        assert [each.person_id for each in request.approvals] == [staff.unit_leader]
        asking = session.scalars(select(Mail).where(Mail.kind == "approval_asked")).one()
        assert (asking.facts["subject"], asking.facts["days"]) == ("extension", 10)


@pytest.mark.parametrize("days", [-1, 0, 41])
def test_it_is_for_one_day_at_least_and_for_the_whole_stage_at_most(
    database, clock, staff, project, days
):
    with pytest.raises(ValueRefused) as refused:
        asked(database, clock, project.id, staff.officer, days)

    assert refused.value.field == "days"


@pytest.mark.parametrize("days", [1, 40])
def test_one_day_and_the_whole_stage_can_be_asked_for(database, clock, staff, project, days):
    assert asked(database, clock, project.id, staff.officer, days)


def test_a_major_project_has_shorter_stages_and_so_shorter_extensions(database, clock, staff):
    with database.writing() as session:
        major = add_project(
            session, now=clock(), stage=Stage.NEGOTIATION, owner_id=staff.owner,
            investment=6 * BILLION,
        )  # fmt: skip

    with pytest.raises(ValueRefused):
        asked(database, clock, major.id, staff.officer, 31)
    assert asked(database, clock, major.id, staff.officer, 30)


@pytest.mark.parametrize("reason", [None, " \n"])
def test_it_needs_a_reason(database, clock, staff, project, reason):
    with pytest.raises(ReasonRequired):
        asked(database, clock, project.id, staff.officer, reason=reason)


def test_somebody_from_elsewhere_asks_for_nothing(database, clock, staff, project):
    with database.writing() as session:
        elsewhere = add_holder(session, Role.CASE_OFFICER, YIWU)

    with pytest.raises(NotAllowed) as refused:
        asked(database, clock, project.id, elsewhere)

    assert refused.value.act == "ask_for_extension"


@pytest.mark.parametrize("stage", [Stage.STARTED, Stage.LOST])
def test_where_no_time_runs_there_is_nothing_to_extend(database, clock, staff, stage):
    with database.writing() as session:
        idle = add_project(session, now=clock(), stage=stage, owner_id=staff.owner)

    with pytest.raises(IllegalMove):
        asked(database, clock, idle.id, staff.officer)


def test_a_frozen_project_gets_no_more_time(database, clock, staff, project):
    request_id = asked(database, clock, project.id, staff.officer)
    with database.writing() as session:
        decide(
            session, request_id, Answer.REJECT, by=staff.unit_leader, now=clock(),
            calendar=CALENDAR, comment="理由不足",
        )  # fmt: skip
        disown(session, request_id, staff.unit_leader, now=clock(), calendar=CALENDAR)

    with pytest.raises(ProjectFrozen):
        asked(database, clock, project.id, staff.officer)


def test_one_is_asked_for_at_a_time(database, clock, staff, project):
    asked(database, clock, project.id, staff.officer)

    with pytest.raises(RequestPending):
        asked(database, clock, project.id, staff.owner)


def test_two_are_granted_in_a_calendar_year_and_two_more_in_the_next(
    database, clock, staff, project
):
    with database.writing() as session:
        for days in (10, 12):
            extend(session, staff, project.id, days, now=clock())

    with pytest.raises(ExtensionsSpent) as refused:
        asked(database, clock, project.id, staff.officer)

    assert refused.value.year == 2026
    clock.time = datetime(2027, 1, 4, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert asked(database, clock, project.id, staff.officer)


def test_one_that_the_rules_leave_no_room_for_when_all_agree_is_sent_back_by_the_machine(
    database, clock, staff, project
):
    with database.writing() as session:
        extend(session, staff, project.id, 10, now=clock())
        request_id = ask_more(session, staff, project.id, 12, now=clock())
        granted = Extension(
            project_id=project.id, visit_id=open_visit(session, project.id).id,
            request_id=request_id, granted_on=MONDAY, days=5, gained=0, reason="另案批准",
        )  # fmt: skip
        session.add(granted)

        assert agree(session, request_id, now=clock()) is RequestState.SENT_BACK

        request = session.get_one(ApprovalRequest, request_id)
        assert (request.missing, request.settled_by_id) == (["extensions"], None)
        session.delete(granted)


def test_one_that_is_refused_or_sent_back_is_not_counted(database, clock, staff, project):
    with database.writing() as session:
        for answer in (Answer.REJECT, Answer.SEND_BACK) * 2:
            decide(
                session, ask_more(session, staff, project.id, 10, now=clock()), answer,
                by=staff.unit_leader, now=clock(), calendar=CALENDAR, comment="理由不足",
            )  # fmt: skip

    assert asked(database, clock, project.id, staff.officer)


# What it does


def test_from_the_granting_on_the_stage_has_the_days_that_were_asked_for(
    database, clock, staff, project
):
    clock.time = APRIL_24
    with database.writing() as session:
        note(session, staff, project.id, date(2026, 4, 20), now=clock())
        assert due(session, project.id).rung == date(2026, 4, 28)

        extend(session, staff, project.id, 10, now=clock())

        # The tenth working day after the twenty-fourth of April, then fifteen more. Silence, since
        # the twentieth, is due on the twentieth of May and red on the tenth of June.
        assert due(session, project.id) == Due(
            rung=date(2026, 5, 12), yellow=date(2026, 5, 12), red=date(2026, 6, 2), climbs=None
        )
        extension = session.scalars(select(Extension)).one()
        assert (extension.granted_on, extension.days) == (date(2026, 4, 24), 10)
        assert extension.gained == 8, "two days were left"


def test_asking_and_waiting_gain_no_time(database, clock, staff, project):
    with database.writing() as session:
        request_id = ask_more(session, staff, project.id, 10, now=clock())
        clock.time = APRIL_24

        agree(session, request_id, now=clock())

        assert clocks(session, project.id)[0] == (date(2026, 4, 24), 30)


def test_an_extension_never_shortens_what_is_left(database, clock, staff, project):
    with database.writing() as session:
        before = due(session, project.id)
        clock.forward(days=7)

        extend(session, staff, project.id, 10, now=clock())

        assert due(session, project.id) == before
        assert clocks(session, project.id)[0] == (date(2026, 3, 9), 5)
        assert session.scalars(select(Extension.gained)).one() == 0


def test_silence_is_not_extended(database, clock, staff, project):
    with database.writing() as session:
        clock.time = APRIL_24
        before = clocks(session, project.id)[1]

        extend(session, staff, project.id, 10, now=clock())

        assert clocks(session, project.id)[1] == before
        assert open_visit(session, project.id).silence_episode == 1


def test_it_is_written_down_in_nobodys_name_but_the_machines(database, clock, staff, project):
    with database.writing() as session:
        request_id = extend(session, staff, project.id, 10, now=clock())

    with database.reading() as session:
        act = session.scalars(select(AuditEntry).where(AuditEntry.act == "extended")).one()
        assert act.by_id is None
        assert act.details == {
            "request": request_id, "days": 10, "gained": 0, "reason": "土地指标待批",
        }  # fmt: skip


def open_order(session):
    return session.scalars(select(Order).where(Order.closed_at.is_(None))).one_or_none()


def test_it_closes_an_order_of_the_stage_clock_and_its_rungs_fire_afresh(
    database, clock, staff, project, run
):
    clock.time = APRIL_24
    with database.writing() as session:
        note(session, staff, project.id, date(2026, 4, 24), now=clock())
    assert [each.rung for each in run(4, 28).orders] == ["owner"]
    with database.writing() as session:
        extend(session, staff, project.id, 3, now=clock())

        order = session.scalars(select(Order)).one()
        assert order.closed_because is OrderEnd.EXTENDED
        assert light_of(session.get_one(Project, project.id), now=clock()) is Light.GREEN
        # Two working days in April and the sixth of May.
        assert due(session, project.id).rung == date(2026, 5, 6)

    assert [each.rung for each in run(5, 6).orders] == ["owner"]
    with database.reading() as session:
        fired = session.execute(select(RungFiring.episode, RungFiring.rung).order_by(RungFiring.id))
        assert fired.all() == [(1, "owner"), (2, "owner")]


def test_it_closes_no_order_of_silence_alone(database, clock, staff, project, run):
    run(3, 30)
    with database.writing() as session:
        before = due(session, project.id)

        extend(session, staff, project.id, 40, now=clock())

        assert open_order(session) is not None
        assert due(session, project.id).climbs == before.climbs == date(2026, 4, 7)


def test_it_closes_an_order_of_both_clocks_and_silence_climbs_again_by_itself(
    database, clock, staff, project, run
):
    run(3, 30)  # silence: the owner
    run(4, 7)  # silence: the unit
    run(4, 21)  # silence: the municipality
    run(4, 28)  # the stage: the owner
    with database.writing() as session:
        extend(session, staff, project.id, 40, now=clock())

        assert open_order(session) is None
        # Silence waits for the deputy mayor: fifteen working days after the municipality was told.
        assert due(session, project.id).rung == date(2026, 5, 14)


def test_during_a_hold_the_days_begin_when_it_is_over(database, clock, staff, project):
    clock.time = APRIL_24
    with database.writing() as session:
        hold(session, staff, project.id, date(2026, 5, 8), now=clock())
        extend(session, staff, project.id, 10, now=clock())

        assert clocks(session, project.id)[0] == (date(2026, 5, 8), 30)
