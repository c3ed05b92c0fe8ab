"""Appointing: who may, for which days, and what waited for the post is asked at once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from db.models import ApprovalRequest, Post, PostHolder
from db.queries.roster import roster_on
from state_machines.errors import NotAllowed, NotFound, ValueRefused
from state_machines.posts import PostKey, Role
from state_machines.working_days import local_day
from tests.builders import CALENDAR, LANXI, YIWU, add_holder, add_person, ask_to_sign, mails
from use_cases.people.appoint import appoint
from use_cases.people.leave import leave
from use_cases.people.vacate import vacate

LEADER_OF_YIWU = PostKey(Role.UNIT_LEADER, YIWU)
A_DAY = timedelta(days=1)


@pytest.fixture
def appointed(database, clock, staff):
    """Appoint somebody to lead Yiwu, counting the days from today."""

    def run(person_id, first=0, last=None, by=staff.administrator):
        today = local_day(clock())
        with database.writing() as session:
            appoint(
                session,
                *(Role.UNIT_LEADER, YIWU, person_id),
                from_day=today + first * A_DAY,
                to_day=None if last is None else today + last * A_DAY,
                by=by,
                now=clock(),
                calendar=CALENDAR,
            )

    return run


@pytest.fixture
def somebody(database):
    with database.writing() as session:
        return add_person(session)


def days_held(session, person_id):
    held = select(PostHolder.from_day, PostHolder.to_day).join(Post, Post.id == PostHolder.post_id)
    held = held.where(PostHolder.person_id == person_id, Post.place == YIWU).order_by(
        PostHolder.from_day
    )
    return [(first, last) for first, last in session.execute(held)]


def test_who_is_appointed_holds_the_post_on_each_of_the_days_and_on_no_other(
    database, clock, somebody, appointed
):
    appointed(somebody, 1, 3)

    with database.reading() as session:
        holds = [
            roster_on(session, local_day(clock()) + n * A_DAY).holds(somebody, LEADER_OF_YIWU)
            for n in range(6)
        ]
    assert holds == [False, True, True, True, False, False]


def test_a_post_can_have_several_holders(database, clock, somebody, appointed):
    with database.writing() as session:
        first = add_holder(session, Role.UNIT_LEADER, YIWU)

    appointed(somebody)

    with database.reading() as session:
        holders = roster_on(session, local_day(clock())).holders[LEADER_OF_YIWU]
    assert holders == (first, somebody)


@pytest.mark.parametrize(
    ("terms", "joined"),
    [
        ([(0, None), (0, None)], [(0, None)]),  # said twice
        ([(0, 5), (3, 9)], [(0, 9)]),
        ([(3, 9), (0, 5)], [(0, 9)]),
        ([(0, 5), (3, None)], [(0, None)]),
        ([(0, None), (3, 5)], [(0, None)]),
        ([(0, 2), (6, 9), (2, 7)], [(0, 9)]),
        ([(0, 2), (6, 9)], [(0, 2), (6, 9)]),
    ],
)
def test_days_that_overlap_are_joined_so_that_nobody_holds_a_post_twice(
    database, clock, somebody, appointed, terms, joined
):
    for first, last in terms:
        appointed(somebody, first, last)

    today = local_day(clock())
    with database.reading() as session:
        assert days_held(session, somebody) == [
            (today + first * A_DAY, None if last is None else today + last * A_DAY)
            for first, last in joined
        ]


@pytest.mark.parametrize("name", ["unit_leader", "director", "deputy_mayor", "officer"])
def test_only_administrators_appoint(database, staff, somebody, appointed, name):
    with pytest.raises(NotAllowed) as refused:
        appointed(somebody, by=getattr(staff, name))

    assert refused.value.act == "manage_people"
    with database.reading() as session:
        assert days_held(session, somebody) == []


def test_the_machine_appoints_too_for_a_city_has_no_administrator_at_first(
    database, somebody, appointed
):
    appointed(somebody, by=None)

    with database.reading() as session:
        assert len(days_held(session, somebody)) == 1


def test_days_that_end_before_they_begin_are_refused(somebody, appointed):
    with pytest.raises(ValueRefused) as refused:
        appointed(somebody, 3, 2)

    assert refused.value.field == "to_day"


def test_who_has_left_holds_nothing_any_more(database, clock, staff, somebody, appointed):
    with database.writing() as session:
        leave(session, somebody, by=None, now=clock(), calendar=CALENDAR)

    with pytest.raises(ValueRefused) as refused:
        appointed(somebody)

    assert refused.value.field == "person"


def test_posts_and_people_that_do_not_exist_are_not_found(database, clock, staff, appointed):
    with pytest.raises(NotFound) as nobody:
        appointed(4711)
    with pytest.raises(NotFound) as nowhere, database.writing() as session:
        appoint(
            session,
            *(Role.UNIT_LEADER, "330799", staff.director),
            from_day=local_day(clock()),
            by=None,
            now=clock(),
            calendar=CALENDAR,
        )

    assert (nobody.value.kind, nowhere.value.kind) == ("person", "post")


def test_a_request_that_waits_for_anybody_is_asked_of_the_new_holder_at_once(
    database, clock, staff
):
    """Its whole line is empty: an administrator fills the post, and the round goes on."""
    with database.writing() as session:
        _, request_id = ask_to_sign(session, staff, now=clock())
    yesterday = local_day(clock()) - A_DAY
    clock.forward(hours=1)
    with database.writing() as session:
        for role, place, person in (
            (Role.DEPUTY_MAYOR, "330700", staff.deputy_mayor),
            (Role.GENERAL_HEADQUARTERS_DIRECTOR, "general-headquarters", staff.director),
            (Role.UNIT_LEADER, LANXI, staff.unit_leader),
        ):
            vacate(
                session,
                *(role, place, person),
                last_day=yesterday,
                by=staff.administrator,
                now=clock(),
                calendar=CALENDAR,
            )
    with database.reading() as session:
        request = session.get_one(ApprovalRequest, request_id)
        assert request.nobody_since == clock()
        assert ("nobody_answers", staff.administrator) in mails(session)
    clock.forward(hours=1)

    with database.writing() as session:
        newcomer = add_person(session)
        appoint(
            session,
            *(Role.UNIT_LEADER, LANXI, newcomer),
            from_day=local_day(clock()),
            by=staff.administrator,
            now=clock(),
            calendar=CALENDAR,
        )

    with database.reading() as session:
        request = session.get_one(ApprovalRequest, request_id)
        assert request.nobody_since is None
        assert ("approval_asked", newcomer) in mails(session)


def test_a_further_holder_is_asked_besides_from_the_day_that_they_hold_the_post(
    database, clock, staff
):
    with database.writing() as session:
        ask_to_sign(session, staff, now=clock())
        now_one, later_one = add_person(session), add_person(session)
    clock.forward(hours=1)

    today = local_day(clock())
    for person_id, from_day in ((now_one, today), (later_one, today + A_DAY)):
        with database.writing() as session:
            appoint(
                session,
                *(Role.UNIT_LEADER, LANXI, person_id),
                from_day=from_day,
                by=staff.administrator,
                now=clock(),
                calendar=CALENDAR,
            )

    with database.reading() as session:
        asked = mails(session, "approval_asked")
        assert asked == [("approval_asked", staff.unit_leader), ("approval_asked", now_one)]
