"""Chasing: reminders, the superior besides, and an end that approves nothing; in working days.

Asked on Monday 2 March 2026, which is day 0; the machine acts at nine.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from db.models import Approval, ApprovalRequest, AuditEntry, Mail, Project
from db.queries.chasing import due_requests
from state_machines.approvals import Answer, ApprovalState, AskedBecause, RequestState
from state_machines.errors import NotFound
from state_machines.posts import Role
from state_machines.stages import Stage
from tests.builders import (
    BILLION,
    CALENDAR,
    LANXI,
    add_holder,
    add_person,
    ask_to_sign,
    delegate,
    mails,
)
from use_cases.chase_request import Chased, chase_request
from use_cases.decide import decide
from use_cases.people.leave import leave

PENDING, MOOT = ApprovalState.PENDING, ApprovalState.MOOT


def nine_on(day, month=3):
    return datetime(2026, month, day, 9, tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)


REMINDED, REMINDED_AGAIN, OVERDUE, EXPIRED = nine_on(4), nine_on(6), nine_on(10), nine_on(24)
"""Working days 2 and 4, and the days after the 5th and the 15th."""


@pytest.fixture
def request_id(database, clock, staff):
    with database.writing() as session:
        return ask_to_sign(session, staff, now=clock())[1]


@pytest.fixture
def chased(database, clock, request_id):
    """Look after the request at a time."""

    def run(time, **more):
        clock.time = time
        with database.writing() as session:
            return chase_request(session, request_id, now=clock(), calendar=CALENDAR, **more)

    return run


def asked(session):
    rows = session.scalars(select(Approval).order_by(Approval.id))
    return [(each.person_id, each.because, each.state) for each in rows]


def next_look(database, request_id):
    with database.reading() as session:
        return session.get_one(ApprovalRequest, request_id).next_chase_at


def test_the_machine_knows_when_to_look_next_all_the_way(database, request_id, chased):
    looks = [next_look(database, request_id)]
    while looks[-1] is not None:
        chased(looks[-1])
        looks.append(next_look(database, request_id))

    assert looks == [REMINDED, REMINDED_AGAIN, OVERDUE, EXPIRED, None]


def test_a_minute_before_its_time_nothing_happens(database, request_id, chased):
    for time in (REMINDED, REMINDED_AGAIN, OVERDUE, EXPIRED):
        with database.reading() as session:
            before = mails(session)

        assert chased(time - timedelta(minutes=1)) is Chased.NOTHING

        with database.reading() as session:
            assert mails(session) == before
            assert due_requests(session, as_of=time - timedelta(minutes=1)) == []
        chased(time)


def test_who_is_asked_is_reminded_on_the_second_and_the_fourth_working_day(
    database, staff, request_id, chased
):
    assert chased(REMINDED) is Chased.REMINDED
    assert chased(REMINDED) is Chased.NOTHING
    assert chased(REMINDED_AGAIN) is Chased.REMINDED

    with database.reading() as session:
        assert mails(session, "approval_reminder") == [
            ("approval_reminder", staff.unit_leader),
            ("approval_reminder", staff.unit_leader),
        ]
        mail = session.scalars(select(Mail).where(Mail.kind == "approval_reminder")).first()
        assert (mail.facts["nudged_by"], mail.facts["answer_by"]) == (None, "2026-03-09")


def test_the_last_day_belongs_to_who_answers(database, clock, staff, request_id, chased):
    assert chased(nine_on(9) + timedelta(hours=14)) is not Chased.SUPERIORS_ASKED

    with database.writing() as session:
        answer = {"by": staff.unit_leader, "now": clock(), "calendar": CALENDAR}
        assert decide(session, request_id, Answer.APPROVE, **answer) is RequestState.APPROVED


def test_after_the_steps_days_the_superior_is_asked_besides_and_the_first_answer_counts(
    database, clock, staff, request_id, chased
):
    assert chased(OVERDUE) is Chased.SUPERIORS_ASKED

    with database.reading() as session:
        assert asked(session) == [
            (staff.unit_leader, AskedBecause.HOLDS, PENDING),
            (staff.director, AskedBecause.OVERDUE, PENDING),
        ]
        mail = session.scalars(
            select(Mail).where(Mail.kind == "approval_asked", Mail.person_id == staff.director)
        ).one()
        assert mail.facts["answer_by"] == "2026-03-23"  # the request's own last day
    with database.writing() as session:
        answer = {"by": staff.director, "now": clock(), "calendar": CALENDAR}
        assert decide(session, request_id, Answer.APPROVE, **answer) is RequestState.APPROVED


def test_the_superior_is_asked_once(database, staff, request_id, chased):
    chased(OVERDUE)

    assert chased(OVERDUE) is Chased.NOTHING
    assert chased(EXPIRED - timedelta(minutes=1)) is Chased.NOTHING
    with database.reading() as session:
        assert len(asked(session)) == 2


def test_two_posts_that_are_late_are_one_mail_to_the_superior_of_both(database, clock, staff):
    with database.writing() as session:
        _, request_id = ask_to_sign(session, staff, now=clock(), investment=5 * BILLION)

    clock.time = OVERDUE
    with database.writing() as session:
        chase_request(session, request_id, now=clock(), calendar=CALENDAR)

    with database.reading() as session:
        [mail] = session.scalars(
            select(Mail).where(Mail.kind == "approval_asked", Mail.person_id == staff.director)
        )
        assert mail.facts["because"] == "overdue"
        assert [row[0] for row in asked(session)].count(staff.director) == 2


def test_a_later_step_has_days_of_its_own(database, clock, staff):
    with database.writing() as session:
        _, request_id = ask_to_sign(session, staff, now=clock(), investment=BILLION)
    clock.time = nine_on(6)
    with database.writing() as session:
        answer = {"by": staff.unit_leader, "now": clock(), "calendar": CALENDAR}
        decide(session, request_id, Answer.APPROVE, **answer)

    assert next_look(database, request_id) == nine_on(10)  # two working days on
    for time, done in ((OVERDUE, Chased.REMINDED), (nine_on(16), Chased.SUPERIORS_ASKED)):
        clock.time = time
        with database.writing() as session:
            found = chase_request(session, request_id, now=clock(), calendar=CALENDAR)
        assert found is done
    # The round as a whole began with the first step.
    assert next_look(database, request_id) == EXPIRED


def test_a_request_that_has_had_its_days_expires_and_approves_nothing(
    database, staff, request_id, chased
):
    assert chased(EXPIRED) is Chased.EXPIRED

    with database.reading() as session:
        request = session.get_one(ApprovalRequest, request_id)
        assert (request.state, request.settled_by_id) == (RequestState.EXPIRED, None)
        assert session.get_one(Project, request.project_id).stage is Stage.NEGOTIATION
        assert mails(session, "request_settled") == [
            ("request_settled", staff.officer),
            ("request_settled", staff.unit_leader),
        ]
        last = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
        assert (last.act, last.by_id) == ("request_expired", None)
    assert chased(EXPIRED) is Chased.NOTHING


def test_one_agreement_of_two_does_not_save_a_request_from_expiring(database, clock, staff):
    with database.writing() as session:
        _, request_id = ask_to_sign(session, staff, now=clock(), investment=BILLION)
        answer = {"by": staff.unit_leader, "now": clock(), "calendar": CALENDAR}
        decide(session, request_id, Answer.APPROVE, **answer)

    clock.time = EXPIRED
    with database.writing() as session:
        done = chase_request(session, request_id, now=clock(), calendar=CALENDAR)

    assert done is Chased.EXPIRED


@pytest.mark.parametrize(
    ("back_at", "done", "owed"),
    [
        (REMINDED_AGAIN, Chased.REMINDED, [("approval_reminder", "unit_leader")]),
        (OVERDUE, Chased.SUPERIORS_ASKED, [("approval_asked", "director")]),
        (
            nine_on(2, month=4),
            Chased.EXPIRED,
            [("request_settled", "officer"), ("request_settled", "unit_leader")],
        ),
    ],
)
def test_after_an_outage_there_is_one_thing_and_no_heap_of_reminders(
    database, clock, staff, request_id, chased, back_at, done, owed
):
    with database.reading() as session:
        before = mails(session)

    assert chased(back_at) is done
    assert chased(back_at + timedelta(minutes=1)) is Chased.NOTHING

    with database.reading() as session:
        news = [(kind, getattr(staff, name)) for kind, name in owed]
        assert [each for each in mails(session) if each not in before] == news


def test_a_look_as_of_a_day_to_come_writes_at_the_time_that_it_is(
    database, clock, request_id, chased
):
    now = clock()

    assert chased(now, as_of=EXPIRED) is Chased.EXPIRED

    with database.reading() as session:
        assert session.get_one(ApprovalRequest, request_id).settled_at == now


def test_who_is_asked_by_this_very_look_is_not_reminded_by_it(
    database, clock, staff, request_id, chased
):
    """A term that ended in the night: the superior is asked at nine, and asked only."""
    with database.writing() as session:
        stand_in = add_person(session)
        delegate(
            session, staff.unit_leader, stand_in, from_day=REMINDED.date(), to_day=EXPIRED.date()
        )

    chased(REMINDED)

    with database.reading() as session:
        assert [each for each in mails(session) if each[1] == stand_in] == [
            ("approval_asked", stand_in)
        ]
        assert mails(session, "approval_reminder") == []


def test_while_a_project_is_frozen_nobody_is_chased(database, clock, request_id, chased):
    with database.writing() as session:
        request = session.get_one(ApprovalRequest, request_id)
        project = session.get_one(Project, request.project_id)
        project.frozen_at, next_rung = clock(), project.next_rung_at
        project.next_rung_at = None

    for time in (REMINDED, OVERDUE, EXPIRED):
        assert chased(time) is Chased.NOTHING
    assert next_look(database, request_id) == nine_on(25)

    with database.writing() as session:  # so that the records hang together again
        project = session.get_one(Project, request.project_id)
        project.frozen_at, project.next_rung_at = None, next_rung


def test_a_request_that_nobody_may_answer_alarms_once_a_day_and_goes_on_by_itself(
    database, clock, staff, request_id, chased
):
    with database.writing() as session:
        for each in (staff.unit_leader, staff.director, staff.deputy_mayor):
            leave(session, each, by=None, now=clock(), calendar=CALENDAR)
    assert next_look(database, request_id) == nine_on(3)

    chased(nine_on(3))
    chased(nine_on(3) + timedelta(minutes=1))

    with database.reading() as session:
        since = session.get_one(ApprovalRequest, request_id).nobody_since
        alarms = [each for each in mails(session) if each[0] == "nobody_answers"]
        assert alarms == [("nobody_answers", staff.administrator)] * 2  # of two days
    assert since == nine_on(2)
    with database.writing() as session:
        newcomer = add_holder(session, Role.UNIT_LEADER, LANXI)
    chased(nine_on(4))

    with database.reading() as session:
        assert asked(session)[-1] == (newcomer, AskedBecause.HOLDS, PENDING)
        assert session.get_one(ApprovalRequest, request_id).nobody_since is None


def test_when_one_person_would_agree_for_all_the_further_one_can_be_late_too(
    database, clock, staff
):
    """The director agrees for both posts; the deputy mayor is asked as the second person."""
    with database.writing() as session:
        leave(session, staff.unit_leader, by=None, now=clock(), calendar=CALENDAR)
        _, request_id = ask_to_sign(session, staff, now=clock(), investment=BILLION)
        second = add_holder(session, Role.GENERAL_HEADQUARTERS_DIRECTOR, "general-headquarters")
        answer = {"by": staff.director, "now": clock(), "calendar": CALENDAR}
        assert decide(session, request_id, Answer.APPROVE, **answer) is RequestState.PENDING
    with database.reading() as session:
        waiting = [row for row in asked(session) if row[2] is PENDING]
        assert waiting == [(second, AskedBecause.SECOND_PERSON, PENDING)]

    clock.time = OVERDUE
    with database.writing() as session:
        chase_request(session, request_id, now=clock(), calendar=CALENDAR)

    with database.reading() as session:
        waiting = [row for row in asked(session) if row[2] is PENDING]
        assert waiting == [
            (second, AskedBecause.SECOND_PERSON, PENDING),
            (staff.deputy_mayor, AskedBecause.OVERDUE, PENDING),
        ]
    with database.writing() as session:
        answer = {"by": staff.deputy_mayor, "now": clock(), "calendar": CALENDAR}
        assert decide(session, request_id, Answer.APPROVE, **answer) is RequestState.APPROVED


def test_what_does_not_exist_is_not_found(database, clock, staff):
    with pytest.raises(NotFound), database.writing() as session:
        chase_request(session, 4711, now=clock(), calendar=CALENDAR)
