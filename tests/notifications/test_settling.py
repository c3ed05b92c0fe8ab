"""Every outcome × every attempt: what becomes of the mail, and when it is tried again."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from db.models import Mail, MailState
from notifications import outbox
from notifications.senders.sender import (
    Accepted,
    Ambiguous,
    LetterRefused,
    SenderPaused,
    SenderStopped,
    TryLater,
)
from notifications.settling import MOST_ATTEMPTS, Attempt, settle
from tests.notifications.world import owe, person, request


def claim(database, clock):
    with database.writing() as session:
        return outbox.claim(session, now=clock(), limit=100)


def settled(database, clock, attempts, random=lambda: 0.5):
    with database.writing() as session:
        return settle(session, attempts, now=clock(), random=random)


def stored(database):
    with database.reading() as session:
        return session.scalars(select(Mail).order_by(Mail.id)).all()


@pytest.fixture
def news(city, clock):
    """One mail that asks nothing, claimed."""
    with city.writing() as session:
        owe(session, person(session, "Ann"), "moved/1/1", now=clock())
    [mail] = claim(city, clock)
    return mail


NEVER = None
S, M, H = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
FIRST, MIDDLE, LAST = 1, 4, MOST_ATTEMPTS
REASON = "because"


@pytest.mark.parametrize(
    ("outcome", "attempt", "state", "again_after", "attempts"),
    [
        (Accepted("x"), FIRST, MailState.ACCEPTED, NEVER, 1),
        (Accepted("x"), LAST, MailState.ACCEPTED, NEVER, LAST),
        (TryLater(REASON), FIRST, MailState.QUEUED, 15 * S, 1),
        (TryLater(REASON), MIDDLE, MailState.QUEUED, 405 * S, 4),
        (TryLater(REASON), LAST - 1, MailState.QUEUED, 3 * H, LAST - 1),
        (TryLater(REASON), LAST, MailState.DEAD, NEVER, LAST),
        (Ambiguous(REASON), FIRST, MailState.AMBIGUOUS, 10 * M, 1),
        (Ambiguous(REASON), LAST, MailState.AMBIGUOUS, NEVER, LAST),
        (LetterRefused(REASON), FIRST, MailState.DEAD, NEVER, 1),
        (SenderPaused(REASON), FIRST, MailState.QUEUED, M, 0),
        (SenderPaused(REASON), LAST, MailState.QUEUED, M, LAST - 1),
        (SenderStopped(REASON), FIRST, MailState.QUEUED, 0 * S, 0),
        (SenderStopped(REASON), LAST, MailState.QUEUED, 0 * S, LAST - 1),
        (None, FIRST, MailState.QUEUED, 0 * S, 0),
    ],
)
def test_every_outcome_means_one_thing(
    city, clock, news, *, outcome, attempt, state, again_after, attempts
):
    tried = Attempt(news.id, attempt, news.due_at, urgent=False, outcome=outcome)

    counted = settled(city, clock, [tried])

    [mail] = stored(city)
    assert counted == {state: 1}
    assert (mail.state, mail.attempts) == (state, attempts)
    assert mail.due_at == (None if again_after is NEVER else clock() + again_after)
    assert mail.settled_at == (clock() if again_after is NEVER else None)
    assert mail.last_error == getattr(outcome, "reason", None)
    assert mail.provider_id == getattr(outcome, "provider_id", None)


def test_a_question_whose_fate_is_unknown_goes_again_after_two_minutes(city, clock):
    with city.writing() as session:
        request(session, person(session, "Ann"), person(session, "Ben"), now=clock())
    [question] = claim(city, clock)

    settled(city, clock, [Attempt.at(question, Ambiguous(REASON))])

    assert stored(city)[0].due_at == clock() + 2 * M


@pytest.mark.parametrize(("random", "wait"), [(lambda: 0.0, 0 * S), (lambda: 0.999, 29.97 * S)])
def test_retries_are_spread_over_the_whole_wait(city, clock, news, random, wait):
    settled(city, clock, [Attempt.at(news, TryLater(REASON))], random)

    assert stored(city)[0].due_at == clock() + wait


def test_a_sender_that_wants_rest_gets_it_for_all_that_waits_and_nothing_counts(city, clock):
    with city.writing() as session:
        ann = person(session, "Ann")
        for n in range(3):
            owe(session, ann, f"moved/{n}/1", now=clock())
    first, *others = claim(city, clock)
    with city.writing() as session:
        owe(session, ann, "moved/meanwhile/1", now=clock())
        owe(session, ann, "moved/much-later/1", now=clock() + H)
    until = clock() + 7 * M

    settled(
        city,
        clock,
        [Attempt.at(first, SenderPaused(REASON, until)), *(Attempt.at(o, None) for o in others)],
    )

    due = [(mail.due_at, mail.attempts) for mail in stored(city)]
    assert due == [(until, 0)] * 4 + [(clock() + H, 0)]


def test_a_late_answer_of_an_old_attempt_overwrites_nothing(city, clock, news):
    clock.forward(minutes=5)
    [again] = claim(city, clock)

    settled(city, clock, [Attempt.at(news, TryLater("late"))])
    meanwhile = stored(city)[0]
    settled(city, clock, [Attempt.at(again, Accepted("x"))])
    settled(city, clock, [Attempt.at(news, TryLater("later still"))])

    assert (meanwhile.state, meanwhile.last_error) == (MailState.SENDING, None)
    assert stored(city)[0].state is MailState.ACCEPTED


def test_an_answer_after_its_lease_still_counts_if_nobody_took_the_mail(city, clock, news):
    clock.forward(minutes=6)

    settled(city, clock, [Attempt.at(news, Accepted("x"))])

    assert stored(city)[0].state is MailState.ACCEPTED


def test_nothing_to_settle_changes_nothing(city, clock, news):
    assert settled(city, clock, []) == {}
    assert stored(city)[0].state is MailState.SENDING
