"""A mail is owed once, leaves only with its cause, and is claimed by one sender at a time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from db.models import Mail, MailState
from notifications import outbox
from notifications.mails import ApprovalAsked, DecisionCode, FactsChanged, OrdersIssued, Receipt
from state_machines.stages import Stage
from tests.databases import on_postgresql
from tests.notifications.world import (
    DAY,
    QUESTION,
    RECEIPT,
    moved,
    of_request,
    owe,
    person,
    request,
    tell,
)


def keys(database):
    with database.reading() as session:
        return session.scalars(select(Mail.key).order_by(Mail.id)).all()


def claimed(database, clock, limit=100):
    with database.writing() as session:
        return [mail.key for mail in outbox.claim(session, now=clock(), limit=limit)]


def test_the_same_news_is_owed_once(city, clock):
    with city.writing() as session:
        ann = person(session, "Ann")
        owe(session, ann, "moved/1/1", now=clock())
    with city.writing() as session:
        owe(session, ann, "moved/1/1", now=clock())
        owe(session, ann, "moved/2/1", now=clock())

    assert keys(city) == ["moved/1/1", "moved/2/1"]


def test_news_that_was_sent_is_not_owed_again(city, clock):
    with city.writing() as session:
        ann = person(session, "Ann")
        owe(session, ann, "moved/1/1", now=clock())
        session.scalars(select(Mail)).one().state = MailState.ACCEPTED
    with city.writing() as session:
        owe(session, ann, "moved/1/1", now=clock())

    with city.reading() as session:
        assert session.scalars(select(Mail.state)).all() == [MailState.ACCEPTED]


def test_a_mail_whose_cause_is_rolled_back_was_never_owed(city, clock):
    def cause():
        with city.writing() as session:
            owe(session, person(session, "Ann"), "moved/1/1", now=clock())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cause()

    assert keys(city) == []


def test_questions_leave_before_news_and_news_before_orders(city, clock):
    with city.writing() as session:
        ann = person(session, "Ann")
        for key, mail in {
            "orders": OrdersIssued(day=DAY),
            "news": moved(Stage.SIGNED),
            "question": ApprovalAsked(**QUESTION),
        }.items():
            outbox.post(session, mail, to=ann.id, key=key, now=clock())

    assert claimed(city, clock) == ["question", "news", "orders"]


def test_what_is_not_due_yet_stays(city, clock):
    later = clock() + timedelta(hours=1)
    with city.writing() as session:
        ann = person(session, "Ann")
        outbox.post(session, moved(Stage.SIGNED), to=ann.id, key="later", now=clock(), due_at=later)

    assert claimed(city, clock) == []
    with city.reading() as session:
        assert not outbox.anything_due(session, now=clock())
    clock.forward(hours=1)
    with city.reading() as session:
        assert outbox.anything_due(session, now=clock())
    assert claimed(city, clock) == ["later"]


def test_a_claimed_mail_is_hidden_until_its_lease_runs_out_and_the_try_counts(city, clock):
    with city.writing() as session:
        owe(session, person(session, "Ann"), "moved/1/1", now=clock())

    first, meanwhile = claimed(city, clock), claimed(city, clock)
    clock.forward(minutes=5)
    again = claimed(city, clock)

    assert (first, meanwhile, again) == (["moved/1/1"], [], ["moved/1/1"])
    with city.reading() as session:
        mail = session.scalars(select(Mail)).one()
        assert (mail.state, mail.attempts) == (MailState.SENDING, 2)


@on_postgresql
def test_two_claimers_at_once_never_share_a_mail_and_leave_none(city, clock):
    with city.writing() as session:
        ann = person(session, "Ann")
        for n in range(200):
            owe(session, ann, f"moved/{n}/1", now=clock())
    start = Barrier(4)

    def claim_all(_):
        start.wait(10)
        mine = []
        while batch := claimed(city, clock, limit=7):
            mine += batch
        return mine

    with ThreadPoolExecutor(4) as pool:
        each = list(pool.map(claim_all, range(4)))

    everything = [key for mine in each for key in mine]
    assert len(everything) == 200
    assert len(set(everything)) == 200


def test_a_settled_request_takes_its_questions_back_and_nothing_else(city, clock):
    with city.writing() as session:
        ann, ben = person(session, "Ann"), person(session, "Ben")
        settled = request(session, ann, ben, now=clock())
        other = request(session, ben, ann, now=clock())
        outbox.post(
            session,
            moved(Stage.SIGNED),
            to=ann.id,
            key="news",
            now=clock(),
            request_id=settled.id,
        )
        outbox.cancel(session, settled.id, now=clock())

    assert claimed(city, clock) == [f"approval_asked/{other.id}/{ann.id}", "news"]


def test_who_is_no_longer_asked_has_their_questions_taken_back_and_others_keep_theirs(city, clock):
    with city.writing() as session:
        ann, ben, eve = (person(session, name) for name in ("Ann", "Ben", "Eve"))
        asked = request(session, ann, ben, eve, now=clock())
        tell(session, asked, ben, of_request(DecisionCode), clock())
        tell(session, asked, ben, of_request(FactsChanged, changed_by=None, changes=()), clock())
        tell(session, asked, ben, of_request(Receipt, **RECEIPT), clock())
        outbox.cancel(session, asked.id, ben.id, now=clock())

    with city.reading() as session:
        waiting = select(Mail.kind, Mail.person_id).where(Mail.state == MailState.QUEUED)
        left = {(kind, reader) for kind, reader in session.execute(waiting)}
    assert left == {("approval_asked", eve.id), ("receipt", ben.id)}


def test_a_question_that_is_on_its_way_cannot_be_taken_back(city, clock):
    with city.writing() as session:
        ann, ben = person(session, "Ann"), person(session, "Ben")
        asked = request(session, ann, ben, now=clock())
    claimed(city, clock)
    with city.writing() as session:
        outbox.cancel(session, asked.id, now=clock())

    with city.reading() as session:
        assert session.scalars(select(Mail.state)).all() == [MailState.SENDING]
