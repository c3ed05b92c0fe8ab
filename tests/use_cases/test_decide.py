"""Deciding: each answer, who may give it, what it settles, and who hears of it."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from db.models import (
    ApprovalRequest,
    AuditEntry,
    Mail,
    MailState,
    Post,
    PostHolder,
    Project,
    StageChange,
)
from state_machines.approvals import Answer, ApprovalState, RequestState
from state_machines.dates import PartialDate
from state_machines.errors import (
    AnsweredOtherwise,
    NotFound,
    NotTheApprover,
    ReasonRequired,
    RequestClosed,
    ValueRefused,
)
from state_machines.posts import PROMOTION_CENTER, Role
from state_machines.stages import Move, Stage
from state_machines.working_days import local_day
from tests.builders import (
    BILLION,
    CALENDAR,
    LANXI,
    add_holder,
    add_person,
    add_project,
    appoint,
    ask_to_sign,
    delegate,
    mails,
    vacate,
)
from tests.databases import on_postgresql
from tests.statements import Counted
from use_cases.advance import advance
from use_cases.decide import decide
from use_cases.edit_project import edit_project
from use_cases.withdraw import withdraw

APPROVE, REJECT, SEND_BACK = Answer


@pytest.fixture
def answer(database, clock):
    """Answer in a transaction of its own."""

    def answering(request_id, answer, by, comment=None):
        with database.writing() as session:
            return decide(
                session, request_id, answer, by=by, now=clock(), calendar=CALENDAR, comment=comment
            )

    return answering


@pytest.fixture
def asked(database, clock, staff):
    """The ids of a project and of the request to sign it: the unit's leader is asked."""
    with database.writing() as session:
        return ask_to_sign(session, staff, now=clock())


@pytest.fixture
def two_asked(database, clock, staff):
    """The same from 5 bn up: the team's lead and the promotion center are asked at once, first."""
    with database.writing() as session:
        return ask_to_sign(session, staff, now=clock(), investment=5 * BILLION)


def states(session, request_id):
    request = session.get_one(ApprovalRequest, request_id)
    return [each.state.value for each in request.approvals]


def test_the_last_yes_moves_the_project_with_its_history_and_its_news(
    database, clock, staff, asked, answer
):
    project_id, request_id = asked
    clock.forward(hours=3)

    assert answer(request_id, APPROVE, staff.unit_leader) is RequestState.APPROVED

    with database.reading() as session:
        project = session.get_one(Project, project_id)
        assert (project.stage, project.stage_before) == (Stage.SIGNED, Stage.NEGOTIATION)
        change = session.scalars(select(StageChange).where(StageChange.seq == 2)).one()
        assert (change.move, change.request_id) == (Move.SIGN, request_id)
        assert (change.by_id, change.recorded_at) == (staff.officer, clock())
        assert change.effective_on == PartialDate("2026-02-10")  # when the contract was signed
        request = session.get_one(ApprovalRequest, request_id)
        assert (request.settled_by_id, request.settled_at) == (staff.unit_leader, clock())
        told = [("request_settled", staff.officer), ("stage_changed", staff.owner)]
        assert mails(session) == [*told, ("receipt", staff.unit_leader)]


@on_postgresql
def test_an_approval_that_moves_a_project_takes_five_statements(
    database, clock, staff, asked, answer
):
    _, first = asked
    with database.writing() as session:
        _, second = ask_to_sign(session, staff, now=clock())
    answer(first, APPROVE, staff.unit_leader)  # a process reads the text of a policy once

    with Counted(database) as sent:
        answer(second, APPROVE, staff.unit_leader)

    assert sent.number == 5


def test_one_yes_of_two_leaves_the_step_open_and_tells_nobody_else(
    database, staff, two_asked, answer
):
    project_id, request_id = two_asked

    assert answer(request_id, APPROVE, staff.promotion_center_head) is RequestState.PENDING

    with database.reading() as session:
        assert states(session, request_id) == ["pending", "approved"]
        assert session.get_one(Project, project_id).stage is Stage.NEGOTIATION
        asked = [staff.special_team_lead, staff.promotion_center_head]
        told = [("approval_asked", person) for person in asked]
        assert mails(session) == [*told, ("receipt", staff.promotion_center_head)]


