"""The questions we ask: who holds which post on a day, what is due, which rules are in force."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from db.models import Person, PolicyVersion, Project
from db.queries.due import due_projects
from db.queries.policies import policy_in_force, policy_version
from db.queries.projects import project_id_of, project_to_change
from db.queries.roster import roster_on
from state_machines.errors import NotFound
from state_machines.posts import PostKey, Role
from state_machines.stages import Stage
from tests.builders import (
    CALENDAR,
    LANXI,
    add_person,
    add_project,
    add_projects,
    appoint,
    delegate,
    found_city,
)
from tests.statements import Counted

TODAY = date(2026, 3, 2)
INTAKE = PostKey(Role.INTAKE, LANXI)


@pytest.fixture
def staff(database, clock):
    with database.writing() as session:
        return found_city(session, now=clock())


def holders(session, day):
    return roster_on(session, day).holders.get(INTAKE, ())


def test_a_post_is_held_from_the_first_day_to_the_last_both_included(database, staff):
    with database.writing() as session:
        person = add_person(session)
        last = TODAY + timedelta(days=2)
        appoint(session, person, Role.INTAKE, LANXI, from_day=TODAY, to_day=last)

        held = [bool(holders(session, TODAY + timedelta(days=n))) for n in range(-1, 4)]

    assert held == [False, True, True, True, False]


def test_who_has_left_holds_nothing_and_stands_in_for_nobody(database, staff):
    with database.writing() as session:
        gone, here = add_person(session, active=False), add_person(session)
        for person in (gone, here):
            appoint(session, person, Role.INTAKE, LANXI)
        delegate(session, here, gone, from_day=TODAY, to_day=TODAY)

        roster = roster_on(session, TODAY)

    assert roster.holders[INTAKE] == (here,)
    assert roster.stand_ins == {}


def test_a_delegation_lasts_from_its_first_day_to_its_last(database, staff):
    with database.writing() as session:
        delegate(session, staff.owner, staff.officer, from_day=TODAY, to_day=TODAY)

        found = [roster_on(session, TODAY + timedelta(days=n)).stand_ins for n in (-1, 0, 1)]

    assert found == [{}, {staff.owner: staff.officer}, {}]


def test_holders_come_in_the_order_in_which_they_took_the_post(database, staff):
    with database.writing() as session:
        later, earlier = add_person(session), add_person(session)
        appoint(session, later, Role.INTAKE, LANXI, from_day=TODAY)
        appoint(session, earlier, Role.INTAKE, LANXI, from_day=TODAY - timedelta(days=1))

        assert holders(session, TODAY) == (earlier, later)


def test_the_roster_takes_one_statement(database, staff):
    with database.reading() as session:
        session.connection()
        with Counted(database) as counted:
            roster_on(session, TODAY)

    assert counted.number == 1


@pytest.fixture
def due_at(database, clock, staff):
    """Five leads that are due at the instant returned, a started project, and a lead of today."""
    with database.writing() as session:
        add_projects(session, 5, now=clock(), owner_id=staff.owner)
        add_project(session, now=clock(), stage=Stage.STARTED)
        add_project(session, now=clock(), clock_from=TODAY + timedelta(days=7))
    return CALENDAR.opening(CALENDAR.add(TODAY, 10))


def due(session, as_of, **more):
    found = due_projects(session, as_of=as_of, lock=False, **{"limit": 100} | more)
    return [each.project.id for each in found]


def test_what_is_due_is_due_from_nine_oclock_on(database, due_at):
    with database.reading() as session:
        assert due(session, due_at - timedelta(microseconds=1)) == []
        assert due(session, due_at) == [1, 2, 3, 4, 5]


def test_what_is_due_comes_in_pages_that_neither_overlap_nor_leave_out(database, due_at):
    as_of = due_at + timedelta(days=30)
    pages, after = [], None
    with database.reading() as session:
        while found := due_projects(session, as_of=as_of, limit=2, lock=False, after=after):
            pages.append([each.project.id for each in found])
            after = (found[-1].project.next_rung_at, found[-1].project.id)

    assert pages == [[1, 2], [3, 4], [5, 7]]


def test_a_parked_project_waits_until_its_hour_is_over(database, due_at):
    with database.writing() as session:
        session.get_one(Project, 2).parked_until = due_at + timedelta(hours=1)

    with database.reading() as session:
        assert due(session, due_at) == [1, 3, 4, 5]
        assert due(session, due_at + timedelta(hours=1)) == [1, 2, 3, 4, 5]
        assert due(session, due_at, only=[1, 2, 6]) == [1]


def test_an_owner_who_has_left_is_no_owner(database, staff, due_at):
    with database.writing() as session:
        session.get_one(Person, staff.owner).active = False

    with database.reading() as session:
        found = due_projects(session, as_of=due_at, limit=1, lock=False)

    assert [each.owner_id for each in found] == [None]


def test_what_is_due_takes_four_statements_however_much_it_is(database, due_at):
    with database.reading() as session:
        session.connection()
        with Counted(database) as counted:
            due(session, due_at)

    assert counted.number == 4


def test_the_policy_in_force_is_the_one_adopted_last_and_old_ones_stay(database, clock, staff):
    with database.writing() as session:
        first = session.scalars(select(PolicyVersion)).one()
        source = first.source.replace("silence = 20", "silence = 30")
        session.add(PolicyVersion(name="jinhua", source=source, sha256="2", adopted_at=clock()))

    with database.reading() as session:
        adopted = policy_in_force(session)
        assert adopted.policy.clocks.silence == 30
        assert policy_version(session, first.id).policy.clocks.silence == 20
        assert adopted.version_id != first.id
        with pytest.raises(NotFound):
            policy_version(session, 4711)


def test_a_database_that_was_never_seeded_has_no_policy(database):
    with pytest.raises(NotFound), database.reading() as session:
        policy_in_force(session)


def test_a_project_is_found_by_its_number_or_not_at_all(database, due_at):
    with database.reading() as session:
        assert project_id_of(session, "JH-2026-0003") == 3
        with pytest.raises(NotFound):
            project_id_of(session, "JH-2026-9999")
    with pytest.raises(NotFound), database.writing() as session:
        project_to_change(session, 4711)
