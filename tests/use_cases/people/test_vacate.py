"""Vacating a post: at once or on a day, and what waits for it never waits for nobody."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from db.models import Approval, Mail, PostHolder, Project
from db.queries.roster import roster_on
from state_machines.approvals import Answer, ApprovalState, AskedBecause, NoLongerAsked
from state_machines.errors import NotAllowed, NotFound, NotTheApprover, ValueRefused
from state_machines.posts import PostKey, Role
from state_machines.stages import Stage
from state_machines.working_days import local_day
from tests.builders import CALENDAR, LANXI, add_holder, add_person, add_project, ask_to_sign, mails
from use_cases.decide import decide
from use_cases.people.vacate import vacate

A_DAY = timedelta(days=1)
LEADER_OF_LANXI = PostKey(Role.UNIT_LEADER, LANXI)


@pytest.fixture
def vacated(database, clock, staff):
    """Let somebody lead Lanxi no longer; the last day counts from today, and -1 is at once."""

    def run(person_id, last=-1, by=staff.administrator):
        with database.writing() as session:
            vacate(
                session,
                *(Role.UNIT_LEADER, LANXI, person_id),
                last_day=local_day(clock()) + last * A_DAY,
                by=by,
                now=clock(),
                calendar=CALENDAR,
            )

    return run


def rows(session):
    asked = select(Approval).order_by(Approval.id)
    return [(e.person_id, e.state, e.because, e.no_longer) for e in session.scalars(asked)]


def test_the_only_holder_goes_and_the_superior_is_asked_in_the_same_transaction(
    database, clock, staff, vacated
):
    with database.writing() as session:
        _, request_id = ask_to_sign(session, staff, now=clock())
    clock.forward(hours=1)

    vacated(staff.unit_leader)

    with database.reading() as session:
        assert rows(session) == [
            (staff.unit_leader, ApprovalState.MOOT, AskedBecause.HOLDS, NoLongerAsked.LEFT),
            (staff.director, ApprovalState.PENDING, AskedBecause.EMPTY, None),
        ]
        assert [each for each in mails(session) if each[1] != staff.administrator] == [
            ("approval_asked", staff.director),
            ("asked_no_longer", staff.unit_leader),
        ]
    with pytest.raises(NotTheApprover), database.writing() as session:
        decide(
            session,
            *(request_id, Answer.APPROVE),
            by=staff.unit_leader,
            now=clock(),
            calendar=CALENDAR,
        )


def test_an_empty_post_is_an_alarm_once_with_the_projects_that_it_is_for(
    database, clock, staff, vacated
):
    with database.writing() as session:
        ask_to_sign(session, staff, now=clock())
        add_project(session, now=clock())
        add_project(session, now=clock(), stage=Stage.STARTED)
    clock.forward(hours=1)

    vacated(staff.unit_leader)
    vacated(staff.unit_leader)

    with database.reading() as session:
        alarms = session.scalars(select(Mail).where(Mail.kind == "empty_posts")).all()
        assert [each.person_id for each in alarms] == [staff.administrator]
        assert alarms[0].facts["posts"] == [{"post": str(LEADER_OF_LANXI), "projects": 2}]


def test_others_who_hold_the_post_go_on_being_asked_and_nobody_is_alarmed(
    database, clock, staff, vacated
):
    with database.writing() as session:
        other = add_holder(session, Role.UNIT_LEADER, LANXI)
        ask_to_sign(session, staff, now=clock())
    clock.forward(hours=1)

    vacated(staff.unit_leader)

    with database.reading() as session:
        assert rows(session) == [
            (staff.unit_leader, ApprovalState.MOOT, AskedBecause.HOLDS, NoLongerAsked.LEFT),
            (other, ApprovalState.PENDING, AskedBecause.HOLDS, None),
        ]
        assert mails(session, "empty_posts") == []


def test_what_lasts_to_a_day_to_come_changes_nothing_before(database, clock, staff, vacated):
    with database.writing() as session:
        ask_to_sign(session, staff, now=clock())
    clock.forward(hours=1)

    vacated(staff.unit_leader, last=2)

    today = local_day(clock())
    with database.reading() as session:
        assert [row[1] for row in rows(session)] == [ApprovalState.PENDING]
        holds = [
            roster_on(session, today + n * A_DAY).holds(staff.unit_leader, LEADER_OF_LANXI)
            for n in range(4)
        ]
        assert holds == [True, True, True, False]


def test_what_would_begin_later_is_taken_away(database, clock, staff, vacated):
    today = local_day(clock())
    with database.writing() as session:
        person_id = add_person(session)
        post_id = session.scalar(
            select(PostHolder.post_id).where(PostHolder.person_id == staff.unit_leader)
        )
        session.add(PostHolder(post_id=post_id, person_id=person_id, from_day=today + A_DAY))

    vacated(person_id, last=0)

    with database.reading() as session:
        found = session.scalars(select(PostHolder).where(PostHolder.person_id == person_id))
        assert found.all() == []


def test_saying_a_later_day_gives_no_day_back(database, clock, staff, vacated):
    vacated(staff.unit_leader, last=2)
    vacated(staff.unit_leader, last=9)

    with database.reading() as session:
        last = session.scalar(
            select(PostHolder.to_day).where(PostHolder.person_id == staff.unit_leader)
        )
        assert last == local_day(clock()) + 2 * A_DAY


@pytest.mark.parametrize("name", ["unit_leader", "director", "officer"])
def test_only_administrators_vacate_posts(staff, vacated, name):
    with pytest.raises(NotAllowed):
        vacated(staff.unit_leader, by=getattr(staff, name))


def test_the_past_is_not_rewritten(staff, vacated):
    with pytest.raises(ValueRefused) as refused:
        vacated(staff.unit_leader, last=-2)

    assert refused.value.field == "last_day"


def test_who_never_held_the_post_is_said_so(database, staff, vacated):
    with pytest.raises(NotFound) as refused:
        vacated(staff.director)
    with pytest.raises(NotFound):
        vacated(4711)

    assert (refused.value.kind, refused.value.key) == ("holder", "director@lanxi.example")


def test_an_answer_that_was_given_stands_after_its_giver_has_gone(database, clock, staff, vacated):
    with database.writing() as session:
        project_id, request_id = ask_to_sign(session, staff, now=clock(), investment=10**9)
        decide(
            session,
            *(request_id, Answer.APPROVE),
            by=staff.unit_leader,
            now=clock(),
            calendar=CALENDAR,
        )
    clock.forward(hours=1)

    vacated(staff.unit_leader)
    with database.writing() as session:
        decide(
            session,
            *(request_id, Answer.APPROVE),
            by=staff.director,
            now=clock(),
            calendar=CALENDAR,
        )

    with database.reading() as session:
        assert session.get_one(Project, project_id).stage is Stage.SIGNED