@pytest.mark.parametrize("first", ["special_team_lead", "promotion_center_head"])
def test_those_of_one_step_agree_in_whatever_order_and_then_the_next_is_asked(
    database, staff, two_asked, answer, first
):
    _, request_id = two_asked
    both = {"special_team_lead", "promotion_center_head"}
    (second,) = both - {first}

    answer(request_id, APPROVE, getattr(staff, first))
    with database.reading() as session:
        assert ("approval_asked", staff.unit_leader) not in mails(session)
    answer(request_id, APPROVE, getattr(staff, second))

    with database.reading() as session:
        assert ("approval_asked", staff.unit_leader) in mails(session)
    assert answer(request_id, APPROVE, staff.unit_leader) is RequestState.PENDING
    assert answer(request_id, APPROVE, staff.director) is RequestState.APPROVED


def test_nobody_answers_before_their_turn(staff, two_asked, answer):
    for early in (staff.unit_leader, staff.director):
        with pytest.raises(NotTheApprover):
            answer(two_asked[1], APPROVE, early)


@pytest.mark.parametrize(
    ("no", "state"), [(REJECT, RequestState.REJECTED), (SEND_BACK, RequestState.SENT_BACK)]
)
def test_one_no_settles_the_round_and_nobody_else_is_bothered(
    database, staff, two_asked, answer, no, state
):
    project_id, request_id = two_asked

    assert answer(request_id, no, staff.promotion_center_head, "缺可研报告") is state

    with database.reading() as session:
        assert states(session, request_id) == ["moot", state.value]
        assert session.get_one(Project, project_id).stage is Stage.NEGOTIATION
        cancelled = select(Mail.kind, Mail.person_id).where(Mail.state == MailState.CANCELLED)
        both = [staff.special_team_lead, staff.promotion_center_head]
        asked = [("approval_asked", person) for person in both]
        assert session.execute(cancelled.order_by(Mail.id)).all() == asked
        told = [("request_settled", staff.officer), ("request_settled", staff.special_team_lead)]
        assert mails(session) == [*told, ("receipt", staff.promotion_center_head)]
        facts = session.scalars(select(Mail.facts).where(Mail.person_id == staff.officer)).one()
        assert (facts["comment"], facts["yours"]) == ("缺可研报告", True)


@pytest.mark.parametrize("no", [REJECT, SEND_BACK])
@pytest.mark.parametrize("comment", [None, "", " \n "])
def test_nobody_says_no_without_a_reason(database, staff, asked, answer, no, comment):
    with pytest.raises(ReasonRequired):
        answer(asked[1], no, staff.unit_leader, comment)

    with database.reading() as session:
        assert states(session, asked[1]) == ["pending"]


def test_a_second_click_changes_nothing_and_says_how_it_stands(database, staff, asked, answer):
    answer(asked[1], APPROVE, staff.unit_leader)
    with database.reading() as session:
        before = session.scalar(select(func.count(AuditEntry.id))), mails(session)

    assert answer(asked[1], APPROVE, staff.unit_leader) is RequestState.APPROVED

    with database.reading() as session:
        assert (session.scalar(select(func.count(AuditEntry.id))), mails(session)) == before


@pytest.mark.parametrize("given", [APPROVE, REJECT])
def test_a_change_of_mind_is_told_what_stands(database, staff, two_asked, answer, given):
    answer(two_asked[1], given, staff.special_team_lead, "理由")

    other = REJECT if given is APPROVE else APPROVE
    with pytest.raises(AnsweredOtherwise) as refused:
        answer(two_asked[1], other, staff.special_team_lead, "理由")

    assert refused.value.given is given


