"""Holds: who may ask, how long, and that everything which counts days stands still meanwhile.

Dates are counted by hand on the calendar of 2026: the fourth to the sixth of April and the first to
the fifth of May are days off, as are Saturdays and Sundays but for the ninth of May.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from db.models import (
    ApprovalRequest,
    AuditEntry,
    Hold,
    Mail,
    NoteKind,
    Order,
    OrderEnd,
    OrderNotice,
    Project,
    RungFiring,
)
from db.queries.lights import light_of
from db.queries.projects import open_visit
from notifications.senders.mailbox import LocalMailbox
from runs.sweep import sweep
from runtime.opening import Runtime
from runtime.settings import read_settings
from state_machines.approvals import Answer, RequestState
from state_machines.errors import (
    HoldTooLong,
    IllegalMove,
    NotAllowed,
    OnHoldAlready,
    ProjectFrozen,
    ReasonRequired,
    RequestPending,
    ValueRefused,
)
from state_machines.ladder import Light
from state_machines.posts import Role
from state_machines.stages import Move, Stage
from tests.builders import CALENDAR, YIWU, add_holder, add_project, add_ready_project, mails
from tests.use_cases.pausing import Due, agree, ask_hold, clocks, due, extend, hold
from use_cases.add_note import add_note
from use_cases.advance import Requested, advance
from use_cases.ask_for_hold import ask_for_hold
from use_cases.chase_request import chase_request
from use_cases.decide import decide
from use_cases.disown import disown

MONDAY = date(2026, 3, 2)
"""The day on which the projects are registered: day 0."""


def turn_to(clock, month, day, hour=10):
    clock.time = datetime(2026, month, day, hour, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def project(database, clock, staff):
    """In negotiation: 40 working days for the stage, 20 of silence."""
    with database.writing() as session:
        return add_ready_project(session, staff, Stage.NEGOTIATION, now=clock(), to=Stage.SIGNED)


@pytest.fixture
def run(database, clock, staff, tmp_path):
    """Sweep at nine of a day."""
    settings = read_settings(data_folder=tmp_path)
    runtime = Runtime(settings, database, CALENDAR, LocalMailbox(), now=clock)

    def running(month, day):
        turn_to(clock, month, day, 9)
        return sweep(runtime, as_of=clock())

    return running


def asked(database, clock, project_id, by, **more):
    """Ask for a hold to the end of the week, unless told otherwise."""
    terms = {"until": date(2026, 3, 6), "reason": "等待环评批复"} | more
    with database.writing() as session:
        return ask_for_hold(
            session, project_id, by=by, now=clock(), calendar=CALENDAR, **terms
        ).request_id


# Asking


def test_a_hold_is_asked_of_the_units_leader_and_says_until_when(database, clock, staff, project):
    request_id = asked(database, clock, project.id, staff.owner)

    with database.reading() as session:
        request = session.get_one(ApprovalRequest, request_id)
        assert [each.person_id for each in request.approvals] == [staff.unit_leader]
        assert request.terms == {"until": "2026-03-06"}
        asking = session.scalars(select(Mail).where(Mail.kind == "approval_asked")).one()
        assert (asking.facts["subject"], asking.facts["until"]) == ("hold", "2026-03-06")


def test_asking_stops_no_clock(database, clock, staff, project):
    with database.reading() as session:
        before = due(session, project.id)

    asked(database, clock, project.id, staff.officer)

    with database.reading() as session:
        assert due(session, project.id) == before


@pytest.mark.parametrize("until", [MONDAY, MONDAY - timedelta(days=1)])
def test_a_hold_ends_on_a_day_to_come(database, clock, staff, project, until):
    with pytest.raises(ValueRefused) as refused:
        asked(database, clock, project.id, staff.officer, until=until)

    assert refused.value.field == "until"


@pytest.mark.parametrize("reason", [None, " \u3000"])
def test_a_hold_needs_a_reason(database, clock, staff, project, reason):
    with pytest.raises(ReasonRequired):
        asked(database, clock, project.id, staff.officer, reason=reason)


def test_somebody_from_elsewhere_asks_for_nothing(database, clock, staff, project):
    with database.writing() as session:
        elsewhere = add_holder(session, Role.CASE_OFFICER, YIWU)

    with pytest.raises(NotAllowed) as refused:
        asked(database, clock, project.id, elsewhere)

    assert refused.value.act == "ask_for_hold"


@pytest.mark.parametrize("stage", [Stage.STARTED, Stage.LOST])
def test_where_no_time_runs_there_is_nothing_to_hold(database, clock, staff, stage):
    with database.writing() as session:
        idle = add_project(session, now=clock(), stage=stage, owner_id=staff.owner)

    with pytest.raises(IllegalMove):
        asked(database, clock, idle.id, staff.officer)


def test_a_frozen_project_is_not_put_on_hold(database, clock, staff, project):
    with database.writing() as session:
        request_id = sign(session, staff, project.id, clock)
        decide(
            session, request_id, Answer.REJECT, by=staff.unit_leader, now=clock(),
            calendar=CALENDAR, comment="条件不足",
        )  # fmt: skip
        disown(session, request_id, staff.unit_leader, now=clock(), calendar=CALENDAR)

    with pytest.raises(ProjectFrozen):
        asked(database, clock, project.id, staff.officer)


def test_one_hold_is_asked_for_at_a_time_and_beside_it_a_move(database, clock, staff, project):
    asked(database, clock, project.id, staff.officer)

    with pytest.raises(RequestPending):
        asked(database, clock, project.id, staff.owner)
    with database.writing() as session:
        move = advance(
            session, project.id, Move.SIGN, by=staff.officer, now=clock(), calendar=CALENDAR
        )
        assert isinstance(move, Requested)


def test_none_is_asked_for_while_one_stands(database, clock, staff, project):
    with database.writing() as session:
        hold(session, staff, project.id, date(2026, 3, 6), now=clock())
    turn_to(clock, 3, 5)

    with pytest.raises(OnHoldAlready) as refused:
        asked(database, clock, project.id, staff.officer, until=date(2026, 3, 20))

    assert refused.value.until == date(2026, 3, 6)
    turn_to(clock, 3, 6)
    assert asked(database, clock, project.id, staff.officer, until=date(2026, 3, 20))


def test_a_year_has_sixty_working_days_of_hold_and_not_one_more(database, clock, staff, project):
    sixtieth = CALENDAR.add(MONDAY, 60)

    with pytest.raises(HoldTooLong) as refused:
        asked(
            database, clock, project.id, staff.officer,
            until=sixtieth + timedelta(days=1 if sixtieth.weekday() < 4 else 3),
        )  # fmt: skip

    assert (refused.value.year, refused.value.left) == (2026, 60)
    assert asked(database, clock, project.id, staff.officer, until=sixtieth)


def test_earlier_holds_of_the_year_count_as_far_as_they_went(database, clock, staff, project):
    with database.writing() as session:
        # March from the third on has 21 working days, of which 19 come before the twenty-eighth
        hold(session, staff, project.id, date(2026, 3, 31), now=clock())
        turn_to(clock, 3, 27)
        agree(session, sign(session, staff, project.id, clock), now=clock())

    with pytest.raises(HoldTooLong) as refused:
        asked(database, clock, project.id, staff.officer, until=date(2026, 12, 31))

    assert (refused.value.year, refused.value.left) == (2026, 60 - 19)


def sign(session, staff, project_id, clock):
    done = advance(session, project_id, Move.SIGN, by=staff.officer, now=clock(), calendar=CALENDAR)
    assert isinstance(done, Requested)
    return done.request_id


def test_each_calendar_year_has_its_own_days(database, clock, staff):
    turn_to(clock, 11, 2)
    last = CALENDAR.add(date(2026, 12, 31), 60)
    with database.writing() as session:
        late = add_project(session, now=clock(), owner_id=staff.owner)

    with pytest.raises(HoldTooLong) as refused:
        asked(database, clock, late.id, staff.officer, until=CALENDAR.add(last, 1))

    assert (refused.value.year, refused.value.left) == (2027, 60)
    with database.writing() as session:
        hold(session, staff, late.id, last, now=clock())
        assert CALENDAR.between(date(2026, 11, 2), last) > 60


# Granting


def test_a_granted_hold_moves_every_due_day_by_its_working_days(database, clock, staff, project):
    with database.reading() as session:
        assert due(session, project.id) == Due(
            rung=date(2026, 3, 30), yellow=date(2026, 3, 30), red=date(2026, 4, 21), climbs=None
        )
    turn_to(clock, 3, 9)

    with database.writing() as session:
        hold(session, staff, project.id, date(2026, 3, 20), now=clock())

    # Nine working days: the tenth to the twentieth of March.
    with database.reading() as session:
        assert due(session, project.id) == Due(
            rung=date(2026, 4, 13), yellow=date(2026, 4, 13), red=date(2026, 5, 7), climbs=None
        )
        assert clocks(session, project.id) == ((date(2026, 3, 20), 5), (date(2026, 3, 20), 5))
        row = session.scalars(select(Hold)).one()
        assert (row.from_day, row.until_day, row.ended_on) == (
            date(2026, 3, 9), date(2026, 3, 20), None,
        )  # fmt: skip


def test_a_hold_counts_from_the_granting_never_from_the_asking(database, clock, staff, project):
    with database.writing() as session:
        request_id = ask_hold(session, staff, project.id, date(2026, 3, 20), now=clock())
    turn_to(clock, 3, 18)

    with database.writing() as session:
        agree(session, request_id, now=clock())

    # Two working days are left of it: the nineteenth and the twentieth.
    with database.reading() as session:
        assert due(session, project.id).rung == date(2026, 4, 1)


def test_over_days_off_a_hold_moves_nothing(database, clock, staff, project):
    turn_to(clock, 4, 3)
    with database.writing() as session:
        add_note(
            session, project.id, NoteKind.VISIT, "考察", effective_on=date(2026, 4, 3),
            by=staff.owner, now=clock(), calendar=CALENDAR,
        )  # fmt: skip
        before = due(session, project.id)

        hold(session, staff, project.id, date(2026, 4, 6), now=clock())

        assert due(session, project.id) == before


def test_a_hold_whose_end_has_passed_when_all_agree_is_sent_back_by_the_machine(
    database, clock, staff, project
):
    with database.writing() as session:
        request_id = ask_hold(session, staff, project.id, date(2026, 3, 6), now=clock())
    turn_to(clock, 3, 6)

    with database.writing() as session:
        assert agree(session, request_id, now=clock()) is RequestState.SENT_BACK

    with database.reading() as session:
        request = session.get_one(ApprovalRequest, request_id)
        assert (request.missing, request.settled_by_id) == (["days_ahead"], None)
        assert session.scalars(select(Hold)).all() == []
        news = session.scalars(select(Mail).where(Mail.kind == "request_settled")).one()
        assert (news.person_id, news.facts["missing"]) == (staff.officer, ["days_ahead"])


def test_a_hold_for_which_no_days_are_left_when_all_agree_is_sent_back_by_the_machine(
    database, clock, staff, project
):
    with database.writing() as session:
        request_id = ask_hold(session, staff, project.id, CALENDAR.add(MONDAY, 60), now=clock())
        earlier = Hold(
            project_id=project.id, visit_id=open_visit(session, project.id).id,
            request_id=request_id, from_day=date(2026, 1, 5), until_day=date(2026, 1, 6),
            reason="去年底已暂缓",
        )  # fmt: skip
        session.add(earlier)

        assert agree(session, request_id, now=clock()) is RequestState.SENT_BACK

        assert session.get_one(ApprovalRequest, request_id).missing == ["hold_days"]
        session.delete(earlier)


def test_a_hold_is_written_down_in_nobodys_name_but_the_machines(database, clock, staff, project):
    with database.writing() as session:
        request_id = hold(session, staff, project.id, date(2026, 3, 20), now=clock())

    with database.reading() as session:
        act = session.scalars(select(AuditEntry).where(AuditEntry.act == "held")).one()
        assert act.by_id is None
        assert act.details == {
            "request": request_id, "until": "2026-03-20", "reason": "等待环评批复",
        }  # fmt: skip


# Lights, rungs and orders


def test_a_hold_closes_the_order_and_the_ladder_goes_on_after_it(
    database, clock, staff, project, run
):
    run(3, 30)  # 20 days of silence: the owner
    with database.writing() as session:
        assert due(session, project.id).climbs == date(2026, 4, 7)
        hold(session, staff, project.id, date(2026, 4, 10), now=clock())

        order = session.scalars(select(Order)).one()
        assert order.closed_because is OrderEnd.HELD
        # Five days after the owner the unit: of these the hold has taken none.
        assert due(session, project.id).rung == date(2026, 4, 17)

    assert run(4, 16).orders == []
    assert [each.rung for each in run(4, 17).orders] == ["unit"]
    with database.reading() as session:
        fired = session.scalars(select(RungFiring.rung).order_by(RungFiring.id)).all()
        assert fired == ["owner", "unit"], "what has fired in this episode never fires again"


def test_what_was_due_and_not_told_yet_is_told_when_the_hold_is_over(
    database, clock, staff, project, run
):
    turn_to(clock, 3, 30)  # the night was missed
    with database.writing() as session:
        hold(session, staff, project.id, date(2026, 4, 10), now=clock())

    assert run(4, 9).orders == []
    assert [each.rung for each in run(4, 10).orders] == ["owner"]


def test_an_approver_who_owes_a_hold_is_told_of_the_order_too(database, clock, staff, project, run):
    with database.writing() as session:
        ask_hold(session, staff, project.id, date(2026, 4, 10), now=clock())

    (order,) = run(3, 30).orders

    assert order.rung == "owner"
    with database.reading() as session:
        notices = {each.person_id: each.copy for each in session.scalars(select(OrderNotice))}
    assert notices == {staff.owner: False, staff.headquarters_head: False, staff.unit_leader: True}


def test_a_light_that_has_turned_stays_through_a_hold(database, clock, staff, project, run):
    run(3, 30)
    turn_to(clock, 4, 1)
    with database.writing() as session:
        hold(session, staff, project.id, date(2026, 4, 20), now=clock())

        row = session.get_one(Project, project.id)
        assert light_of(row, now=clock()) is Light.YELLOW
        # Red at 35 days of silence, 22 of them used; the ninth of May is worked.
        assert due(session, project.id).red == date(2026, 5, 11)


def test_a_green_light_stays_green_through_a_hold(database, clock, staff, project):
    turn_to(clock, 3, 27)
    with database.writing() as session:
        hold(session, staff, project.id, date(2026, 4, 30), now=clock())

    with database.reading() as session:
        row = session.get_one(Project, project.id)
        turn_to(clock, 4, 30, 23)
        assert light_of(row, now=clock()) is Light.GREEN
        # The one day that was left: after the first of May and its days off.
        turn_to(clock, 5, 6, 9)
        assert light_of(row, now=clock()) is Light.YELLOW


# Notes


def note(session, staff, project_id, on, clock):
    add_note(
        session, project_id, NoteKind.VISIT, "考察", effective_on=on, by=staff.owner, now=clock(),
        calendar=CALENDAR,
    )  # fmt: skip


def silence(session, project_id):
    visit = open_visit(session, project_id)
    return visit.silence_origin, visit.silence_used, visit.silence_episode


@pytest.mark.parametrize("written_on", [(3, 12), (3, 20), (3, 25)])
def test_progress_during_a_hold_breaks_the_silence_that_begins_when_it_is_over(
    database, clock, staff, project, written_on
):
    turn_to(clock, 3, 9)
    with database.writing() as session:
        hold(session, staff, project.id, date(2026, 3, 20), now=clock())
        turn_to(clock, *written_on)

        note(session, staff, project.id, date(2026, 3, 12), clock)

        assert silence(session, project.id) == (date(2026, 3, 20), 0, 2)
        # 20 working days after the twentieth of March
        assert due(session, project.id).rung == date(2026, 4, 20)


def test_progress_before_a_hold_that_is_written_down_later_has_used_the_days_until_the_hold(
    database, clock, staff, project
):
    turn_to(clock, 3, 9)
    with database.writing() as session:
        hold(session, staff, project.id, date(2026, 3, 20), now=clock())
        turn_to(clock, 3, 24)

        note(session, staff, project.id, date(2026, 3, 5), clock)

        # The sixth and the ninth of March
        assert silence(session, project.id) == (date(2026, 3, 20), 2, 2)


def test_progress_earlier_than_what_is_known_changes_nothing_though_a_hold_lies_between(
    database, clock, staff, project
):
    turn_to(clock, 3, 9)
    with database.writing() as session:
        note(session, staff, project.id, date(2026, 3, 6), clock)
        hold(session, staff, project.id, date(2026, 3, 20), now=clock())
        note(session, staff, project.id, date(2026, 3, 5), clock)

        assert silence(session, project.id) == (date(2026, 3, 20), 1, 2)


def test_progress_after_a_hold_begins_on_its_own_day(database, clock, staff, project):
    with database.writing() as session:
        hold(session, staff, project.id, date(2026, 3, 6), now=clock())
        turn_to(clock, 3, 12)

        note(session, staff, project.id, date(2026, 3, 11), clock)

        assert silence(session, project.id) == (date(2026, 3, 11), 0, 2)


# Moves


def test_a_move_on_ends_the_hold_and_the_new_clocks_run_at_once(database, clock, staff, project):
    with database.writing() as session:
        hold(session, staff, project.id, date(2026, 3, 31), now=clock())
        turn_to(clock, 3, 11)
        agree(session, sign(session, staff, project.id, clock), now=clock())

        assert session.scalars(select(Hold.ended_on)).one() == date(2026, 3, 11)
        assert clocks(session, project.id) == ((date(2026, 3, 11), 0), (date(2026, 3, 11), 0))


def lose_and_revive(session, staff, project_id, clock):
    for move in (Move.LOSE, Move.REVIVE):
        done = advance(
            session, project_id, move, by=staff.officer, now=clock(), calendar=CALENDAR,
            reason="投资方反复",
        )  # fmt: skip
        agree(session, done.request_id, now=clock())


def test_losing_ends_the_hold_and_reviving_brings_it_not_back(database, clock, staff, project):
    turn_to(clock, 3, 4)
    with database.writing() as session:
        hold(session, staff, project.id, date(2026, 3, 31), now=clock())
        turn_to(clock, 3, 11)
        lose_and_revive(session, staff, project.id, clock)

        assert session.scalars(select(Hold.ended_on)).one() == date(2026, 3, 11)
        # Two days were used before the hold; they count on.
        assert clocks(session, project.id) == ((date(2026, 3, 11), 2), (date(2026, 3, 11), 2))


def step_back(session, staff, project_id, clock):
    done = advance(
        session, project_id, Move.STEP_BACK, by=staff.officer, now=clock(), calendar=CALENDAR,
        reason="投资方反复",
    )  # fmt: skip
    agree(session, done.request_id, now=clock())


def test_stepping_back_keeps_the_hold_and_the_days_already_used(database, clock, staff, project):
    turn_to(clock, 3, 4)
    with database.writing() as session:
        agree(session, sign(session, staff, project.id, clock), now=clock())  # 2 days used
        turn_to(clock, 3, 9)
        hold(session, staff, project.id, date(2026, 3, 20), now=clock())
        turn_to(clock, 3, 13)

        step_back(session, staff, project.id, clock)

        assert session.scalars(select(Hold.ended_on)).one() is None
        assert clocks(session, project.id) == ((date(2026, 3, 20), 2), (date(2026, 3, 20), 2))
        # 18 of 20 days of silence are left.
        assert due(session, project.id).rung == CALENDAR.add(date(2026, 3, 20), 18)

        # On again, still within what was granted: the hold ends, and the days of the stage go on.
        turn_to(clock, 3, 16)
        agree(session, sign(session, staff, project.id, clock), now=clock())
        assert clocks(session, project.id) == ((date(2026, 3, 16), 3), (date(2026, 3, 16), 3))


def test_a_move_ends_what_is_asked_for_the_stage_as_superseded(database, clock, staff, project):
    with database.writing() as session:
        request_id = ask_hold(session, staff, project.id, date(2026, 3, 31), now=clock())

        step_back(session, staff, project.id, clock)

        assert session.get_one(ApprovalRequest, request_id).state is RequestState.SUPERSEDED


# What waits for an answer


def test_pending_requests_stand_still_and_go_on_with_the_time_left(database, clock, staff, project):
    turn_to(clock, 3, 6)
    with database.writing() as session:
        request_id = sign(session, staff, project.id, clock)
        hold_id = ask_hold(session, staff, project.id, date(2026, 3, 20), now=clock())
    turn_to(clock, 3, 10)
    with database.writing() as session:
        agree(session, hold_id, now=clock())

    with database.reading() as session:
        request = session.get_one(ApprovalRequest, request_id)
        # Two of its days are spent. The step's five are full on the third day after the hold.
        assert (request.wait.origin, request.wait.used) == (date(2026, 3, 20), 2)
        assert request.answer_by == date(2026, 3, 25)
        # A reminder is due on the second day, which was today; the next look is after the hold.
        assert request.next_chase_at == CALENDAR.opening(date(2026, 3, 20))


def test_nobody_is_reminded_during_a_hold(database, clock, staff, project):
    with database.writing() as session:
        request_id = sign(session, staff, project.id, clock)
        turn_to(clock, 3, 4)  # the day of the first reminder, which has not left
        hold(session, staff, project.id, date(2026, 3, 20), now=clock())
        turn_to(clock, 3, 12)

        chase_request(session, request_id, now=clock(), calendar=CALENDAR)
        assert mails(session, "approval_reminder") == []

        turn_to(clock, 3, 20)
        chase_request(session, request_id, now=clock(), calendar=CALENDAR)
        assert mails(session, "approval_reminder") == [("approval_reminder", staff.unit_leader)]


def test_what_is_asked_during_a_hold_has_all_its_time_after_it(database, clock, staff, project):
    with database.writing() as session:
        hold(session, staff, project.id, date(2026, 3, 20), now=clock())
        turn_to(clock, 3, 11)

        request_id = sign(session, staff, project.id, clock)

        request = session.get_one(ApprovalRequest, request_id)
        assert request.answer_by == date(2026, 3, 27)
        assert (request.wait.origin, request.wait.used) == (date(2026, 3, 20), 0)


def test_a_hold_and_an_extension_may_both_be_granted_in_either_order(
    database, clock, staff, project
):
    turn_to(clock, 4, 24)  # 38 of 40 days are used
    with database.writing() as session:
        other = add_project(
            session, now=clock(), stage=Stage.NEGOTIATION, owner_id=staff.owner,
            clock_from=MONDAY,
        )  # fmt: skip
        hold(session, staff, project.id, date(2026, 4, 30), now=clock())
        extend(session, staff, project.id, 10, now=clock())
        extend(session, staff, other.id, 10, now=clock())
        hold(session, staff, other.id, date(2026, 4, 30), now=clock())

        for each in (project, other):
            assert clocks(session, each.id)[0] == (date(2026, 4, 30), 30)
