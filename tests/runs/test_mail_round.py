"""The mail round: what is owed leaves, nothing is lost, and no secret stays behind."""

import logging
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Event

import pytest
from sqlalchemy import event, select

from db.models import LinkPurpose, LinkToken, Mail, MailState
from notifications import links
from notifications.mails import FreshLink
from notifications.order_mail import join_order_mail
from notifications.senders.mailbox import LocalMailbox
from notifications.senders.sender import (
    Accepted,
    LetterRefused,
    SenderPaused,
    SenderStopped,
    TryLater,
)
from notifications.senders.sendgrid import SendGridSender
from runs.mail_round import MailReport, deliver_due
from runtime.opening import Runtime
from runtime.settings import Settings
from state_machines.approvals import RequestState
from state_machines.errors import LinkDead
from state_machines.ladder import RungKey
from tests.databases import on_postgresql
from tests.notifications.senders.fake_provider import FakeProvider, answers
from tests.notifications.world import CALENDAR, DAY, ask, notice, order, owe, person, request
from use_cases.seeding.seed import seed

API_KEY = "SG.a-key-that-must-never-be-seen.42"


class Listener:
    """A sender that remembers the letters, and answers each as it is told."""

    def __init__(self, answer=lambda letter: Accepted("x")):
        self.letters = []
        self.answer = answer

    def send(self, letter):
        self.letters.append(letter)
        return self.answer(letter)


@pytest.fixture
def city(database, clock):
    with database.writing() as session:
        seed(session, now=clock())
    return database


def opened(database, clock, sender, tmp_path: Path, **settings):
    return Runtime(Settings(data_folder=tmp_path, **settings), database, CALENDAR, sender, clock)


@pytest.fixture
def listener():
    return Listener()


@pytest.fixture
def runtime(city, clock, listener, tmp_path):
    return opened(city, clock, listener, tmp_path, sendgrid_connections=1)


@pytest.fixture
def owed(city, clock):
    """Five mails that ask nothing."""
    with city.writing() as session:
        ann = person(session, "Ann")
        for n in range(5):
            owe(session, ann, f"moved/{n}/1", now=clock())


@pytest.fixture
def asked(city, clock):
    """A request that asks one person."""
    with city.writing() as session:
        return request(session, person(session, "Ann"), person(session, "Ben"), now=clock())


def states(database):
    with database.reading() as session:
        return session.execute(select(Mail.state, Mail.attempts).order_by(Mail.id)).all()


def token_in(letter):
    [token] = set(re.findall(r"/a/([\w-]+)", letter.text))
    return token


def test_what_is_owed_leaves_and_leaves_once(city, runtime, owed, listener):
    first, second = deliver_due(runtime, limit=2), deliver_due(runtime)

    assert first == MailReport(claimed=5, accepted=5)
    assert second == MailReport()
    assert sorted(letter.mail_id for letter in listener.letters) == [1, 2, 3, 4, 5]
    assert set(states(city)) == {(MailState.ACCEPTED, 1)}


def test_no_transaction_is_open_while_a_letter_leaves(city, runtime, owed, listener):
    busy = []
    listener.answer = lambda letter: busy.append(city.engine.pool.checkedout()) or Accepted()

    deliver_due(runtime)

    assert busy == [0] * 5


def test_the_link_in_a_letter_works_and_only_its_hash_is_kept(
    city, runtime, asked, listener, clock
):
    deliver_due(runtime)

    token = token_in(listener.letters[0])
    with city.reading() as session:
        link = links.read(session, token, LinkPurpose.APPROVAL, now=clock())
        kept = [
            *session.execute(select(LinkToken.__table__)),
            *session.execute(select(Mail.__table__)),
        ]
    assert link.request_id == asked.id
    assert token not in repr(kept)


def test_every_sending_mints_its_own_token(runtime, asked, listener, clock):
    listener.answer = lambda letter: TryLater("no connection")
    deliver_due(runtime)
    clock.forward(minutes=1)
    deliver_due(runtime)

    first, second = listener.letters
    assert token_in(first) != token_in(second)
    assert (first.attempt, second.attempt) == (1, 2)


def test_a_fresh_link_kills_the_older_ones_when_it_has_left(city, runtime, asked, listener, clock):
    deliver_due(runtime)
    with city.writing() as session:
        ask(session, asked, asked.approvals[0].person, FreshLink, now=clock())
    listener.answer = lambda letter: TryLater("no connection")
    deliver_due(runtime)

    def old_link():
        with city.reading() as session:
            token = token_in(listener.letters[0])
            return links.read(session, token, LinkPurpose.APPROVAL, now=clock())

    assert old_link().request_id == asked.id
    listener.answer = lambda letter: Accepted()
    clock.forward(minutes=1)
    deliver_due(runtime)
    with pytest.raises(LinkDead):
        old_link()
    with city.reading() as session:
        newest = token_in(listener.letters[-1])
        assert links.read(session, newest, LinkPurpose.APPROVAL, now=clock())


