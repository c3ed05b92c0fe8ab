"""The end of a freeze: what an administrator confirms, and what an annulment undoes.

Dates are counted by hand on the calendar of 2026: the fourth to the sixth of April are days off.
"""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from db.models import (
    ApprovalRequest,
    Extension,
    Freeze,
    Hold,
    Mail,
    Order,
    OrderEnd,
    Project,
    StageChange,
)
from db.queries.projects import open_visit
from state_machines.approvals import Answer, ApprovalState, RequestState
from state_machines.errors import (
    NotAllowed,
    NotFound,
    RequestClosed,
    ValueRefused,
)
from state_machines.posts import GENERAL_HEADQUARTERS, Role
from state_machines.stages import Move, Stage
from tests.builders import (
    BILLION,
    CALENDAR,
    add_person,
    add_ready_project,
    appoint,
    ask_to_sign,
    delegate,
    mails,
    vacate,
)
from tests.use_cases.pauses.pausing import (
    Due,
    agree,
    clocks,
    due,
    extend,
    hold,
    turn_to,
)
from use_cases.advance import advance
from use_cases.edit_project import edit_project
from use_cases.reroute import reroute_requests

APPROVE, REJECT, SEND_BACK = Answer
MONDAY = date(2026, 3, 2)
CONFIRM, ANNUL = False, True


def row_of(database, project_id):
    with database.reading() as session:
        return session.get_one(Project, project_id)


def state_of(database, request_id):
    with database.reading() as session:
        return session.get_one(ApprovalRequest, request_id).state


# Confirming


def test_only_an_administrator_ends_it_and_not_without_a_reason(clock, staff, signed, deny, thaw):
    deny(signed[1], staff.unit_leader)

    for person in (staff.unit_leader, staff.officer, staff.deputy_mayor):
        with pytest.raises(NotAllowed) as refused:
            thaw(signed[0], ANNUL, by=person)
        assert refused.value.act == "end_freeze"
    for reason in (None, "  "):
        with pytest.raises(ValueRefused):
            thaw(signed[0], ANNUL, reason=reason)
    thaw(signed[0], ANNUL)
    with pytest.raises(NotFound):
        thaw(signed[0], CONFIRM)


@pytest.mark.parametrize("annul", [CONFIRM, ANNUL])
def test_both_people_are_told_what_became_of_it_and_why(
    database, clock, staff, signed, deny, thaw, annul
):
    deny(signed[1], staff.unit_leader)

    thaw(signed[0], annul)

    with database.reading() as session:
        told = session.scalars(select(Mail).where(Mail.kind == "freeze_ended")).all()
        assert {each.person_id for each in told} == {staff.unit_leader, staff.officer}
        assert {(each.facts["annulled"], each.facts["reason"]) for each in told} == {
            (annul, "已电话核实")
        }
        freeze = session.scalars(select(Freeze)).one()
        assert (freeze.ended_at, freeze.ended_by_id) == (clock(), staff.administrator)
        assert (freeze.annulled, freeze.reason) == (annul, "已电话核实")


def test_confirmed_the_decision_stands_and_all_goes_on(database, clock, staff, signed, deny, thaw):
    project_id, request_id = signed
    deny(request_id, staff.unit_leader)
    clock.forward(days=7)

    thaw(project_id, CONFIRM)

    row = row_of(database, project_id)
    assert (row.frozen_at, row.stage) == (None, Stage.SIGNED)
    assert state_of(database, request_id) is RequestState.APPROVED
    with database.writing() as session:
        assert advance(
            session, project_id, Move.LOSE, by=staff.officer, now=clock(), calendar=CALENDAR,
            reason="投资方退出",
        )  # fmt: skip


def test_confirmed_what_pends_goes_on_with_the_time_left(
    database, clock, staff, answer, deny, thaw
):
    with database.writing() as session:
        project_id, request_id = ask_to_sign(session, staff, now=clock(), investment=2 * BILLION)
    answer(request_id, staff.unit_leader)
    turn_to(clock, 3, 4)  # two of the step's five days are spent
    deny(request_id, staff.unit_leader)
    turn_to(clock, 3, 20)

    thaw(project_id, CONFIRM)

    with database.reading() as session:
        request = session.get_one(ApprovalRequest, request_id)
        assert (request.wait.origin, request.wait.used) == (date(2026, 3, 20), 2)
        assert request.answer_by == date(2026, 3, 25)
    assert answer(request_id, staff.director) is RequestState.APPROVED


# Annulling


