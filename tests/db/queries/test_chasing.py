"""Which requests need a look: around people and posts, or since some of them have changed."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from db.models import Approval, ApprovalRequest, Project
from db.queries.chasing import outdated_requests, requests_around
from state_machines.approvals import ApprovalState
from state_machines.posts import PostKey, Role
from state_machines.working_days import local_day
from tests.builders import (
    BILLION,
    CALENDAR,
    LANXI,
    add_person,
    appoint,
    ask_to_sign,
    delegate,
    found_city,
)
from use_cases.reroute import reroute_requests

A_DAY = timedelta(days=1)


@pytest.fixture
def staff(database, clock):
    with database.writing() as session:
        return found_city(session, now=clock())


@pytest.fixture
def request_id(database, clock, staff):
    with database.writing() as session:
        return ask_to_sign(session, staff, now=clock())[1]


@pytest.fixture
def rerouted(database, clock):
    def run():
        clock.forward(hours=1)
        with database.writing() as session:
            reroute_requests(session, now=clock(), calendar=CALENDAR)

    return run


def waiting(database):
    pending = select(Approval.person_id).where(Approval.state == ApprovalState.PENDING)
    with database.reading() as session:
        return session.scalars(pending).all()


def test_only_what_asks_the_people_and_posts_is_looked_at_and_what_waits_for_anybody(
    database, clock, staff, request_id
):
    leader = PostKey(Role.UNIT_LEADER, LANXI)
    with database.writing() as session:
        _, other = ask_to_sign(session, staff, now=clock(), investment=5 * BILLION)

    with database.reading() as session:
        around = {
            "the leader": requests_around(session, [staff.unit_leader]),
            "the post": requests_around(session, [], [leader]),
            "another": requests_around(session, [staff.special_team_lead]),
            "nobody": requests_around(session, []),
            "all": requests_around(session, None),
        }
    found = {name: [request for _, request in pairs] for name, pairs in around.items()}
    assert found == {
        "the leader": [request_id],
        "the post": [request_id],
        "another": [other],
        "nobody": [],
        "all": [request_id, other],
    }


@pytest.fixture
def outdated(database, clock):
    """What the machine finds outdated on the n-th day from now, routing nothing."""

    def run(days):
        with database.reading() as session:
            return outdated_requests(session, local_day(clock()) + days * A_DAY)

    return run


def test_a_delegation_outdates_a_request_on_the_day_it_begins_and_the_day_after_its_last(
    database, clock, staff, request_id, rerouted, outdated
):
    today = local_day(clock())
    with database.writing() as session:
        stand_in = add_person(session)
        delegate(
            session,
            *(staff.unit_leader, stand_in),
            from_day=today + 2 * A_DAY,
            to_day=today + 4 * A_DAY,
        )

    assert [outdated(n) for n in range(4)] == [[], [], [request_id], [request_id]]
    clock.forward(days=2)
    rerouted()
    assert waiting(database) == [stand_in]
    assert [outdated(n) for n in range(4)] == [[], [request_id], [request_id], [request_id]]
    clock.forward(days=1)
    rerouted()  # what began on the day of a routing may have come after it: it is looked at again
    assert [outdated(n) for n in range(3)] == [[], [], [request_id]]
    clock.forward(days=2)
    rerouted()
    assert waiting(database) == [staff.unit_leader]


@pytest.mark.parametrize("to_day", [2, None])
def test_a_term_outdates_a_request_when_it_begins_and_when_it_ends(
    database, clock, staff, request_id, outdated, to_day
):
    today = local_day(clock())
    with database.writing() as session:
        appoint(
            session,
            *(staff.unit_leader, Role.UNIT_LEADER, LANXI),
            from_day=today + A_DAY,
            to_day=None if to_day is None else today + to_day * A_DAY,
        )
        appoint(session, staff.deputy_mayor, Role.INTAKE, LANXI, from_day=today + A_DAY)

    assert [outdated(n) for n in range(4)] == [[], [request_id], [request_id], [request_id]]


def test_a_new_holder_outdates_what_is_asked_for_the_post(
    database, clock, staff, request_id, outdated
):
    with database.writing() as session:
        newcomer = add_person(session)
        appoint(
            session,
            *(newcomer, Role.UNIT_LEADER, LANXI),
            from_day=local_day(clock()) + A_DAY,
        )

    assert [outdated(n) for n in range(2)] == [[], [request_id]]


def test_a_frozen_project_is_looked_at_once_it_goes_on(
    database, clock, staff, request_id, outdated
):
    tomorrow = local_day(clock()) + A_DAY
    with database.writing() as session:
        newcomer = add_person(session)
        appoint(session, newcomer, Role.UNIT_LEADER, LANXI, from_day=tomorrow)
        project_id = session.get_one(ApprovalRequest, request_id).project_id
        session.get_one(Project, project_id).frozen_at = clock()
    assert outdated(1) == []

    with database.writing() as session:
        session.get_one(Project, project_id).frozen_at = None

    assert outdated(1) == [request_id]