def test_a_question_whose_request_was_settled_meanwhile_never_leaves(
    city, runtime, asked, listener
):
    with city.writing() as session:
        session.merge(asked).state = RequestState.WITHDRAWN

    report = deliver_due(runtime)

    assert report == MailReport(claimed=1, cancelled=1)
    assert listener.letters == []
    assert states(city) == [(MailState.CANCELLED, 1)]


@on_postgresql
def test_a_request_that_is_being_settled_is_waited_for_so_that_no_live_link_leaves(
    city, runtime, asked, listener
):
    with ThreadPoolExecutor(1) as pool, city.writing() as session:
        session.merge(asked).state = RequestState.WITHDRAWN
        session.flush()
        round_ = pool.submit(deliver_due, runtime)
        with pytest.raises(TimeoutError):
            round_.result(timeout=0.5)
        session.commit()
        report = round_.result(timeout=10)

    assert report == MailReport(claimed=1, cancelled=1)
    assert listener.letters == []


def test_who_has_left_is_written_to_no_more(city, runtime, asked, listener):
    with city.writing() as session:
        session.merge(asked.approvals[0].person).active = False

    assert deliver_due(runtime).cancelled == 1
    assert listener.letters == []


def test_a_mail_that_cannot_be_written_fails_alone_and_says_why(city, runtime, owed, listener):
    with city.writing() as session:
        session.get_one(Mail, 3).facts = {"nonsense": True}

    report = deliver_due(runtime)

    assert (report.accepted, report.later) == (4, 1)
    with city.reading() as session:
        assert session.get_one(Mail, 3).last_error == "not written: ValidationError"


def test_a_mail_that_kills_its_sender_each_time_is_given_up(city, runtime, owed, listener):
    with city.writing() as session:
        session.get_one(Mail, 1).attempts = 8

    report = deliver_due(runtime)

    assert (report.accepted, report.dead) == (4, 1)
    assert 1 not in [letter.mail_id for letter in listener.letters]


def test_a_letter_that_is_refused_is_dead_and_the_others_leave(city, runtime, owed, listener):
    listener.answer = lambda letter: (
        LetterRefused("too long") if letter.mail_id == 2 else Accepted()
    )

    assert deliver_due(runtime) == MailReport(claimed=5, accepted=4, dead=1)


def test_a_sender_without_a_valid_key_stops_the_round_burns_nothing_and_says_so(
    city, runtime, owed, listener, caplog
):
    listener.answer = lambda letter: SenderStopped("HTTP 401")

    report = deliver_due(runtime, limit=2)

    assert report == MailReport(claimed=2, later=2, stopped="HTTP 401")
    assert len(listener.letters) == 1
    assert set(states(city)) == {(MailState.QUEUED, 0)}
    assert "HTTP 401" in caplog.text


def test_a_sender_that_wants_rest_is_left_alone_until_then(city, runtime, owed, listener, clock):
    until = clock() + timedelta(minutes=7)
    listener.answer = lambda letter: SenderPaused("HTTP 429", until)
    deliver_due(runtime, limit=2)
    listener.answer = lambda letter: Accepted()
    clock.forward(minutes=6)

    assert deliver_due(runtime) == MailReport()
    clock.forward(minutes=1)
    assert deliver_due(runtime).accepted == 5
    assert set(states(city)) == {(MailState.ACCEPTED, 1)}


def test_a_defect_in_the_sender_leaves_its_letter_ambiguous_and_shows_nothing(
    city, runtime, asked, listener, caplog
):
    def fails(letter):
        raise RuntimeError(letter.text)

    listener.answer = fails

    assert deliver_due(runtime).later == 1
    assert states(city) == [(MailState.AMBIGUOUS, 1)]
    assert token_in(listener.letters[0]) not in caplog.text


def test_a_round_that_is_told_to_stop_gives_back_what_has_not_left(city, runtime, owed, listener):
    stop = Event()
    listener.answer = lambda letter: stop.set() or Accepted()

    report = deliver_due(runtime, stop=stop)

    assert (report.accepted, report.later) == (1, 4)
    assert sorted(states(city)) == [(MailState.ACCEPTED, 1)] + [(MailState.QUEUED, 0)] * 4