def test_whoever_comes_after_the_verdict_is_told_of_it(staff, two_asked, answer):
    answer(two_asked[1], REJECT, staff.promotion_center_head, "缺可研报告")

    with pytest.raises(RequestClosed) as refused:
        answer(two_asked[1], APPROVE, staff.special_team_lead)

    assert refused.value.state is RequestState.REJECTED


@pytest.mark.parametrize("name", ["officer", "owner", "director", "deputy_mayor", "administrator"])
def test_somebody_who_was_not_asked_decides_nothing(database, staff, asked, answer, name):
    with pytest.raises(NotTheApprover):
        answer(asked[1], APPROVE, getattr(staff, name))

    with database.reading() as session:
        assert states(session, asked[1]) == ["pending"]


def test_an_unknown_request_is_not_found(staff, answer):
    with pytest.raises(NotFound):
        answer(4711, APPROVE, staff.unit_leader)


def test_a_leaver_no_longer_decides(database, clock, staff, asked, answer):
    with database.writing() as session:
        vacate(session, staff.unit_leader, last_day=date(2026, 3, 2))

    clock.forward(days=1)

    with pytest.raises(NotTheApprover):
        answer(asked[1], APPROVE, staff.unit_leader)


def test_the_last_day_in_a_post_is_still_the_holders(database, clock, staff, asked, answer):
    with database.writing() as session:
        vacate(session, staff.unit_leader, last_day=date(2026, 3, 2))

    clock.forward(hours=14)

    assert answer(asked[1], APPROVE, staff.unit_leader) is RequestState.APPROVED


def test_a_stand_in_decides_while_it_lasts_and_for_the_holder(database, clock, staff, answer):
    with database.writing() as session:
        days = {"from_day": date(2026, 3, 2), "to_day": date(2026, 3, 3)}
        delegate(session, staff.unit_leader, staff.special_team_lead, **days)
        _, first = ask_to_sign(session, staff, now=clock())
        _, second = ask_to_sign(session, staff, now=clock())

    assert answer(first, APPROVE, staff.special_team_lead) is RequestState.APPROVED
    with database.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "answered")).one()
        assert entry.details["on_behalf_of"] == [staff.unit_leader]

    clock.forward(days=2)
    with pytest.raises(NotTheApprover):
        answer(second, APPROVE, staff.special_team_lead)


@pytest.mark.parametrize("made", ["owner_id", "last_material_editor_id"])
def test_who_has_become_owner_or_editor_meanwhile_no_longer_decides(
    database, staff, asked, answer, made
):
    with database.writing() as session:
        setattr(session.get_one(Project, asked[0]), made, staff.unit_leader)

    with pytest.raises(NotTheApprover):
        answer(asked[1], APPROVE, staff.unit_leader)


def test_a_person_in_two_posts_of_a_step_answers_for_both_at_once(database, clock, staff, answer):
    with database.writing() as session:
        vacate(session, staff.promotion_center_head, last_day=date(2026, 3, 1))
        appoint(session, staff.special_team_lead, Role.PROMOTION_CENTER_HEAD, PROMOTION_CENTER)
        _, request_id = ask_to_sign(session, staff, now=clock(), investment=5 * BILLION)

    answer(request_id, APPROVE, staff.special_team_lead)

    with database.reading() as session:
        assert states(session, request_id) == ["approved", "approved", "pending"]


def test_the_same_person_at_two_steps_answers_once_and_from_1_bn_up_another_must_agree(
    database, clock, staff, answer
):
    """The unit leader's post is empty, so the director is asked for it, and next, too."""
    with database.writing() as session:
        vacate(session, staff.unit_leader, last_day=date(2026, 3, 1))
        project_id, request_id = ask_to_sign(session, staff, now=clock(), investment=BILLION)

    assert answer(request_id, APPROVE, staff.director) is RequestState.PENDING

    with database.reading() as session:
        approvals = session.get_one(ApprovalRequest, request_id).approvals
        seen = [(e.step, e.person_id, e.state, e.carried, e.because.value) for e in approvals]
        assert seen == [
            (0, staff.director, ApprovalState.APPROVED, False, "empty"),
            (1, staff.director, ApprovalState.APPROVED, True, "holds"),
            (1, staff.deputy_mayor, ApprovalState.PENDING, False, "second_person"),
        ]
    assert answer(request_id, APPROVE, staff.deputy_mayor) is RequestState.APPROVED
    with database.reading() as session:
        assert session.get_one(Project, project_id).stage is Stage.SIGNED


