"""The mail round: what the outbox owes is claimed, written, sent and settled, a batch at a time.

Each of the first two and the last is a transaction of its own; none is open while letters leave.
A round that is killed in between loses nothing: the leases of what it had claimed run out.
"""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from random import random
from threading import Event

from sqlalchemy.orm import Session

from db.models import Mail, MailState
from notifications import links, outbox
from notifications.letters import Writer
from notifications.mails import FreshLink
from notifications.senders.letter import Letter
from notifications.senders.sender import (
    Accepted,
    Ambiguous,
    Outcome,
    SenderPaused,
    SenderStopped,
)
from notifications.settling import Attempt, settle
from notifications.writing import Written, write_letters
from runtime.opening import Runtime

LIMIT = 200
MOST_BATCHES = 100
LONGEST_SENDING = timedelta(minutes=1)
"""A letter is not begun unless its lease has this much left: nobody else may take it meanwhile."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class MailReport:
    """What a round claimed, and what became of it."""

    claimed: int = 0
    accepted: int = 0
    later: int = 0
    """Will be tried again, whether the try counted or not."""
    dead: int = 0
    cancelled: int = 0
    stopped: str | None = None
    """Why no letter can leave until a person mends it."""


def deliver_due(
    runtime: Runtime,
    *,
    limit: int = LIMIT,
    stop: Event | None = None,
    chance: Callable[[], float] = random,
) -> MailReport:
    """Send every mail that is due, in batches of `limit`.

    Safe beside other rounds, to repeat and to kill. A sender that asks for a rest, or that cannot
    send at all, ends the round, and so does `stop`: what has not left by then is given back.
    `chance` gives [0, 1) and spreads the retries.
    """
    halted = stop or Event()
    total: Counter[str] = Counter()
    reason = None
    for _ in range(MOST_BATCHES):
        with runtime.database.reading() as session:
            if halted.is_set() or not outbox.anything_due(session, now=runtime.now()):
                break
        with runtime.database.writing() as session:
            claimed = outbox.claim(session, now=runtime.now(), limit=limit)
        written = _write(runtime, claimed)
        outcomes = _send(runtime, written, halted)
        with runtime.database.writing() as session:
            total += _settle(session, runtime, written, outcomes, chance)
        total["claimed"] += len(claimed)
        reason = next((o.reason for _, o in outcomes if isinstance(o, SenderStopped)), None)
        if reason or any(isinstance(o, SenderPaused) for _, o in outcomes):
            break
    if reason:
        log.error("no mail can leave until this is mended: %s", reason)
    return MailReport(**total, stopped=reason)


def _write(runtime: Runtime, claimed: Sequence[Mail]) -> Written:
    with runtime.database.writing() as session:
        writer = Writer.of(session, base_url=runtime.settings.base_url, calendar=runtime.calendar)
        return write_letters(
            session, claimed, writer, keep=runtime.mail_stays_here, now=runtime.now()
        )


def _send(runtime: Runtime, written: Written, stop: Event) -> list[tuple[Mail, Outcome | None]]:
    """Send letters side by side; None for those not begun after the first that ends the round."""
    ended = Event()

    def send(mail: Mail, letter: Letter) -> Outcome | None:
        lease = mail.due_at
        if ended.is_set() or stop.is_set() or lease is None:
            return None
        if runtime.now() + LONGEST_SENDING > lease:
            return None
        try:
            outcome = runtime.sender.send(letter)
        except Exception as error:  # a defect, and its text might show the letter
            log.error("sending mail %s failed: %s", mail.id, type(error).__name__)
            outcome = Ambiguous(f"the sender failed: {type(error).__name__}")
        if isinstance(outcome, SenderPaused | SenderStopped):
            ended.set()
        return outcome

    with ThreadPoolExecutor(runtime.settings.sendgrid_connections) as pool:
        sent = pool.map(lambda pair: send(*pair), written.letters)
        return [(mail, outcome) for (mail, _), outcome in zip(written.letters, sent, strict=True)]


def _settle(
    session: Session,
    runtime: Runtime,
    written: Written,
    outcomes: Sequence[tuple[Mail, Outcome | None]],
    chance: Callable[[], float],
) -> Counter[str]:
    now = runtime.now()
    attempts = [*written.failed, *(Attempt.at(mail, outcome) for mail, outcome in outcomes)]
    states = settle(session, attempts, now=now, random=chance)
    for mail, outcome in outcomes:
        if mail.kind == FreshLink.kind and isinstance(outcome, Accepted) and mail.request_id:
            links.revoke(session, mail.request_id, mail.person_id, now=now, but_of_mail=mail.id)
    return Counter(
        accepted=states[MailState.ACCEPTED],
        later=states[MailState.QUEUED] + states[MailState.AMBIGUOUS],
        dead=states[MailState.DEAD],
        cancelled=written.cancelled,
    )
