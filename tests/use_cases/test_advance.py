"""Advancing: what is missing at once, what moves at once, what has to be asked, and of whom."""

from datetime import date

import pytest
from sqlalchemy import select

from db.models import ApprovalRequest, Project, StageChange, StageVisit
from state_machines.approvals import Answer
from state_machines.dates import PartialDate
from state_machines.errors import (
    GateNotMet,
    IllegalMove,
    NobodyToAsk,
    NotAllowed,
    NotFound,
    ReasonRequired,
    RequestPending,
)
from state_machines.facts import digest
from state_machines.posts import GENERAL_HEADQUARTERS, PostKey, Role
from state_machines.stages import Move, Stage
from tests.builders import (
    BILLION,
    CALENDAR,
    LANXI,
    YIWU,
    add_holder,
    add_project,
    add_ready_project,
    ask_to_sign,
    delegate,
    mails,
    vacate,
)
from use_cases.advance import Advanced, Requested, advance
from use_cases.decide import decide


@pytest.fixture
def act(database, clock):
    """Advance a project in a transaction of its own."""

    def acting(project_id, move, by, **more):
        with database.writing() as session:
            return advance(session, project_id, move, by=by, now=clock(), calendar=CALENDAR, **more)

    return acting


def test_everything_that_is_missing_is_named_at_once_and_nothing_moves(database, clock, staff, act):
    with database.writing() as session:
        project = add_project(session, now=clock(), owner_id=staff.owner, investment=0)

    with pytest.raises(GateNotMet) as refused:
        act(project.id, Move.OPEN_NEGOTIATION, staff.officer)

    assert refused.value.stage is Stage.NEGOTIATION
    assert refused.value.missing == ("investor_contact", "industry")
    with database.reading() as session:
        assert session.get_one(Project, project.id).stage is Stage.LEAD
        assert mails(session) == []


def test_a_move_that_needs_nobody_is_made_at_once_and_written_down(database, clock, staff, act):
    with database.writing() as session:
        project = add_ready_project(session, staff, Stage.LEAD, now=clock(), to=Stage.NEGOTIATION)

    done = act(project.id, Move.OPEN_NEGOTIATION, staff.officer)

    assert isinstance(done, Advanced)
    with database.reading() as session:
        newest = select(StageChange).order_by(StageChange.seq.desc()).limit(1)
        change = session.scalars(newest).one()
        assert change.seq == done.history_seq
        assert (change.seq, change.before, change.after) == (2, Stage.LEAD, Stage.NEGOTIATION)
        assert (change.by_id, change.recorded_at) == (staff.officer, clock())
        assert change.policy_version_id == 1
        assert (change.request_id, change.waived, change.reason) == (None, None, None)
        assert change.effective_on == PartialDate.of(date(2026, 3, 2))
        assert mails(session) == [("stage_changed", staff.owner)]
        first, second = session.scalars(select(StageVisit).order_by(StageVisit.id))
        assert (first.left_at, second.left_at) == (clock(), None)


TOGETHER = ["special_team_lead", "promotion_center_head"]
WHO_IS_ASKED = {
    BILLION - 1: [["unit_leader"]],
    BILLION: [["unit_leader"], ["director"]],
    5 * BILLION: [TOGETHER, ["unit_leader"], ["director"]],
    10 * BILLION + 1: [TOGETHER, ["unit_leader"], ["director"], ["deputy_mayor"]],
}
"""By the investment, who is asked at each step."""


@pytest.mark.parametrize("investment", WHO_IS_ASKED)
def test_the_holders_of_the_posts_of_the_tier_are_asked_step_by_step_one_mail_each(
    database, clock, staff, investment
):
    with database.writing() as session:
        project_id, request_id = ask_to_sign(session, staff, now=clock(), investment=investment)

    asked = []
    for step in WHO_IS_ASKED[investment]:
        asked += [getattr(staff, name) for name in step]
        with database.reading() as session:
            request = session.get_one(ApprovalRequest, request_id)
            assert [each.person_id for each in request.approvals] == asked
            assert mails(session, "approval_asked") == [("approval_asked", who) for who in asked]
            assert session.get_one(Project, project_id).stage is Stage.NEGOTIATION
        clock.forward(hours=1)
        with database.writing() as session:
            for name in step:
                decide(
                    session, request_id, Answer.APPROVE, by=getattr(staff, name), now=clock(),
                    calendar=CALENDAR,
                )  # fmt: skip

    with database.reading() as session:
        assert session.get_one(Project, project_id).stage is Stage.SIGNED


def test_a_request_freezes_what_is_asked(database, clock, staff):
    with database.writing() as session:
        _, request_id = ask_to_sign(session, staff, now=clock(), investment=BILLION)

    with database.reading() as session:
        request = session.get_one(ApprovalRequest, request_id)
        assert request.facts["investment"] == BILLION
        assert request.facts["contract_date"] == "2026-02-10"
        assert request.facts["evidence"] == ["contract", "joint_review_minutes"]
        assert request.facts_sha256 == digest(request.facts | {"papers": request.papers})
        assert (request.before, request.after) == (Stage.NEGOTIATION, Stage.SIGNED)
        assert (request.requested_by_id, request.requested_at) == (staff.officer, clock())
        assert (request.policy_version_id, request.waived) == (1, None)


