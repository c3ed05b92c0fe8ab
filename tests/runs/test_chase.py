"""The chase: all that is due is looked after, one by one, whatever fails and however late."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from db.models import Approval, ApprovalRequest, Mail
from notifications.senders.mailbox import LocalMailbox
from notifications.senders.sendgrid import SendGridSender
from runs.chase import chase
from runtime.opening import Runtime
from runtime.settings import read_settings
from state_machines.approvals import ApprovalState
from state_machines.errors import FutureAsOf, NaiveTime
from state_machines.posts import Role
from state_machines.working_days import local_day
from tests.builders import (
    CALENDAR,
    LANXI,
    add_person,
    appoint,
    ask_to_sign,
    delegate,
    found_city,
    mails,
)
from tests.reference.trail import broken
from tests.statements import Counted

A_DAY, A_MINUTE, AN_HOUR = timedelta(days=1), timedelta(minutes=1), timedelta(hours=1)


def nine_on(day, month=3):
    return datetime(2026, month, day, 9, tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)


REMINDED, OVERDUE, EXPIRED = nine_on(4), nine_on(10), nine_on(24)


@pytest.fixture
def staff(database, clock):
    with database.writing() as session:
        staff = found_city(session, now=clock())
    yield staff
    with database.reading() as session:
        assert broken(session) == []


@pytest.fixture
def requests(database, clock, staff):
    """Three requests that were opened on Monday, 2 March 2026."""
    with database.writing() as session:
        return [ask_to_sign(session, staff, now=clock())[1] for _ in range(3)]


@pytest.fixture
def runtime(database, clock, staff, tmp_path):
    return Runtime(
        read_settings(data_folder=tmp_path), database, CALENDAR, LocalMailbox(), now=clock
    )


@pytest.fixture
def run(runtime, clock):
    """Chase at a time, and say what came of it."""

    def running(time):
        clock.time = time
        said = chase(runtime, as_of=time).as_dict()
        said.pop("as_of")
        return {name: number for name, number in said.items() if number}

    return running


def waiting(database):
    pending = select(Approval.person_id).where(Approval.state == ApprovalState.PENDING)
    with database.reading() as session:
        return set(session.scalars(pending))


def test_each_is_looked_after_when_it_is_due_and_only_once(requests, run):
    assert [run(time) for time in (nine_on(3), REMINDED, REMINDED + A_MINUTE)] == [
        {},
        {"due": 3, "reminded": 3},
        {},
    ]
    assert run(nine_on(6)) == {"due": 3, "reminded": 3}
    assert run(OVERDUE) == {"due": 3, "superiors_asked": 3}
    assert run(EXPIRED) == {"due": 3, "expired": 3}
    assert run(nine_on(30)) == {}


def test_after_a_month_without_a_run_each_expires_and_nobody_gets_a_heap(
    database, staff, requests, run
):
    assert run(nine_on(2, month=4)) == {"due": 3, "expired": 3}

    with database.reading() as session:
        assert mails(session, "approval_reminder") == []
        settled = [("request_settled", staff.officer), ("request_settled", staff.unit_leader)]
        assert mails(session, "request_settled") == settled * 3


def test_one_that_fails_is_parked_for_an_hour_and_holds_up_nobody(database, requests, run, caplog):
    bad = requests[0]
    poison(database, bad, [{"asks": []}])
    with caplog.at_level(logging.WARNING):
        assert run(REMINDED) == {"due": 3, "reminded": 2, "parked": 1}

    assert f"request {bad} is parked" in caplog.text
    assert run(REMINDED + AN_HOUR - A_MINUTE) == {}
    assert run(REMINDED + AN_HOUR) == {"due": 1, "parked": 1}
    poison(database, bad, [{"asks": ["unit_leader"]}])
    assert run(REMINDED + 2 * AN_HOUR) == {"due": 1, "reminded": 1}


def poison(database, request_id, steps):
    with database.writing() as session:
        session.execute(
            update(ApprovalRequest)
            .where(ApprovalRequest.id == request_id)
            .values(written_steps=steps)
        )


def test_a_delegation_that_begins_by_itself_is_noticed_that_morning_and_its_end_too(
    database, clock, staff, requests, run
):
    today = local_day(clock())
    with database.writing() as session:
        stand_in = add_person(session)
        delegate(
            session,
            *(staff.unit_leader, stand_in),
            from_day=today + A_DAY,
            to_day=today + 2 * A_DAY,
        )

    assert run(nine_on(3) - A_MINUTE) == {}
    assert waiting(database) == {staff.unit_leader}
    assert run(nine_on(3)) == {"due": 3}
    assert waiting(database) == {stand_in}
    assert run(nine_on(3) + A_MINUTE) == {}
    assert run(nine_on(5)) == {"due": 3, "reminded": 3}  # of Wednesday, on which nothing ran
    assert waiting(database) == {staff.unit_leader}


def test_a_term_that_ends_by_itself_sends_its_questions_to_the_superior_that_morning(
    database, clock, staff, requests, run
):
    today = local_day(clock())
    with database.writing() as session:
        newcomer = add_person(session)
        appoint(
            session, newcomer, Role.UNIT_LEADER, LANXI, from_day=today + A_DAY, to_day=today + A_DAY
        )

    run(nine_on(3))
    assert waiting(database) == {staff.unit_leader, newcomer}
    run(nine_on(4))
    assert waiting(database) == {staff.unit_leader}


def test_a_look_as_of_a_day_to_come_is_refused_where_mail_would_reach_people(
    runtime, requests, database, clock, tmp_path
):
    real = Runtime(
        read_settings(data_folder=tmp_path),
        database,
        CALENDAR,
        SendGridSender("SG.x", "luodi@city.example", "Luodi", "http://127.0.0.1:9"),
        now=clock,
    )

    with pytest.raises(FutureAsOf):
        chase(real, as_of=REMINDED)
    with pytest.raises(NaiveTime):
        chase(runtime, as_of=datetime(2026, 3, 4, 9))  # noqa: DTZ001 (that is what is refused)

    assert chase(runtime, as_of=REMINDED).as_dict()["reminded"] == 3
    with database.reading() as session:
        reminders = session.scalars(select(Mail).where(Mail.kind == "approval_reminder"))
        assert {each.due_at for each in reminders} == {clock()}  # they can leave today


def test_two_runs_at_once_do_nothing_twice(database, clock, staff, requests, runtime):
    clock.time = REMINDED
    both = Barrier(2)

    def run_beside(_):
        both.wait()
        return chase(runtime, as_of=REMINDED).as_dict()["reminded"]

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(run_beside, range(2)))

    assert sum(done) == 3
    with database.reading() as session:
        assert len(mails(session, "approval_reminder")) == 3


def test_a_run_that_finds_nothing_costs_the_same_however_much_waits(
    database, clock, staff, runtime
):
    costs = []
    for number in (1, 5):
        with database.writing() as session:
            for _ in range(number):
                ask_to_sign(session, staff, now=clock())
        with Counted(database) as statements:
            chase(runtime, as_of=nine_on(3))
        costs.append(statements.number)

    assert costs[0] == costs[1]
    assert costs[0] <= 6  # the beginning of the transaction included
