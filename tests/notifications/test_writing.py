"""What is looked at once more before it leaves, and what it carries when it does."""

import logging
import re
from dataclasses import replace

import pytest
from sqlalchemy import MetaData, select

from db.models import ApprovalRequest, Code, LinkToken, Mail, MailState
from notifications.letters import Writer
from notifications.mailbox import open_letter
from notifications.mails import MAILS, DecisionCode
from notifications.minting import SECRETIVE
from notifications.outbox import POINTLESS_ONCE_SETTLED, claim
from notifications.writing import write_letters
from state_machines.approvals import ApprovalState, RequestState
from tests.notifications.world import (
    BASE_URL,
    CALENDAR,
    EXAMPLES,
    person,
    request,
    tell,
)

ABOUT_A_REQUEST = {kind for kind, mail in MAILS.items() if "request_id" in mail.__annotations__}
ABOUT_A_REQUEST |= set(POINTLESS_ONCE_SETTLED)

each_kind = pytest.mark.parametrize("kind", sorted(ABOUT_A_REQUEST))


@pytest.fixture
def asked(city, clock):
    """A request that asks one person, who has had that mail."""
    with city.writing() as session:
        row = request(session, person(session, "Ann"), person(session, "Ben"), now=clock())
        session.scalars(select(Mail)).one().due_at = None
    return row


def owe_one(database, clock, asked, kind):
    example = next(mail for mail in EXAMPLES if mail.kind == kind)
    with database.writing() as session:
        tell(session, asked, asked.approvals[0].person, replace(example), clock())


def write(database, clock, *, keep=False):
    with database.writing() as session:
        claimed = claim(session, now=clock(), limit=10)
    with database.writing() as session:
        writer = Writer.of(session, base_url=BASE_URL, calendar=CALENDAR)
        return write_letters(session, claimed, writer, keep=keep, now=clock())


@each_kind
def test_every_mail_about_a_question_leaves_while_its_reader_is_asked(city, clock, asked, kind):
    owe_one(city, clock, asked, kind)

    written = write(city, clock)

    assert [mail.kind for mail, _ in written.letters] == [kind]


@each_kind
def test_once_the_request_is_settled_only_what_is_news_leaves(city, clock, asked, kind):
    owe_one(city, clock, asked, kind)
    with city.writing() as session:
        session.get_one(ApprovalRequest, asked.id).state = RequestState.EXPIRED

    written = write(city, clock)

    assert written.cancelled == (kind in POINTLESS_ONCE_SETTLED)
    assert len(written.letters) == 1 - written.cancelled


@each_kind
def test_who_is_no_longer_asked_gets_only_what_is_news(city, clock, asked, kind):
    owe_one(city, clock, asked, kind)
    with city.writing() as session:
        request_now = session.get_one(ApprovalRequest, asked.id)
        request_now.approvals[0].state = ApprovalState.MOOT

    written = write(city, clock)

    assert written.cancelled == (kind in POINTLESS_ONCE_SETTLED)
    with city.reading() as session:
        last = session.scalars(select(Mail.state).order_by(Mail.id)).all()[-1]
        assert (last is MailState.CANCELLED) == bool(written.cancelled)
        minted = [*session.scalars(select(LinkToken)), *session.scalars(select(Code))]
        assert len(minted) == len(written.letters) * (kind in SECRETIVE)


def test_a_code_ends_the_codes_of_the_mails_before_it(city, clock, asked):
    for _ in range(2):
        owe_one(city, clock, asked, DecisionCode.kind)
        write(city, clock)
        clock.forward(minutes=1)

    with city.reading() as session:
        first, second = session.scalars(select(Code).order_by(Code.id))
    assert (first.spent_at, second.spent_at) == (second.minted_at, None)
    assert first.salt != second.salt


def secrets_in(letter):
    return [
        *re.findall(rf"{BASE_URL}/[ar]/([\w-]+)", letter.text),
        *re.findall(r"^(\d{6})$", letter.text, re.MULTILINE),
    ]


def test_no_token_and_no_code_is_at_rest_or_in_a_log(city, clock, asked, caplog):
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.INFO, "sqlalchemy.engine")
    kinds = sorted(SECRETIVE)

    def owe_all():
        for kind in kinds:
            owe_one(city, clock, asked, kind)

    owe_all()
    letters = [letter for _, letter in write(city, clock).letters]
    clock.forward(minutes=1)
    owe_all()
    for mail, _ in write(city, clock, keep=True).letters:
        with city.writing() as session:
            letters.append(
                open_letter(
                    session, mail.id, now=clock(), base_url=BASE_URL, calendar=CALENDAR, link_days=9
                )
            )

    secrets = [secret for letter in letters for secret in secrets_in(letter)]
    assert len(secrets) == 2 * len(kinds)
    assert len(set(secrets)) == len(secrets)
    found = MetaData()
    with city.reading() as session:
        found.reflect(session.connection())
        at_rest = repr([session.execute(select(table)).all() for table in found.sorted_tables])
    logged = caplog.text + repr(letters)
    assert "approval_requests" in logged
    for secret in secrets:
        assert not re.search(rf"(?<!\w){secret}(?!\w)", at_rest)
        assert not re.search(rf"(?<!\w){secret}(?!\w)", logged)