def test_any_holder_answers_for_a_post_and_the_other_is_told_and_asked_no_more(
    database, clock, staff, answer
):
    with database.writing() as session:
        second = add_holder(session, Role.UNIT_LEADER, LANXI)
        _, request_id = ask_to_sign(session, staff, now=clock())

    assert answer(request_id, APPROVE, second) is RequestState.APPROVED

    with database.reading() as session:
        assert states(session, request_id) == [ApprovalState.MOOT, ApprovalState.APPROVED]
        settled = mails(session, "request_settled")
        assert settled == [
            ("request_settled", staff.officer),
            ("request_settled", staff.unit_leader),
        ]


def test_if_the_gate_has_closed_the_machine_sends_it_back_and_the_answer_stays(
    database, clock, staff, asked, answer
):
    project_id, request_id = asked
    with database.writing() as session:
        edit_project(
            session, project_id, {"planned_start": None}, edition=None, by=staff.owner,
            now=clock(), calendar=CALENDAR,
        )  # fmt: skip

    assert answer(request_id, APPROVE, staff.unit_leader) is RequestState.SENT_BACK

    with database.reading() as session:
        request = session.get_one(ApprovalRequest, request_id)
        assert (request.missing, request.settled_by_id) == (["planned_start"], None)
        assert [each.answer for each in request.approvals] == [APPROVE]
        assert session.get_one(Project, project_id).stage is Stage.NEGOTIATION
        (facts,) = session.scalars(select(Mail.facts).where(Mail.kind == "request_settled"))
        assert (facts["missing"], facts["settled_by"]) == (["planned_start"], None)


def test_a_request_is_judged_by_the_stage_that_it_was_made_in(database, clock, staff, answer):
    """Losing a lead was asked; the lead moved on meanwhile: that request has ended with it."""
    with database.writing() as session:
        project = add_project(
            session, now=clock(), owner_id=staff.owner, investor_contact="王先生",
            industry="纺织", investment=0,
        )  # fmt: skip
        asked = advance(
            session, project.id, Move.LOSE, by=staff.officer, now=clock(), calendar=CALENDAR,
            reason="投资方退出",
        )  # fmt: skip
        advance(
            session, project.id, Move.OPEN_NEGOTIATION, by=staff.owner, now=clock(),
            calendar=CALENDAR,
        )  # fmt: skip

    with pytest.raises(RequestClosed) as refused:
        answer(asked.request_id, APPROVE, staff.unit_leader)

    assert refused.value.state is RequestState.SUPERSEDED
    with database.reading() as session:
        assert session.get_one(Project, project.id).stage is Stage.NEGOTIATION
        told = [("request_settled", staff.officer), ("request_settled", staff.unit_leader)]
        assert mails(session, "request_settled") == told


def test_a_project_that_was_asked_for_wrongly_once_can_be_asked_for_again(
    database, clock, staff, asked, answer
):
    project_id, first = asked

    def again(reason):
        with database.writing() as session:
            return advance(
                session, project_id, Move.SIGN, by=staff.officer, now=clock(), calendar=CALENDAR,
                reason=reason,
            )  # fmt: skip

    answer(first, REJECT, staff.unit_leader, "缺可研报告")

    with pytest.raises(ReasonRequired):
        again(None)
    second = again("可研报告已补").request_id
    with database.reading() as session:
        request = session.get_one(ApprovalRequest, second)
        assert request.previous_id == first
        assert states(session, second) == ["pending"]
    assert answer(second, APPROVE, staff.unit_leader) is RequestState.APPROVED


