"""The local mailbox shows letters whose links work, and keeps no token itself."""

import json
import re

import pytest
from sqlalchemy import select

from db.models import Code, LinkPurpose, LinkToken, Mail
from notifications import links
from notifications.letters import PLACEHOLDER, Writer
from notifications.mailbox import open_letter
from notifications.mails import DecisionCode, Receipt
from notifications.outbox import claim
from notifications.senders.sender import Accepted
from notifications.settling import Attempt, settle
from notifications.writing import write_letters
from state_machines.approvals import RequestState
from state_machines.errors import LinkDead, NotFound
from tests.notifications.world import (
    BASE_URL,
    CALENDAR,
    RECEIPT,
    of_request,
    owe,
    person,
    request,
    tell,
)
from use_cases.prove_code import prove_code


@pytest.fixture
def asked(city, clock):
    """A request whose question, and one other mail, lie in the mailbox."""
    with city.writing() as session:
        ann, ben = person(session, "Ann"), person(session, "Ben")
        asked = request(session, ann, ben, now=clock())
        owe(session, ann, "moved/1/1", now=clock())
    with city.writing() as session:
        mails = claim(session, now=clock(), limit=10)
    with city.writing() as session:
        writer = Writer.of(session, base_url=BASE_URL, calendar=CALENDAR)
        write_letters(session, mails, writer, keep=True, now=clock())
    return asked


def opened(database, clock, mail_id):
    with database.writing() as session:
        return open_letter(
            session, mail_id, now=clock(), base_url=BASE_URL, calendar=CALENDAR, link_days=10
        )


def kept(database, clock, asked, mail):
    """Let one more mail to the approver arrive in the mailbox; return its id."""
    reader = asked.approvals[0].person
    with database.writing() as session:
        tell(session, asked, reader, mail, clock())
    with database.writing() as session:
        [claimed] = claim(session, now=clock(), limit=10)
    with database.writing() as session:
        writer = Writer.of(session, base_url=BASE_URL, calendar=CALENDAR)
        written = write_letters(session, [claimed], writer, keep=True, now=clock())
    with database.writing() as session:
        attempts = [Attempt.at(row, Accepted()) for row, _ in written.letters]
        settle(session, attempts, now=clock(), random=lambda: 0.5)
    return claimed.id


def code_in(letter):
    [code] = re.findall(r"^(\d{6})$", letter.text, re.MULTILINE)
    assert code in letter.html
    assert code not in letter.subject
    return code


def proven(database, clock, asked, code):
    with database.writing() as session:
        reader = asked.approvals[0].person_id
        return prove_code(session, asked.id, reader, code, now=clock()) is None


def mail_ids(database):
    with database.reading() as session:
        return session.scalars(select(Mail.id).order_by(Mail.id)).all()


def token_in(text):
    [token] = set(re.findall(rf"{BASE_URL}/a/([\w-]+)", text))
    return token


def test_a_kept_letter_holds_a_placeholder_and_no_token_is_minted_for_it(city, asked):
    with city.reading() as session:
        kept = session.scalars(select(Mail.letter).order_by(Mail.id)).all()
        minted = session.scalars(select(LinkToken)).all()

    assert token_in(kept[0]["text"]) == token_in(kept[0]["html"]) == PLACEHOLDER
    assert PLACEHOLDER not in json.dumps(kept[1])
    assert minted == []


def test_every_opening_mints_a_token_that_works(city, clock, asked):
    question, _ = mail_ids(city)

    first, second = opened(city, clock, question), opened(city, clock, question)

    assert token_in(first.text) == token_in(first.html) != token_in(second.text)
    for letter in (first, second):
        with city.reading() as session:
            link = links.read(session, token_in(letter.text), LinkPurpose.APPROVAL, now=clock())
        assert (link.request_id, link.mail_id) == (asked.id, question)


def test_the_letter_of_a_settled_request_has_a_link_that_is_dead_but_known(city, clock, asked):
    with city.writing() as session:
        session.merge(asked).state = RequestState.APPROVED
    question, _ = mail_ids(city)

    token = token_in(opened(city, clock, question).text)

    with city.reading() as session, pytest.raises(LinkDead):
        links.read(session, token, LinkPurpose.APPROVAL, now=clock())


def test_a_receipt_opens_with_a_link_that_works_though_its_request_is_settled(city, clock, asked):
    receipt = kept(city, clock, asked, of_request(Receipt, **RECEIPT))
    with city.writing() as session:
        session.merge(asked).state = RequestState.REJECTED

    letter = opened(city, clock, receipt)

    [token] = set(re.findall(rf"{BASE_URL}/r/([\w-]+)", letter.text + letter.html))
    with city.reading() as session:
        link = links.read(session, token, LinkPurpose.RECEIPT, now=clock())
        assert (link.request_id, link.expires_at) == (asked.id, None)


def test_a_code_can_be_read_in_the_mailbox_and_each_opening_makes_one_that_works(
    city, clock, asked
):
    mail_id = kept(city, clock, asked, of_request(DecisionCode))
    with city.reading() as session:
        assert PLACEHOLDER in session.get_one(Mail, mail_id).letter["text"]
        assert session.scalars(select(Code)).all() == []

    # The page of a letter opens it twice: for its text, and for its frame.
    first, second = (code_in(opened(city, clock, mail_id)) for _ in range(2))

    for code in (first, second):
        assert proven(city, clock, asked, code)


def test_a_code_opened_later_works_no_longer_than_its_letter_says(city, clock, asked):
    mail_id = kept(city, clock, asked, of_request(DecisionCode))

    clock.forward(minutes=9, seconds=59)
    assert proven(city, clock, asked, code_in(opened(city, clock, mail_id)))
    clock.forward(seconds=1)
    assert not proven(city, clock, asked, code_in(opened(city, clock, mail_id)))


def test_the_code_of_an_older_letter_works_no_more_and_spoils_no_newer_one(city, clock, asked):
    older = kept(city, clock, asked, of_request(DecisionCode))
    clock.forward(minutes=1)
    newer = kept(city, clock, asked, of_request(DecisionCode))

    good = code_in(opened(city, clock, newer))
    bad = code_in(opened(city, clock, older))

    assert not proven(city, clock, asked, bad)
    assert proven(city, clock, asked, good)


def test_a_letter_without_a_link_opens_as_it_was_written(city, clock, asked):
    _, news = mail_ids(city)

    letter = opened(city, clock, news)

    assert letter.to_email == "ann@jinhua.example"
    with city.reading() as session:
        assert letter.text == session.get_one(Mail, news).letter["text"]
        assert session.scalars(select(LinkToken)).all() == []


def test_a_mail_without_a_letter_is_not_to_be_found(city, clock):
    with city.writing() as session:
        owe(session, person(session, "Ann"), "moved/1/1", now=clock())

    for mail_id in (*mail_ids(city), 999):
        with pytest.raises(NotFound):
            opened(city, clock, mail_id)
