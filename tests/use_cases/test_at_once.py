"""Many at once: one verdict, one order, nothing lost, and every loser is told what stands."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from sqlalchemy import func, select

from db.models import (
    ApprovalRequest,
    AuditEntry,
    Freeze,
    Mail,
    Order,
    OrderNotice,
    Project,
    RungFiring,
    StageChange,
)
from notifications.senders.mailbox import LocalMailbox
from runs.sweep import sweep
from runtime.opening import Runtime
from runtime.settings import read_settings
from state_machines.approvals import Answer, RequestState
from state_machines.errors import AnsweredOtherwise, NotFound, Refusal, RequestClosed
from state_machines.posts import PROMOTION_CENTER, Role
from state_machines.stages import Stage
from tests.builders import (
    BILLION,
    CALENDAR,
    LANXI,
    TEAM_OF_LANXI,
    add_holder,
    add_project,
    add_projects,
    adopt_instead,
    ask_to_sign,
)
from tests.databases import on_postgresql, on_sqlite
from use_cases.decide import decide
from use_cases.disown import disown
from use_cases.edit_project import edit_project
from use_cases.end_freeze import end_freeze


def at_once(number, act):
    """Let so many threads do `act(n)` at the same moment; returns results and refusals."""
    together = Barrier(number)

    def one(n):
        together.wait(timeout=30)
        try:
            return act(n)
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(number) as pool:
        return [*pool.map(one, range(number), timeout=90)]


@pytest.fixture
def answering(database, clock):
    def answering(request_id, answer, by):
        with database.writing() as session:
            return decide(
                session, request_id, answer, by=by, now=clock(), calendar=CALENDAR,
                comment="理由",
            )  # fmt: skip

    return answering


def moves(database):
    with database.reading() as session:
        return session.scalar(select(func.count(StageChange.id)).where(StageChange.seq > 1))


@on_postgresql
def test_of_fifty_opposite_answers_of_one_person_exactly_one_stands(
    database, clock, staff, answering
):
    with database.writing() as session:
        _, request_id = ask_to_sign(session, staff, now=clock())
    answers = [Answer.APPROVE, Answer.REJECT]

    results = at_once(50, lambda n: answering(request_id, answers[n % 2], staff.unit_leader))

    with database.reading() as session:
        request = session.get_one(ApprovalRequest, request_id)
        stands = request.state
        given = request.approvals[0].answer
        answered = select(func.count(AuditEntry.id)).where(AuditEntry.act == "answered")
        assert session.scalar(answered) == 1
    assert stands in (RequestState.APPROVED, RequestState.REJECTED)
    assert moves(database) == (stands is RequestState.APPROVED)
    losers = [each for each in results if isinstance(each, Refusal)]
    assert len(losers) == 25
    assert {(type(each), each.given) for each in losers} == {(AnsweredOtherwise, given)}
    assert [each for each in results if not isinstance(each, Refusal)] == [stands] * 25


@on_postgresql
def test_of_fifty_holders_of_one_post_who_disagree_one_settles_it_and_the_others_hear_so(
    database, clock, staff, answering
):
    with database.writing() as session:
        people = [staff.unit_leader]
        people += [add_holder(session, Role.UNIT_LEADER, LANXI) for _ in range(49)]
        _, request_id = ask_to_sign(session, staff, now=clock())
    answers = [Answer.APPROVE, Answer.REJECT]

    results = at_once(50, lambda n: answering(request_id, answers[n % 2], people[n]))

    with database.reading() as session:
        stands = session.get_one(ApprovalRequest, request_id).state
        settled = select(func.count(Mail.id)).where(Mail.kind == "request_settled")
        assert session.scalar(settled) == 50  # the requester, and all but the one who decided
    assert Counter(map(type, results)) == {RequestClosed: 49, RequestState: 1}
    assert {each.state for each in results if isinstance(each, Refusal)} == {stands}
    assert moves(database) == (stands is RequestState.APPROVED)


@on_postgresql
def test_two_who_complete_a_step_at_once_turn_to_the_next_once(database, clock, staff, answering):
    people = [staff.special_team_lead, staff.promotion_center_head]
    for _ in range(5):
        with database.writing() as session:
            _, request_id = ask_to_sign(session, staff, now=clock(), investment=5 * BILLION)

        results = at_once(2, lambda n, to=request_id: answering(to, Answer.APPROVE, people[n]))

        assert results == [RequestState.PENDING] * 2
        with database.reading() as session:
            asked = session.get_one(ApprovalRequest, request_id).approvals
            assert [each.person_id for each in asked] == [*people, staff.unit_leader]
            owed = select(func.count(Mail.id)).where(
                Mail.request_id == request_id, Mail.person_id == staff.unit_leader
            )
            assert session.scalar(owed) == 1


@on_postgresql
def test_of_two_hundred_answers_at_once_one_settles_it_with_one_history_row_and_one_mail_each(
    database, clock, staff, answering
):
    """A step of two posts with a hundred holders each, any of whom may answer."""
    with database.writing() as session:
        people = [staff.special_team_lead, staff.promotion_center_head]
        for _ in range(99):
            people.append(add_holder(session, Role.SPECIAL_TEAM_LEAD, TEAM_OF_LANXI))
            people.append(add_holder(session, Role.PROMOTION_CENTER_HEAD, PROMOTION_CENTER))
        anyone = '[{ asks = ["special_team_lead", "promotion_center_head"], needs = "any" }]'
        rule = "under_1bn = "
        adopt_instead(session, f'{rule}["unit_leader"]', f"{rule}{anyone}", now=clock())
        _, request_id = ask_to_sign(session, staff, now=clock())
    answers = [Answer.APPROVE, Answer.REJECT, Answer.SEND_BACK]

    results = at_once(200, lambda n: answering(request_id, answers[n % 3], people[n]))

    with database.reading() as session:
        request = session.get_one(ApprovalRequest, request_id)
        stands = request.state
        changes = select(func.count(StageChange.id)).where(StageChange.request_id == request_id)
        assert session.scalar(changes) == (stands is RequestState.APPROVED)
        assert [e.state for e in request.approvals if e.answer] == [stands.value]
        settled = session.scalars(select(Mail.person_id).where(Mail.kind == "request_settled"))
        told = settled.all()
    assert len(told) == len(set(told)) == 200  # all who were asked but the one, and who asked
    assert Counter(map(type, results)) == {RequestClosed: 199, RequestState: 1}
    assert {each.state for each in results if isinstance(each, Refusal)} == {stands}


@on_postgresql
def test_what_a_page_had_read_before_the_lock_does_not_hide_another_answer(
    database, clock, staff, answering
):
    with database.writing() as session:
        _, request_id = ask_to_sign(session, staff, now=clock(), investment=5 * BILLION)

    with database.writing() as session:
        seen = session.get_one(ApprovalRequest, request_id)
        assert [each.answer for each in seen.approvals] == [None, None]
        answering(request_id, Answer.APPROVE, staff.special_team_lead)  # meanwhile, elsewhere
        state = decide(
            session,
            request_id,
            Answer.APPROVE,
            by=staff.promotion_center_head,
            now=clock(),
            calendar=CALENDAR,
        )
        assert seen.step == 1

    assert state is RequestState.PENDING


@on_postgresql
def test_an_answer_and_an_edit_at_once_leave_the_project_whole(database, clock, staff, answering):
    with database.writing() as session:
        project_id, request_id = ask_to_sign(session, staff, now=clock())

    def act(n):
        if n:
            return answering(request_id, Answer.APPROVE, staff.unit_leader)
        with database.writing() as session:
            edit_project(
                session, project_id, {"site": "一号地块"}, edition=None, by=staff.owner,
                now=clock(), calendar=CALENDAR,
            )  # fmt: skip
        return None

    results = at_once(2, act)

    with database.reading() as session:
        rounds = session.scalars(select(ApprovalRequest).order_by(ApprovalRequest.id)).all()
        project = session.get_one(Project, project_id)
    if project.stage is Stage.SIGNED:  # the answer came first
        assert [each.state for each in rounds] == [RequestState.APPROVED]
    else:
        assert isinstance(results[1], RequestClosed)
        assert [each.state.value for each in rounds] == ["superseded", "pending"]


@pytest.fixture
def runtime(database, clock, tmp_path):
    return Runtime(
        read_settings(data_folder=tmp_path), database, CALENDAR, LocalMailbox(), now=clock
    )


def test_sweeps_at_once_order_nothing_twice_and_leave_nothing_out(
    database, clock, staff, runtime, monkeypatch
):
    monkeypatch.setattr("runs.sweep.CHUNK", 20)
    with database.writing() as session:
        add_projects(session, 120, now=clock(), owner_id=staff.owner)
    clock.time = CALENDAR.opening(CALENDAR.add(date(2026, 3, 2), 10))

    reports = at_once(4, lambda n: sweep(runtime, as_of=clock()))

    assert sum(report.fired for report in reports) == 120
    assert sum(report.parked for report in reports) == 0
    with database.reading() as session:
        count = {
            each.__tablename__: session.scalar(select(func.count()).select_from(each))
            for each in (Order, RungFiring, OrderNotice, Mail)
        }
        assert count == {"orders": 120, "rung_firings": 120, "order_notices": 240, "mails": 2}
    assert sweep(runtime, as_of=clock()).due == 0


@on_sqlite
def test_sixteen_writers_on_sqlite_lose_nothing(database, clock, staff):
    with database.writing() as session:
        project = add_project(session, now=clock(), owner_id=staff.owner, investment=0)

    def act(n):
        for turn in range(10):
            with database.writing() as session:
                edit_project(
                    session, project.id, {"area": 1000 * n + turn + 1}, edition=None,
                    by=staff.owner, now=clock(), calendar=CALENDAR,
                )  # fmt: skip
        return n

    assert at_once(16, act) == [*range(16)]

    with database.reading() as session:
        assert session.get_one(Project, project.id).edition == 161
        edits = select(func.count(AuditEntry.id)).where(AuditEntry.act == "edited")
        assert session.scalar(edits) == 160


def test_registering_at_once_gives_no_number_twice(database, clock, staff):
    def act(n):
        with database.writing() as session:
            return [each.number for each in add_projects(session, 3, now=clock())]

    numbers = [number for batch in at_once(8, act) for number in batch]

    assert sorted(numbers) == [f"JH-2026-{n:04d}" for n in range(1, 25)]


def test_an_answer_that_is_disowned_many_times_at_once_and_looked_into_by_two_has_one_outcome(
    database, clock, staff, answering
):
    with database.writing() as session:
        project_id, request_id = ask_to_sign(session, staff, now=clock())
    answering(request_id, Answer.APPROVE, staff.unit_leader)

    def deny(_):
        with database.writing() as session:
            disown(session, request_id, staff.unit_leader, now=clock(), calendar=CALENDAR)

    assert at_once(8, deny) == [None] * 8
    with database.reading() as session:
        assert session.scalar(select(func.count(Freeze.id))) == 1

    def look_into(n):
        with database.writing() as session:
            end_freeze(
                session, project_id, annul=bool(n % 2), reason="已核实", by=staff.administrator,
                now=clock(), calendar=CALENDAR,
            )  # fmt: skip

    outcomes = at_once(8, look_into)

    assert Counter(map(type, outcomes)) == {type(None): 1, NotFound: 7}
    with database.reading() as session:
        annulled = session.scalars(select(Freeze.annulled)).one()
        assert annulled is bool(outcomes.index(None) % 2)
        assert moves(database) == 1 + annulled