def test_after_a_rejection_a_changed_fact_needs_no_reply(database, clock, staff, asked, answer):
    project_id, first = asked
    answer(first, REJECT, staff.unit_leader, "投资额有误")
    with database.writing() as session:
        edit_project(
            session, project_id, {"investment": 0}, edition=None, by=staff.owner, now=clock(),
            calendar=CALENDAR,
        )  # fmt: skip
        asked = advance(
            session, project_id, Move.SIGN, by=staff.officer, now=clock(), calendar=CALENDAR
        )

    with database.reading() as session:
        assert session.get_one(ApprovalRequest, asked.request_id).previous_id == first


def test_a_reason_that_could_not_be_kept_is_refused(database, staff, asked, answer):
    for comment in ("零\x00", "反\u202e向", "长" * 5001):
        with pytest.raises(ValueRefused) as refused:
            answer(asked[1], REJECT, staff.unit_leader, comment)

        assert refused.value.field == "comment"
    assert answer(asked[1], REJECT, staff.unit_leader, "一、\n二、") is RequestState.REJECTED


def test_a_comment_is_kept_without_what_nobody_can_see(database, staff, asked, answer):
    answer(
        asked[1], REJECT, staff.unit_leader, "\u3000\u3000用地\u200b未落实。\r\n请补\u00a0件\ufeff"
    )

    with database.reading() as session:
        (approval,) = session.get_one(ApprovalRequest, asked[1]).approvals
        assert approval.comment == "用地未落实。\n请补 件"


def test_a_comment_that_shows_nothing_is_none(staff, asked, answer):
    with pytest.raises(ReasonRequired):
        answer(asked[1], REJECT, staff.unit_leader, "\u3000\u200b\u3164")


def test_who_was_asked_may_still_answer_once_a_stand_in_could(
    database, clock, staff, asked, answer
):
    with database.writing() as session:
        stand_in = add_person(session)
        today = local_day(clock())
        delegate(session, staff.unit_leader, stand_in, from_day=today, to_day=today)

    assert answer(asked[1], APPROVE, staff.unit_leader) is RequestState.APPROVED


def test_who_has_left_one_of_two_posts_answers_for_the_other(database, clock, staff, answer):
    lead = staff.special_team_lead
    with database.writing() as session:
        appoint(session, lead, Role.PROMOTION_CENTER_HEAD, PROMOTION_CENTER)
        _, request_id = ask_to_sign(session, staff, now=clock(), investment=5 * BILLION)
        left = (
            select(PostHolder)
            .join(Post)
            .where(PostHolder.person_id == lead, Post.role == Role.SPECIAL_TEAM_LEAD)
        )
        session.scalars(left).one().to_day = local_day(clock()) - timedelta(days=1)

    assert answer(request_id, APPROVE, lead) is RequestState.PENDING

    with database.reading() as session:
        request = session.get_one(ApprovalRequest, request_id)
        mine = {e.asked_role: e.state for e in request.approvals if e.person_id == lead}
    assert mine == {
        Role.SPECIAL_TEAM_LEAD: ApprovalState.PENDING,
        Role.PROMOTION_CENTER_HEAD: ApprovalState.APPROVED,
    }


def test_another_question_in_between_does_not_let_a_rejection_be_forgotten(
    database, clock, staff, asked, answer
):
    project_id, request_id = asked
    answer(request_id, REJECT, staff.unit_leader, "环评没有通过")

    def ask(move, reason=None):
        with database.writing() as session:
            return advance(
                session, project_id, move, by=staff.officer, now=clock(), calendar=CALENDAR,
                reason=reason,
            )  # fmt: skip

    lose = ask(Move.LOSE, "投资方撤资")
    with database.writing() as session:
        withdraw(session, lose.request_id, by=staff.officer, now=clock())
    with pytest.raises(ReasonRequired):
        ask(Move.SIGN)
    again = ask(Move.SIGN, "环评已补办")

    with database.reading() as session:
        assert session.get_one(ApprovalRequest, again.request_id).previous_id == request_id