def test_annulled_the_project_is_moved_back_by_a_step_of_its_own(
    database, clock, staff, signed, deny, thaw
):
    project_id, request_id = signed
    clock.forward(hours=1)
    deny(request_id, staff.unit_leader)
    clock.forward(days=1)

    thaw(project_id, ANNUL)

    with database.reading() as session:
        row = session.get_one(Project, project_id)
        assert (row.stage, row.frozen_at) == (Stage.NEGOTIATION, None)
        history = session.scalars(
            select(StageChange)
            .where(StageChange.project_id == project_id)
            .order_by(StageChange.seq)
        ).all()
        assert [each.move for each in history] == [None, Move.SIGN, Move.ANNUL]
        last = history[-1]
        assert (last.before, last.after) == (Stage.SIGNED, Stage.NEGOTIATION)
        assert (last.by_id, last.reason) == (staff.administrator, "已电话核实")
        assert last.request_id == request_id
        request = session.get_one(ApprovalRequest, request_id)
        assert request.state is RequestState.ANNULLED
        assert [each.state for each in request.approvals] == [ApprovalState.ANNULLED]


def test_annulled_the_days_already_used_count_on(database, clock, staff, answer, deny, thaw):
    with database.writing() as session:
        project_id, request_id = ask_to_sign(session, staff, now=clock())
    turn_to(clock, 3, 9)
    answer(request_id, staff.unit_leader)  # five days used in negotiation
    turn_to(clock, 3, 11)
    deny(request_id, staff.unit_leader)
    turn_to(clock, 3, 20)

    thaw(project_id, ANNUL)

    with database.reading() as session:
        assert clocks(session, project_id) == ((date(2026, 3, 20), 5),) * 2
        assert due(session, project_id).rung == date(2026, 4, 13), "fifteen days are left"


def test_annulled_the_order_that_the_move_closed_stands_again(
    database, clock, staff, signing, answer, deny, thaw, run
):
    project_id, request_id = signing
    run(3, 30)  # silence: the owner
    turn_to(clock, 3, 31)
    answer(request_id, staff.unit_leader)
    with database.reading() as session:
        assert session.scalars(select(Order.closed_because)).one() is OrderEnd.MOVED_ON
    deny(request_id, staff.unit_leader)
    turn_to(clock, 4, 20)

    thaw(project_id, ANNUL)

    with database.reading() as session:
        order = session.scalars(select(Order)).one()
        assert (order.closed_at, order.closed_because) == (None, None)
        assert order.visit_id == open_visit(session, project_id).clock_id
        # One of the five days to the unit was used by the thirty-first of March.
        assert order.deadline_on == date(2026, 4, 24)


def test_a_request_that_waits_for_others_falls_with_the_answer_and_they_are_told(
    database, clock, staff, answer, deny, thaw
):
    with database.writing() as session:
        project_id, request_id = ask_to_sign(session, staff, now=clock(), investment=2 * BILLION)
    answer(request_id, staff.unit_leader)
    deny(request_id, staff.unit_leader)

    thaw(project_id, ANNUL)

    with database.reading() as session:
        request = session.get_one(ApprovalRequest, request_id)
        assert request.state is RequestState.ANNULLED
        states = {each.person_id: each.state for each in request.approvals}
        assert states == {
            staff.unit_leader: ApprovalState.ANNULLED,
            staff.director: ApprovalState.MOOT,
        }
        assert ("request_settled", staff.director) in mails(session)
        assert row_of(database, project_id).stage is Stage.NEGOTIATION
    with pytest.raises(RequestClosed):
        answer(request_id, staff.director)


@pytest.mark.parametrize("given", [REJECT, SEND_BACK])
def test_after_an_annulled_refusal_the_same_may_be_asked_without_another_word(
    database, clock, staff, signing, answer, deny, thaw, given
):
    project_id, request_id = signing
    answer(request_id, staff.unit_leader, given)
    deny(request_id, staff.unit_leader)
    clock.forward(days=1)

    thaw(project_id, ANNUL)

    assert state_of(database, request_id) is RequestState.ANNULLED
    with database.writing() as session:
        again = advance(
            session, project_id, Move.SIGN, by=staff.officer, now=clock(), calendar=CALENDAR
        )
    assert answer(again.request_id, staff.unit_leader) is RequestState.APPROVED


