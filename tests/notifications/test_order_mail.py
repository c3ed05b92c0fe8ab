"""One order mail per person and day, whatever the chunks, and its content is fixed on leaving."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event, select

from db.models import Mail, MailState
from db.queries.policies import policy_in_force
from notifications import outbox
from notifications.order_mail import GATHERING, contents, join_order_mail, release_order_mails
from state_machines.ladder import Clock, RungKey
from tests.notifications.world import CALENDAR, DAY, LANXI_LEADER, notice, order, person

TUESDAY = date(2026, 3, 3)


def join(database, clock, *people, day=DAY):
    with database.writing() as session:
        ids = [each.id for each in people]
        return join_order_mail(session, ids, day, now=clock(), calendar=CALENDAR)


def claim(database, clock):
    with database.writing() as session:
        return outbox.claim(session, now=clock(), limit=100)


def listed(database, clock, *mail_ids):
    with database.reading() as session:
        ladder = policy_in_force(session).policy.ladder
        return contents(session, mail_ids, ladder, now=clock())


@pytest.fixture
def people(city):
    with city.writing() as session:
        return person(session, "Ann"), person(session, "Ben")


@pytest.fixture
def statements(city):
    """Count the statements from here on."""
    seen = []
    event.listen(city.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    return seen


def test_every_chunk_and_rerun_of_a_day_joins_the_same_mail(city, clock, people):
    ann, ben = people

    first = join(city, clock, ann)
    second = join(city, clock, ben, ann, ann)

    assert second[ann.id] == first[ann.id]
    assert second.keys() == {ann.id, ben.id}
    with city.reading() as session:
        keys = session.scalars(select(Mail.key).order_by(Mail.key)).all()
    assert keys == [f"orders/{ann.id}/2026-03-02", f"orders/{ben.id}/2026-03-02"]


def test_the_mail_waits_for_the_run_and_leaves_when_it_is_done(city, clock, people):
    join(city, clock, *people)
    join(city, clock, *people, day=TUESDAY)
    while_running = claim(city, clock)
    with city.writing() as session:
        release_order_mails(session, DAY, now=clock(), early=False)

    assert while_running == []
    assert {mail.key[-10:] for mail in claim(city, clock)} == {"2026-03-02"}


def test_the_mail_of_a_run_that_died_leaves_by_itself(city, clock, people):
    join(city, clock, *people)
    clock.forward(minutes=10)

    assert len(claim(city, clock)) == 2


def test_who_comes_when_the_mail_is_leaving_joins_the_next_working_day_s(city, clock, people):
    ann, ben = people
    friday = date(2026, 3, 6)
    today = join(city, clock, ann, day=friday)
    clock.forward(minutes=10)
    claim(city, clock)

    late, later = (join(city, clock, ann, ben, day=friday) for _ in range(2))

    assert late == later
    assert late[ann.id] != today[ann.id]
    with city.reading() as session:
        mail = session.get_one(Mail, late[ann.id])
    assert mail.key == f"orders/{ann.id}/2026-03-09"
    assert mail.due_at == CALENDAR.opening(date(2026, 3, 9)) + GATHERING


def test_a_mail_that_came_back_unsent_is_joined_again(city, clock, people):
    ann, _ = people
    first = join(city, clock, ann)
    with city.writing() as session:
        session.get_one(Mail, first[ann.id]).attempts = 3

    assert join(city, clock, ann) == first


def test_nobody_joins_nothing(city, clock):
    assert join(city, clock) == {}


def test_the_highest_rung_comes_first_then_the_longest_overdue(city, clock, people):
    ann, ben = people
    mails = join(city, clock, ann, ben)
    with city.writing() as session:
        for number, rung, overdue in [
            ("JH-2026-0001", RungKey.OWNER, date(2026, 1, 5)),
            ("JH-2026-0002", RungKey.MUNICIPALITY, date(2026, 2, 9)),
            ("JH-2026-0003", RungKey.MUNICIPALITY, date(2026, 2, 2)),
            ("JH-2026-0004", RungKey.UNIT, date(2026, 1, 5)),
        ]:
            stalled = order(session, number, rung=rung, now=clock(), day=overdue)
            notice(session, stalled, ann, mails[ann.id], now=clock())
            last = stalled
        notice(session, last, ben, mails[ben.id], clock=Clock.SILENCE, now=clock())

    lists = listed(city, clock, *mails.values())

    numbers = [item.project.number[-1] for item in lists[mails[ann.id]].items]
    assert numbers == ["3", "2", "4", "1"]
    assert [item.project.number[-1] for item in lists[mails[ben.id]].items] == ["4"]


def test_two_clocks_and_a_copy_of_one_order_are_one_item(city, clock, people):
    ann, _ = people
    mails = join(city, clock, ann)
    with city.writing() as session:
        stalled = order(session, "JH-2026-0001", rung=RungKey.UNIT, now=clock(), day=DAY)
        for way in (Clock.STAGE, Clock.SILENCE):
            notice(session, stalled, ann, mails[ann.id], clock=way, now=clock())
        notice(session, stalled, ann, mails[ann.id], rung=RungKey.OWNER, copy=True, now=clock())

    [item] = listed(city, clock, mails[ann.id])[mails[ann.id]].items

    assert {run.clock for run in item.clocks} == {Clock.STAGE, Clock.SILENCE}
    assert (item.posts, item.copy) == ((LANXI_LEADER,), False)
    assert (item.next_rung, item.next_on) == (RungKey.MUNICIPALITY, CALENDAR.add(DAY, 5))


def test_an_order_that_was_closed_meanwhile_is_left_out_and_so_is_an_empty_mail(
    city, clock, people
):
    ann, ben = people
    mails = join(city, clock, ann, ben)
    with city.writing() as session:
        closed = order(session, "JH-2026-0001", rung=RungKey.UNIT, now=clock(), day=DAY)
        closed.closed_at = clock()
        opened = order(session, "JH-2026-0002", rung=RungKey.UNIT, now=clock(), day=DAY)
        notice(session, closed, ann, mails[ann.id], now=clock())
        notice(session, closed, ben, mails[ben.id], clock=Clock.SILENCE, now=clock())
        notice(session, opened, ann, mails[ann.id], now=clock())

    lists = listed(city, clock, *mails.values())

    assert lists.keys() == {mails[ann.id]}
    assert [item.order for item in lists[mails[ann.id]].items] == [opened.number]


def test_twenty_are_shown_the_rest_is_counted_and_all_of_it_is_one_statement(
    city, clock, people, statements
):
    ann, _ = people
    mails = join(city, clock, ann)
    with city.writing() as session:
        for n in range(23):
            overdue = DAY - timedelta(days=n)
            stalled = order(
                session, f"JH-2026-{n:04d}", rung=RungKey.UNIT, now=clock(), day=overdue
            )
            notice(session, stalled, ann, mails[ann.id], now=clock())
    with city.reading() as session:
        ladder = policy_in_force(session).policy.ladder
        statements.clear()
        lists = contents(session, [*mails.values()], ladder, now=clock())

    assert len([each for each in statements if each.startswith("SELECT")]) == 1
    assert len(lists[mails[ann.id]].items) == 20
    assert lists[mails[ann.id]].more == 3
    assert lists[mails[ann.id]].items[0].project.number == "JH-2026-0022"


def test_joining_takes_the_same_statements_for_two_people_and_for_two_hundred(
    city, clock, people, statements
):
    with city.writing() as session:
        crowd = [person(session, f"P{n}") for n in range(200)]

    statements.clear()
    join(city, clock, *people)
    for_two = len(statements)
    statements.clear()
    join(city, clock, *crowd)

    assert len(statements) == for_two


def test_a_state_other_than_waiting_is_never_joined(city, clock, people):
    ann, _ = people
    for state in set(MailState) - {MailState.QUEUED}:
        joined = join(city, clock, ann)[ann.id]
        with city.writing() as session:
            session.get_one(Mail, joined).state = state

        assert join(city, clock, ann)[ann.id] != joined
