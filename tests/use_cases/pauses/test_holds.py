"""Holds: who may ask, how long, and that everything which counts days stands still meanwhile.

Dates are counted by hand on the calendar of 2026: the fourth to the sixth of April and the first to
the fifth of May are days off, as are Saturdays and Sundays but for the ninth of May.
"""

from datetime import date

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
from state_machines.approvals import RequestState
from state_machines.ladder import Light
from state_machines.stages import Move, Stage
from tests.builders import CALENDAR, add_project, add_ready_project, mails
from tests.use_cases.pauses.pausing import (
    Due,
    agree,
    ask_hold,
    ask_move,
    clocks,
    due,
    extend,
    hold,
    note,
    turn_to,
)
from use_cases.add_note import add_note
from use_cases.chase_request import chase_request

MONDAY = date(2026, 3, 2)
"""The day on which the projects are registered: day 0."""


@pytest.fixture
def project(database, clock, staff):
    """In negotiation: 40 working days for the stage, 20 of silence."""
    with database.writing() as session:
        return add_ready_project(session, staff, Stage.NEGOTIATION, now=clock(), to=Stage.SIGNED)


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

        note(session, staff, project.id, date(2026, 3, 12), now=clock())

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

        note(session, staff, project.id, date(2026, 3, 5), now=clock())

        # The sixth and the ninth of March
        assert silence(session, project.id) == (date(2026, 3, 20), 2, 2)


def test_progress_earlier_than_what_is_known_changes_nothing_though_a_hold_lies_between(
    database, clock, staff, project
):
    turn_to(clock, 3, 9)
    with database.writing() as session:
        note(session, staff, project.id, date(2026, 3, 6), now=clock())
        hold(session, staff, project.id, date(2026, 3, 20), now=clock())
        note(session, staff, project.id, date(2026, 3, 5), now=clock())

        assert silence(session, project.id) == (date(2026, 3, 20), 1, 2)


def test_progress_after_a_hold_begins_on_its_own_day(database, clock, staff, project):
    with database.writing() as session:
        hold(session, staff, project.id, date(2026, 3, 6), now=clock())
        turn_to(clock, 3, 12)

        note(session, staff, project.id, date(2026, 3, 11), now=clock())

        assert silence(session, project.id) == (date(2026, 3, 11), 0, 2)


# Moves


def test_a_move_on_ends_the_hold_and_the_new_clocks_run_at_once(database, clock, staff, project):
    with database.writing() as session:
        hold(session, staff, project.id, date(2026, 3, 31), now=clock())
        turn_to(clock, 3, 11)
        agree(session, ask_move(session, staff, project.id, Move.SIGN, now=clock()), now=clock())

        assert session.scalars(select(Hold.ended_on)).one() == date(2026, 3, 11)
        assert clocks(session, project.id) == ((date(2026, 3, 11), 0), (date(2026, 3, 11), 0))


def test_losing_ends_the_hold_and_reviving_brings_it_not_back(database, clock, staff, project):
    turn_to(clock, 3, 4)
    with database.writing() as session:
        hold(session, staff, project.id, date(2026, 3, 31), now=clock())
        turn_to(clock, 3, 11)
        for move in (Move.LOSE, Move.REVIVE):
            agree(session, ask_move(session, staff, project.id, move, now=clock()), now=clock())

        assert session.scalars(select(Hold.ended_on)).one() == date(2026, 3, 11)
        # Two days were used before the hold; they count on.
        assert clocks(session, project.id) == ((date(2026, 3, 11), 2), (date(2026, 3, 11), 2))


def test_stepping_back_keeps_the_hold_and_the_days_already_used(database, clock, staff, project):
    turn_to(clock, 3, 4)
    with database.writing() as session:
        agree(
            session, ask_move(session, staff, project.id, Move.SIGN, now=clock()), now=clock()
        )  # 2 days used
        turn_to(clock, 3, 9)
        hold(session, staff, project.id, date(2026, 3, 20), now=clock())
        turn_to(clock, 3, 13)

        agree(
            session, ask_move(session, staff, project.id, Move.STEP_BACK, now=clock()), now=clock()
        )

        assert session.scalars(select(Hold.ended_on)).one() is None
        assert clocks(session, project.id) == ((date(2026, 3, 20), 2), (date(2026, 3, 20), 2))
        # 18 of 20 days of silence are left.
        assert due(session, project.id).rung == CALENDAR.add(date(2026, 3, 20), 18)

        # On again, still within what was granted: the hold ends, and the days of the stage go on.
        turn_to(clock, 3, 16)
        agree(session, ask_move(session, staff, project.id, Move.SIGN, now=clock()), now=clock())
        assert clocks(session, project.id) == ((date(2026, 3, 16), 3), (date(2026, 3, 16), 3))


def test_a_move_ends_what_is_asked_for_the_stage_as_superseded(database, clock, staff, project):
    with database.writing() as session:
        request_id = ask_hold(session, staff, project.id, date(2026, 3, 31), now=clock())

        agree(
            session, ask_move(session, staff, project.id, Move.STEP_BACK, now=clock()), now=clock()
        )

        assert session.get_one(ApprovalRequest, request_id).state is RequestState.SUPERSEDED


# What waits for an answer


def test_pending_requests_stand_still_and_go_on_with_the_time_left(database, clock, staff, project):
    turn_to(clock, 3, 6)
    with database.writing() as session:
        request_id = ask_move(session, staff, project.id, Move.SIGN, now=clock())
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
        request_id = ask_move(session, staff, project.id, Move.SIGN, now=clock())
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

        request_id = ask_move(session, staff, project.id, Move.SIGN, now=clock())

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