def test_a_letter_is_not_begun_when_another_round_could_take_it_meanwhile(
    city, runtime, owed, listener, clock
):
    listener.answer = lambda letter: clock.forward(minutes=3) or Accepted()

    deliver_due(runtime)

    per_letter = [letter.mail_id for letter in listener.letters]
    assert sorted(per_letter) == [1, 2, 3, 4, 5]
    assert set(states(city)) == {(MailState.ACCEPTED, 1)}


@on_postgresql
def test_rounds_side_by_side_send_every_mail_once(city, clock, listener, tmp_path):
    with city.writing() as session:
        ann = person(session, "Ann")
        for n in range(60):
            owe(session, ann, f"moved/{n}/1", now=clock())
    runtime = opened(city, clock, listener, tmp_path, sendgrid_connections=2)
    start = Barrier(3)

    def round_(_):
        start.wait(10)
        return deliver_due(runtime, limit=7).accepted

    with ThreadPoolExecutor(3) as pool:
        accepted = sum(pool.map(round_, range(3)))

    assert accepted == 60
    assert sorted(letter.mail_id for letter in listener.letters) == [*range(1, 61)]


def test_one_person_gets_one_order_mail_a_day_with_the_orders_of_all_chunks(
    city, runtime, listener, clock
):
    with city.writing() as session:
        ann = person(session, "Ann")
    for chunk in range(3):
        with city.writing() as session:
            mails = join_order_mail(session, [ann.id], DAY, now=clock(), calendar=CALENDAR)
            number = f"JH-2026-{chunk:04d}"
            stalled = order(session, number, rung=RungKey.UNIT, now=clock(), day=DAY)
            notice(session, stalled, ann, mails[ann.id], now=clock())
    clock.forward(minutes=10)

    deliver_due(runtime)

    [letter] = listener.letters
    assert letter.subject == "督办通知：3件（2026年3月2日）"
    assert all(f"JH-2026-{chunk:04d}" in letter.text for chunk in range(3))
    with city.reading() as session:
        facts = session.scalars(select(Mail.facts)).one()
    assert [item["project"]["number"][-1] for item in facts["items"]] == ["0", "1", "2"]


def test_an_order_mail_without_an_open_order_never_leaves(city, runtime, listener, clock):
    with city.writing() as session:
        ann = person(session, "Ann")
        join_order_mail(session, [ann.id], DAY, now=clock(), calendar=CALENDAR)
    clock.forward(minutes=10)

    assert deliver_due(runtime) == MailReport(claimed=1, cancelled=1)
    assert listener.letters == []


@on_postgresql  # SQLite inserts tokens one by one, but without a way to go
def test_the_statements_of_a_round_do_not_grow_with_its_mails(city, runtime, clock):
    seen = []
    event.listen(city.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))

    def statements_for(count, first):
        with city.writing() as session:
            people = [person(session, f"P{first}{n}") for n in range(2 * count)]
            for asker, reader in zip(people[::2], people[1::2], strict=True):
                request(session, asker, reader, now=clock())
                owe(session, reader, f"moved/{reader.id}", now=clock())
        seen.clear()
        deliver_due(runtime)
        return len(seen)

    few, many = statements_for(2, "a"), statements_for(20, "b")

    assert many == few


def test_the_local_mailbox_takes_everything_and_holds_no_token(city, asked, clock, tmp_path):
    runtime = opened(city, clock, LocalMailbox(), tmp_path)

    assert deliver_due(runtime) == MailReport(claimed=1, accepted=1)
    with city.reading() as session:
        assert session.scalars(select(LinkToken)).all() == []
        assert session.scalars(select(Mail.letter)).one().keys() == {"subject", "text", "html"}


@pytest.fixture
def everything_logged(caplog):
    names = [None, *logging.Logger.manager.loggerDict]
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    caplog.handler.setLevel(logging.DEBUG)
    yield caplog
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


@pytest.mark.parametrize("status", [202, 400, 401, 429, 500])
def test_neither_key_nor_token_is_in_any_log_of_a_whole_round(
    city, asked, clock, tmp_path, everything_logged, *, capfd, status
):
    with FakeProvider().running() as provider:
        provider.behaviour = answers(status)
        sender = SendGridSender(API_KEY, "luodi@jinhua.example", "Luodi", provider.host)
        report = deliver_due(opened(city, clock, sender, tmp_path))
        [received] = provider.received

    [token] = set(re.findall(r"/a/([\w-]{43})", received.raw.decode()))
    said = "\n".join(record.getMessage() for record in everything_logged.records)
    said += "".join(capfd.readouterr())
    assert "INSERT INTO link_tokens" in said
    assert report.claimed == 1
    for secret in (API_KEY, token):
        assert secret not in said + repr(report)