def test_there_is_one_request_at_a_time(database, clock, staff, act):
    with database.writing() as session:
        project_id, _ = ask_to_sign(session, staff, now=clock())

    with pytest.raises(RequestPending):
        act(project_id, Move.SIGN, staff.owner)
    with pytest.raises(RequestPending):
        act(project_id, Move.LOSE, staff.owner, reason="投资方退出")


def test_a_person_in_two_posts_of_a_step_gets_one_mail_that_asks_for_both(
    database, clock, staff, act
):
    with database.writing() as session:
        for each in (staff.special_team_lead, staff.promotion_center_head):
            vacate(session, each, last_day=date(2026, 3, 1))
        _, request_id = ask_to_sign(session, staff, now=clock(), investment=5 * BILLION)

    with database.reading() as session:
        request = session.get_one(ApprovalRequest, request_id)
        asked = [(each.asked_role, each.post, each.person_id) for each in request.approvals]
        director = str(PostKey(Role.GENERAL_HEADQUARTERS_DIRECTOR, GENERAL_HEADQUARTERS))
        assert asked == [
            ("special_team_lead", director, staff.director),
            ("promotion_center_head", director, staff.director),
        ]
        assert mails(session, "approval_asked") == [("approval_asked", staff.director)]


def test_all_holders_of_a_post_are_asked(database, clock, staff):
    with database.writing() as session:
        second = add_holder(session, Role.UNIT_LEADER, LANXI)
        _, request_id = ask_to_sign(session, staff, now=clock())

    with database.reading() as session:
        asked = session.get_one(ApprovalRequest, request_id).approvals
        assert [each.person_id for each in asked] == [staff.unit_leader, second]


def test_a_stand_in_is_asked_and_both_names_stay_on_record(database, clock, staff):
    with database.writing() as session:
        days = {"from_day": date(2026, 3, 2), "to_day": date(2026, 3, 2)}
        delegate(session, staff.unit_leader, staff.special_team_lead, **days)
        _, request_id = ask_to_sign(session, staff, now=clock())

    with database.reading() as session:
        (asked,) = session.get_one(ApprovalRequest, request_id).approvals
        assert asked.person_id == staff.special_team_lead
        assert asked.on_behalf_of_id == staff.unit_leader


@pytest.mark.parametrize("relation", ["requester", "owner", "last_material_editor"])
def test_nobody_is_asked_about_their_own(database, clock, staff, relation):
    leader = staff.unit_leader
    with database.writing() as session:
        project = add_ready_project(
            session, staff, Stage.NEGOTIATION, now=clock(), to=Stage.SIGNED,
            **({"owner_id": leader} if relation == "owner" else {}),
        )  # fmt: skip
        if relation == "last_material_editor":
            project.last_material_editor_id = leader
        done = advance(
            session, project.id, Move.SIGN,
            by=leader if relation == "requester" else staff.officer,
            now=clock(), calendar=CALENDAR,
        )  # fmt: skip

    with database.reading() as session:
        asked = session.get_one(ApprovalRequest, done.request_id).approvals
        assert [each.person_id for each in asked] == [staff.director]


def test_a_request_that_nobody_could_ever_answer_is_refused_by_the_name_of_the_post(
    database, clock, staff
):
    with database.writing() as session:
        for person in (staff.unit_leader, staff.director, staff.deputy_mayor):
            vacate(session, person, last_day=date(2026, 3, 1))

    with pytest.raises(NobodyToAsk) as refused, database.writing() as session:
        ask_to_sign(session, staff, now=clock())

    assert refused.value.role is Role.UNIT_LEADER


@pytest.mark.parametrize(
    ("stage", "move"),
    [
        (Stage.NEGOTIATION, Move.LOSE),
        (Stage.NEGOTIATION, Move.STEP_BACK),
        (Stage.FACTORY_LEASED, Move.STEP_BACK),
    ],
)
def test_leading_away_takes_a_reason_and_somebody_elses_agreement_but_no_gate(
    database, clock, staff, act, stage, move
):
    with database.writing() as session:
        project = add_project(session, now=clock(), stage=stage, owner_id=staff.owner)

    with pytest.raises(ReasonRequired):
        act(project.id, move, staff.officer, reason="  ")
    done = act(project.id, move, staff.officer, reason=" 投资方退出 ")

    assert isinstance(done, Requested)
    with database.reading() as session:
        request = session.get_one(ApprovalRequest, done.request_id)
        assert request.reason == "投资方退出"
        assert [each.person_id for each in request.approvals] == [staff.unit_leader]


def test_what_leads_nowhere_is_refused(database, clock, staff, act):
    with database.writing() as session:
        project = add_project(session, now=clock(), owner_id=staff.owner)

    with pytest.raises(IllegalMove):
        act(project.id, Move.SIGN, staff.officer)
    with pytest.raises(IllegalMove):
        act(project.id, Move.REVIVE, staff.officer, reason="投资方回来了")


def test_an_unknown_project_is_not_found(staff, act):
    with pytest.raises(NotFound):
        act(4711, Move.SIGN, staff.officer)


def test_somebody_from_elsewhere_may_not(database, clock, staff, act):
    with database.writing() as session:
        elsewhere = add_holder(session, Role.CASE_OFFICER, YIWU)
        project = add_ready_project(session, staff, Stage.LEAD, now=clock(), to=Stage.NEGOTIATION)

    with pytest.raises(NotAllowed) as refused:
        act(project.id, Move.OPEN_NEGOTIATION, elsewhere)

    assert refused.value.act == "advance"