def test_an_answer_that_came_to_nothing_is_annulled_and_the_round_stays_as_it_ended(
    database, clock, staff, answer, deny, thaw
):
    with database.writing() as session:
        project_id, request_id = ask_to_sign(session, staff, now=clock(), investment=2 * BILLION)
    answer(request_id, staff.unit_leader)
    with database.writing() as session:
        edit_project(
            session, project_id, {"contract_number": "HT-2026-018"}, edition=None,
            by=staff.owner, now=clock(), calendar=CALENDAR,
        )  # fmt: skip
    deny(request_id, staff.unit_leader)

    thaw(project_id, ANNUL)

    with database.reading() as session:
        request = session.get_one(ApprovalRequest, request_id)
        assert request.state is RequestState.SUPERSEDED
        assert request.approvals[0].state is ApprovalState.ANNULLED


def test_an_annulled_hold_ends_today_and_its_order_stands_again(
    database, clock, staff, signed, deny, thaw, run
):
    project_id, _ = signed
    run(3, 30)
    with database.writing() as session:
        request_id = hold(session, staff, project_id, date(2026, 4, 30), now=clock())
    turn_to(clock, 4, 1)
    deny(request_id, staff.unit_leader)
    turn_to(clock, 4, 8)

    thaw(project_id, ANNUL)

    with database.reading() as session:
        assert session.scalars(select(Hold.ended_on)).one() == date(2026, 4, 8)
        assert clocks(session, project_id) == ((date(2026, 4, 8), 20),) * 2
        assert due(session, project_id).climbs == date(2026, 4, 15)
        assert session.scalars(select(Order)).one().closed_at is None


def test_what_pends_goes_on_when_an_annulled_hold_ends(database, clock, staff, signing, deny, thaw):
    project_id, signing_id = signing
    with database.writing() as session:
        request_id = hold(session, staff, project_id, date(2026, 4, 30), now=clock())
    deny(request_id, staff.unit_leader)
    turn_to(clock, 3, 9)

    thaw(project_id, ANNUL)

    with database.reading() as session:
        assert session.get_one(ApprovalRequest, signing_id).answer_by == date(2026, 3, 16)


def test_an_annulled_extension_is_taken_back_and_not_counted(
    database, clock, staff, signed, deny, thaw
):
    project_id, _ = signed  # 60 working days
    turn_to(clock, 5, 15)
    with database.writing() as session:
        before = clocks(session, project_id)[0]
        first, second = (extend(session, staff, project_id, days, now=clock()) for days in (20, 30))
        assert clocks(session, project_id)[0] == (date(2026, 5, 15), 30)
    deny(second, staff.unit_leader)
    turn_to(clock, 5, 25)

    thaw(project_id, ANNUL)

    with database.writing() as session:
        # As the first left it: twenty days.
        assert clocks(session, project_id)[0] == (date(2026, 5, 25), 40)
        assert open_visit(session, project_id).stage_episode == 2
        spent = CALENDAR.between(MONDAY, date(2026, 5, 15))
        assert before == (MONDAY, 0)
        assert [*session.scalars(select(Extension.gained))] == [spent - 40, 10]
        extend(session, staff, project_id, 25, now=clock())
        assert open_visit(session, project_id).stage_episode == 4, "an episode of its own"
    assert state_of(database, first) is RequestState.APPROVED


def test_a_later_extension_stands_when_an_earlier_one_is_annulled(
    database, clock, staff, signed, deny, thaw
):
    project_id, _ = signed
    turn_to(clock, 5, 15)
    with database.writing() as session:
        first = extend(session, staff, project_id, 20, now=clock())
        extend(session, staff, project_id, 30, now=clock())
    deny(first, staff.unit_leader)

    thaw(project_id, ANNUL)

    with database.reading() as session:
        assert clocks(session, project_id)[0] == (date(2026, 5, 15), 30)


REASON = "投资方反复"


@pytest.mark.parametrize(
    ("stage", "moves", "back_in"),
    [
        (Stage.NEGOTIATION, [Move.LOSE], Stage.NEGOTIATION),
        (Stage.SIGNED, [Move.LOSE, Move.REVIVE], Stage.LOST),
        (Stage.SIGNED, [Move.STEP_BACK], Stage.SIGNED),
        (Stage.FACTORY_LEASED, [Move.START], Stage.FACTORY_LEASED),
        (Stage.FACTORY_LEASED, [Move.START, Move.ANNUL_START], Stage.STARTED),
    ],
)
def test_whatever_the_move_it_leads_back_to_where_the_project_was(
    database, clock, staff, deny, thaw, stage, moves, back_in
):
    papers = ("contract", "lease_contract", "site_proof")
    with database.writing() as session:
        project = add_ready_project(
            session, staff, stage, now=clock(), to=Stage.STARTED, evidence=papers
        )
    for move in moves:
        clock.forward(days=1)
        with database.writing() as session:
            asked = advance(
                session, project.id, move, by=staff.officer, now=clock(), calendar=CALENDAR,
                reason=REASON,
            )  # fmt: skip
            agree(session, asked.request_id, now=clock())
            answered = session.get_one(ApprovalRequest, asked.request_id).approvals[0].person_id
    deny(asked.request_id, answered)
    clock.forward(days=1)

    thaw(project.id, ANNUL)

    assert row_of(database, project.id).stage is back_in
    # And on from there as if nothing had been.
    with database.writing() as session:
        again = advance(
            session, project.id, moves[-1], by=staff.officer, now=clock(), calendar=CALENDAR,
            reason=REASON,
        )  # fmt: skip
        assert agree(session, again.request_id, now=clock()) is RequestState.APPROVED


