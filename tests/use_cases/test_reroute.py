"""Re-routing: whoever is asked is who may answer today, and everybody hears what concerns them."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from db.models import Approval, ApprovalRequest, AuditEntry, Person
from state_machines.approvals import (
    Answer,
    ApprovalState,
    AskedBecause,
    NoLongerAsked,
    RequestState,
)
from state_machines.posts import GENERAL_HEADQUARTERS, Role
from state_machines.stages import Stage
from state_machines.working_days import local_day
from tests.builders import (
    BILLION,
    CALENDAR,
    LANXI,
    add_holder,
    add_person,
    appoint,
    ask_to_sign,
    delegate,
    mails,
    vacate,
)
from use_cases.decide import decide
from use_cases.edit_project import edit_project
from use_cases.reroute import reroute_requests

PENDING, MOOT, APPROVED = ApprovalState.PENDING, ApprovalState.MOOT, ApprovalState.APPROVED
HOLDS, STANDS_IN, EMPTY = AskedBecause.HOLDS, AskedBecause.STANDS_IN, AskedBecause.EMPTY
A_DAY = timedelta(days=1)


@pytest.fixture
def request_id(database, clock, staff):
    with database.writing() as session:
        _, request_id = ask_to_sign(session, staff, now=clock())
    clock.forward(hours=1)
    return request_id


@pytest.fixture
def rerouted(database, clock):
    """Re-route all that pends, an hour after whatever happened."""

    def run(**around):
        clock.forward(hours=1)
        with database.writing() as session:
            return reroute_requests(session, now=clock(), calendar=CALENDAR, **around)

    return run


@pytest.fixture
def answered(database, clock):
    def run(request_id, by, answer=Answer.APPROVE, comment=None):
        with database.writing() as session:
            how = {"by": by, "now": clock(), "calendar": CALENDAR, "comment": comment}
            return decide(session, request_id, answer, **how)

    return run


def rows(session, *states):
    found = session.scalars(select(Approval).order_by(Approval.id))
    return [
        (each.person_id, each.because, each.state, each.no_longer)
        for each in found
        if not states or each.state in states
    ]


def waiting(database):
    with database.reading() as session:
        return [row[:2] for row in rows(session, PENDING)]


def test_where_nothing_has_changed_nothing_happens(database, staff, request_id, rerouted):
    with database.reading() as session:
        before = mails(session), len(session.scalars(select(AuditEntry)).all())

    assert rerouted() == 1

    with database.reading() as session:
        assert (mails(session), len(session.scalars(select(AuditEntry)).all())) == before


def test_a_change_on_one_day_is_routed_once(database, clock, staff, request_id, rerouted):
    with database.writing() as session:
        stand_in = add_person(session)
        today = local_day(clock())
        delegate(session, staff.unit_leader, stand_in, from_day=today, to_day=today + 9 * A_DAY)

    rerouted()
    with database.reading() as session:
        once = mails(session)
    rerouted()

    with database.reading() as session:
        assert mails(session) == once
        assert once == [("approval_asked", stand_in), ("asked_no_longer", staff.unit_leader)]


def test_a_new_holder_is_asked_besides(database, staff, request_id, rerouted):
    with database.writing() as session:
        newcomer = add_holder(session, Role.UNIT_LEADER, LANXI)

    rerouted()

    assert waiting(database) == [(staff.unit_leader, HOLDS), (newcomer, HOLDS)]


def test_posts_that_were_asked_go_on_being_asked(database, clock, staff, request_id, rerouted):
    """The superior who was asked for an empty post keeps the question once it is filled."""
    with database.writing() as session:
        vacate(session, staff.unit_leader, last_day=local_day(clock()) - A_DAY)
    rerouted()
    with database.writing() as session:
        add_holder(session, Role.UNIT_LEADER, LANXI)
    rerouted()

    assert waiting(database) == [(staff.director, EMPTY)]


def test_the_replacement_of_a_holder_is_asked_for_the_same_post(
    database, clock, staff, request_id, rerouted
):
    with database.writing() as session:
        vacate(session, staff.unit_leader, last_day=local_day(clock()) - A_DAY)
        newcomer = add_holder(session, Role.UNIT_LEADER, LANXI)

    rerouted()

    assert waiting(database) == [(newcomer, HOLDS)]


def test_who_becomes_the_owner_is_no_longer_asked(database, clock, staff, request_id):
    with database.writing() as session:
        project_id = session.get_one(ApprovalRequest, request_id).project_id
        edit_project(
            session,
            project_id,
            {"owner_id": staff.unit_leader},
            edition=None,
            by=staff.officer,
            now=clock(),
            calendar=CALENDAR,
        )

    with database.reading() as session:
        assert rows(session) == [
            (staff.unit_leader, HOLDS, MOOT, NoLongerAsked.EXCLUDED),
            (staff.director, AskedBecause.EXCLUDED, PENDING, None),
        ]


def test_a_stand_in_who_is_the_superior_too_goes_on_being_asked_as_such_and_hears_so_once(
    database, clock, staff, request_id, rerouted, answered
):
    today = local_day(clock())
    with database.writing() as session:
        delegate(
            session, staff.unit_leader, staff.director, from_day=today, to_day=today + 9 * A_DAY
        )
    rerouted()
    with database.writing() as session:
        vacate(session, staff.unit_leader, last_day=today - A_DAY)

    rerouted()

    assert waiting(database) == [(staff.director, EMPTY)]
    with database.reading() as session:
        assert [each for each in mails(session) if each[1] == staff.director] == [
            ("approval_asked", staff.director)
        ] * 2
    assert answered(request_id, staff.director) is RequestState.APPROVED


def test_a_stand_in_who_holds_the_post_by_now_answers_in_their_own_name(
    database, clock, staff, request_id, rerouted, answered
):
    today = local_day(clock())
    with database.writing() as session:
        stand_in = add_person(session)
        delegate(session, staff.unit_leader, stand_in, from_day=today, to_day=today + 9 * A_DAY)
    rerouted()
    with database.writing() as session:
        vacate(session, staff.unit_leader, last_day=today - A_DAY)
        appoint(session, stand_in, Role.UNIT_LEADER, LANXI)
    rerouted()

    answered(request_id, stand_in)

    with database.reading() as session:
        [row] = session.scalars(select(Approval).where(Approval.state == APPROVED))
        assert (row.person_id, row.on_behalf_of_id, row.because) == (stand_in, None, HOLDS)


def test_who_agreed_and_comes_to_answer_for_another_post_agrees_there_too(
    database, clock, staff, rerouted, answered
):
    """Both posts of a step agree once the one who agreed is all that is left for the other."""
    with database.writing() as session:
        _, request_id = ask_to_sign(session, staff, now=clock(), investment=5 * BILLION)
    answered(request_id, staff.special_team_lead)
    with database.writing() as session:
        vacate(session, staff.promotion_center_head, last_day=local_day(clock()) - A_DAY)
        appoint(session, staff.special_team_lead, Role.PROMOTION_CENTER_HEAD, "promotion-center")

    rerouted()

    with database.reading() as session:
        request = session.get_one(ApprovalRequest, request_id)
        assert request.step == 1
        carried = [each for each in request.approvals if each.carried]
        assert [(each.person_id, each.asked_role) for each in carried] == [
            (staff.special_team_lead, Role.PROMOTION_CENTER_HEAD)
        ]
    assert waiting(database) == [(staff.unit_leader, HOLDS)]


def test_one_persons_carried_agreement_is_still_one_person(
    database, clock, staff, rerouted, answered
):
    with database.writing() as session:
        _, request_id = ask_to_sign(session, staff, now=clock(), investment=BILLION)
    answered(request_id, staff.unit_leader)
    with database.writing() as session:
        vacate(session, staff.director, last_day=local_day(clock()) - A_DAY)
        appoint(
            session,
            staff.unit_leader,
            Role.GENERAL_HEADQUARTERS_DIRECTOR,
            GENERAL_HEADQUARTERS,
        )

    rerouted()

    with database.reading() as session:
        assert session.get_one(ApprovalRequest, request_id).state is RequestState.PENDING
    assert waiting(database) == [(staff.deputy_mayor, AskedBecause.SECOND_PERSON)]


def test_a_second_person_who_goes_is_replaced(database, clock, staff, rerouted, answered):
    with database.writing() as session:
        vacate(session, staff.unit_leader, last_day=local_day(clock()) - A_DAY)
        _, request_id = ask_to_sign(session, staff, now=clock(), investment=BILLION)
    answered(request_id, staff.director)
    assert waiting(database) == [(staff.deputy_mayor, AskedBecause.SECOND_PERSON)]
    with database.writing() as session:
        vacate(session, staff.deputy_mayor, last_day=local_day(clock()) - A_DAY)
        newcomer = add_holder(session, Role.DEPUTY_MAYOR, "330700")

    rerouted()

    assert waiting(database) == [(newcomer, AskedBecause.SECOND_PERSON)]
    assert answered(request_id, newcomer) is RequestState.APPROVED


def test_a_second_person_whom_nobody_can_be_is_waited_for_since_the_first_day(
    database, clock, staff, rerouted, answered
):
    with database.writing() as session:
        vacate(session, staff.unit_leader, last_day=local_day(clock()) - A_DAY)
        _, request_id = ask_to_sign(session, staff, now=clock(), investment=BILLION)
        vacate(session, staff.deputy_mayor, last_day=local_day(clock()) - A_DAY)
    answered(request_id, staff.director)
    since = clock()

    rerouted()

    with database.reading() as session:
        assert session.get_one(ApprovalRequest, request_id).nobody_since == since
        assert mails(session, "nobody_answers") == [("nobody_answers", staff.administrator)]
    with database.writing() as session:
        newcomer = add_holder(session, Role.DEPUTY_MAYOR, "330700")
    rerouted()
    assert waiting(database) == [(newcomer, AskedBecause.SECOND_PERSON)]


def test_an_empty_post_is_an_alarm_however_it_became_empty(
    database, clock, staff, request_id, rerouted
):
    with database.writing() as session:
        session.get_one(Person, staff.unit_leader).active = False

    rerouted()

    with database.reading() as session:
        assert mails(session, "empty_posts") == [("empty_posts", staff.administrator)]


def test_a_vote_out_of_reach_waits_with_an_alarm(database, clock, staff, rerouted):
    """Two of three must agree; two posts have nobody up their line but the third's holder."""
    with database.writing() as session:
        _, request_id = ask_to_sign(session, staff, now=clock())
        request = session.get_one(ApprovalRequest, request_id)
        request.written_steps = [
            {
                "asks": ["unit_leader", "special_team_lead", "deputy_mayor"],
                "needs": 2,
                "veto": False,
            }
        ]
    rerouted()
    assert len(waiting(database)) == 3
    with database.writing() as session:
        for each in (staff.unit_leader, staff.special_team_lead, staff.director):
            vacate(session, each, last_day=local_day(clock()) - A_DAY)

    rerouted()

    with database.reading() as session:
        assert session.get_one(ApprovalRequest, request_id).nobody_since == clock()
        assert mails(session, "nobody_answers") == [("nobody_answers", staff.administrator)]


def test_a_last_agreement_that_is_carried_over_moves_nothing_if_the_gate_has_closed(
    database, clock, staff, rerouted, answered
):
    """The director leaves, and who comes after them has agreed in an earlier step already."""
    with database.writing() as session:
        project_id, request_id = ask_to_sign(session, staff, now=clock(), investment=5 * BILLION)
    for each in (staff.special_team_lead, staff.promotion_center_head, staff.unit_leader):
        clock.forward(hours=1)
        answered(request_id, each)
    with database.writing() as session:
        edit_project(
            session, project_id, {"planned_start": None}, edition=None, by=staff.owner,
            now=clock(), calendar=CALENDAR,
        )  # fmt: skip
        vacate(session, staff.director, last_day=local_day(clock()) - A_DAY)
        appoint(
            session,
            staff.special_team_lead,
            Role.GENERAL_HEADQUARTERS_DIRECTOR,
            GENERAL_HEADQUARTERS,
        )

    rerouted()

    with database.reading() as session:
        request = session.get_one(ApprovalRequest, request_id)
        assert (request.state, request.missing) == (RequestState.SENT_BACK, ["planned_start"])
        assert request.settled_by_id is None
        assert request.project.stage is Stage.NEGOTIATION
