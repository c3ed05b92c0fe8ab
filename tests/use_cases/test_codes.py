"""From 5 bn up a link alone decides nothing: a code from a second mail is proven first."""

import re

import pytest
from sqlalchemy import select

from db.models import Code, Mail, Person
from notifications.letters import Writer
from notifications.outbox import claim
from notifications.writing import write_letters
from state_machines.approvals import Answer, RequestState, Through
from state_machines.errors import (
    CodeExpired,
    CodeRequired,
    CodeWrong,
    NotTheApprover,
    RequestClosed,
)
from tests.builders import BILLION, CALENDAR, ask_to_sign, mails
from use_cases.decide import decide
from use_cases.prove_code import prove_code
from use_cases.send_code import send_code
from use_cases.withdraw import withdraw


@pytest.fixture
def request_id(database, clock, staff):
    """A request of 6 bn that asks the promotion center, among others, in its first step."""
    with database.writing() as session:
        return ask_to_sign(session, staff, now=clock(), investment=6 * BILLION)[1]


@pytest.fixture
def approver(staff):
    return staff.promotion_center_head


def send(database, clock, request_id, person_id):
    with database.writing() as session:
        send_code(session, request_id, person_id, now=clock())


def received(database, clock):
    """Let the mails leave that are due; return the codes in them."""
    with database.writing() as session:
        claimed = claim(session, now=clock(), limit=100)
    with database.writing() as session:
        writer = Writer.of(session, base_url="http://luodi.example", calendar=CALENDAR)
        written = write_letters(session, claimed, writer, keep=False, now=clock())
    texts = "".join(letter.text for mail, letter in written.letters if mail.kind == "decision_code")
    return re.findall(r"^(\d{6})$", texts, re.MULTILINE)


def prove(database, clock, request_id, person_id, code):
    with database.writing() as session:
        return prove_code(session, request_id, person_id, code, now=clock())


def decide_by_link(database, clock, request_id, person_id):
    with database.writing() as session:
        return decide(
            session,
            request_id,
            Answer.APPROVE,
            by=person_id,
            now=clock(),
            calendar=CALENDAR,
            through=Through.LINK,
        )


def test_a_proven_code_lets_one_decision_through(database, clock, request_id, approver, staff):
    with pytest.raises(CodeRequired):
        decide_by_link(database, clock, request_id, approver)
    send(database, clock, request_id, approver)
    [code] = received(database, clock)

    assert prove(database, clock, request_id, approver, f" {code[:3]} {code[3:]}") is None
    assert decide_by_link(database, clock, request_id, approver) is RequestState.PENDING
    with database.reading() as session:
        assert session.scalars(select(Code.spent_at)).all() == [clock()]
    with pytest.raises(CodeRequired):
        decide_by_link(database, clock, request_id, staff.special_team_lead)


def test_a_proof_is_of_one_answer_and_not_of_the_minutes_after(
    database, clock, request_id, approver
):
    send(database, clock, request_id, approver)
    [code] = received(database, clock)
    assert prove(database, clock, request_id, approver, code) is None

    clock.forward(seconds=30)
    with pytest.raises(CodeRequired):
        decide_by_link(database, clock, request_id, approver)

    assert prove(database, clock, request_id, approver, code) is None
    assert decide_by_link(database, clock, request_id, approver) is RequestState.PENDING


def test_a_code_is_of_one_person_and_one_request(database, clock, staff, request_id, approver):
    with database.writing() as session:
        other = ask_to_sign(session, staff, now=clock(), investment=6 * BILLION)[1]
    send(database, clock, request_id, approver)
    [code] = received(database, clock)

    for request, person in ((other, approver), (request_id, staff.special_team_lead)):
        assert isinstance(prove(database, clock, request, person, code), CodeExpired)


def test_the_fifth_wrong_try_is_the_last(database, clock, request_id, approver):
    send(database, clock, request_id, approver)
    [code] = received(database, clock)
    wrong = f"{(int(code) + 1) % 10**6:06}"

    tries = [prove(database, clock, request_id, approver, wrong) for _ in range(5)]

    assert all(isinstance(each, CodeWrong) for each in tries)
    assert [each.tries_left for each in tries] == [4, 3, 2, 1, 0]
    assert isinstance(prove(database, clock, request_id, approver, code), CodeExpired)


def test_a_code_works_for_ten_minutes_from_leaving(database, clock, request_id, approver):
    send(database, clock, request_id, approver)
    clock.forward(hours=1)
    [code] = received(database, clock)

    clock.forward(minutes=9, seconds=59)
    assert prove(database, clock, request_id, approver, code) is None
    clock.forward(seconds=1)
    assert isinstance(prove(database, clock, request_id, approver, code), CodeExpired)
    with pytest.raises(CodeRequired):
        decide_by_link(database, clock, request_id, approver)


def test_a_newer_code_ends_the_one_before(database, clock, request_id, approver):
    send(database, clock, request_id, approver)
    [first] = received(database, clock)
    clock.forward(minutes=1)
    send(database, clock, request_id, approver)
    [second] = received(database, clock)

    if first != second:  # once in a million they are the same
        assert isinstance(prove(database, clock, request_id, approver, first), CodeWrong)
    assert prove(database, clock, request_id, approver, second) is None


def test_a_letter_that_left_twice_has_two_codes_that_work(database, clock, request_id, approver):
    send(database, clock, request_id, approver)
    [first] = received(database, clock)
    clock.forward(minutes=5)  # nobody knows whether it left: the lease runs out
    [second] = received(database, clock)

    for code in (first, second):
        assert prove(database, clock, request_id, approver, code) is None


def test_asking_again_within_a_minute_owes_nothing_more(database, clock, request_id, approver):
    for seconds, owed in ((0, 1), (59, 1), (1, 2)):
        clock.forward(seconds=seconds)
        send(database, clock, request_id, approver)
        with database.reading() as session:
            assert mails(session, "decision_code") == [("decision_code", approver)] * owed


def test_only_who_is_asked_now_is_sent_a_code(database, clock, staff, request_id, approver):
    for person in (staff.officer, staff.deputy_mayor, 4711):
        with pytest.raises(NotTheApprover):
            send(database, clock, request_id, person)
    with database.writing() as session:
        session.get_one(Person, approver).active = False
    with pytest.raises(NotTheApprover):
        send(database, clock, request_id, approver)

    with database.reading() as session:
        assert session.scalars(select(Mail).where(Mail.kind == "decision_code")).all() == []


def test_a_code_for_what_is_settled_is_not_sent_and_never_leaves(
    database, clock, staff, request_id, approver
):
    send(database, clock, request_id, approver)
    with database.writing() as session:
        withdraw(session, request_id, by=staff.officer, now=clock())

    assert received(database, clock) == []
    with pytest.raises(RequestClosed):
        send(database, clock, request_id, approver)