def test_a_hold_ends_where_an_annulment_leads_to_a_stage_without_clocks(
    database, clock, staff, deny, thaw
):
    with database.writing() as session:
        project = add_ready_project(
            session, staff, Stage.FACTORY_LEASED, now=clock(), to=Stage.STARTED
        )
        for move in (Move.START, Move.ANNUL_START):
            asked = advance(
                session, project.id, move, by=staff.officer, now=clock(), calendar=CALENDAR,
                reason=REASON,
            )  # fmt: skip
            agree(session, asked.request_id, now=clock())
        hold(session, staff, project.id, date(2026, 3, 20), now=clock())
    deny(asked.request_id, staff.director)

    thaw(project.id, ANNUL)

    with database.reading() as session:
        assert session.get_one(Project, project.id).stage is Stage.STARTED
        assert session.scalars(select(Hold.ended_on)).one() == MONDAY
        assert due(session, project.id) == Due(None, None, None, None)


def test_two_disowned_answers_are_looked_into_at_once(database, clock, staff, answer, deny, thaw):
    with database.writing() as session:
        project_id, request_id = ask_to_sign(session, staff, now=clock(), investment=2 * BILLION)
    for person in (staff.unit_leader, staff.director):
        answer(request_id, person)
        clock.forward(hours=1)
    for person in (staff.unit_leader, staff.director):
        deny(request_id, person)

    thaw(project_id, ANNUL)

    with database.reading() as session:
        request = session.get_one(ApprovalRequest, request_id)
        assert {each.state for each in request.approvals} == {ApprovalState.ANNULLED}
        assert session.get_one(Project, project_id).stage is Stage.NEGOTIATION
        assert all(each.annulled for each in session.scalars(select(Freeze)))
        told = [person for _, person in mails(session, "freeze_ended")]
        assert sorted(told) == sorted(
            [staff.unit_leader, staff.director, staff.officer, staff.officer]
        )


def test_a_person_taken_on_during_a_freeze_is_asked_when_it_ends(
    database, clock, staff, answer, deny, thaw
):
    with database.writing() as session:
        project_id, request_id = ask_to_sign(session, staff, now=clock(), investment=2 * BILLION)
    answer(request_id, staff.unit_leader)
    deny(request_id, staff.unit_leader)
    clock.forward(days=1)
    with database.writing() as session:
        stand_in = add_person(session)
        delegate(
            session, staff.director, stand_in, from_day=MONDAY,
            to_day=MONDAY + timedelta(days=30),
        )  # fmt: skip

    thaw(project_id, CONFIRM)

    assert answer(request_id, stand_in) is RequestState.APPROVED


def test_agreement_that_is_carried_over_during_a_freeze_moves_nothing_until_it_ends(
    database, clock, staff, answer, deny, thaw
):
    with database.writing() as session:
        project = add_ready_project(
            session, staff, Stage.NEGOTIATION, now=clock(), to=Stage.SIGNED, contract_number=None
        )
        asked = advance(
            session, project.id, Move.SIGN, by=staff.officer, now=clock(), calendar=CALENDAR,
            reason="合同编号待补", override=True,
        )  # fmt: skip
    answer(asked.request_id, staff.unit_leader)
    deny(asked.request_id, staff.unit_leader)
    clock.forward(days=1)
    with database.writing() as session:  # the leader becomes director, whose turn it is
        vacate(session, staff.director, last_day=MONDAY)
        appoint(
            session, staff.unit_leader, Role.GENERAL_HEADQUARTERS_DIRECTOR, GENERAL_HEADQUARTERS
        )
        reroute_requests(session, now=clock(), calendar=CALENDAR)

    assert state_of(database, asked.request_id) is RequestState.PENDING
    assert row_of(database, project.id).stage is Stage.NEGOTIATION
    thaw(project.id, CONFIRM)
    assert state_of(database, asked.request_id) is RequestState.APPROVED
    assert row_of(database, project.id).stage is Stage.SIGNED
