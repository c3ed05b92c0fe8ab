"""What an attempt to send leads to: settled for good, or when the mail may be tried again."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from db.models import Mail, MailState
from notifications.outbox import locked_in_order
from notifications.senders.sender import (
    Accepted,
    Ambiguous,
    LetterRefused,
    Outcome,
    SenderPaused,
    SenderStopped,
    TryLater,
)

MOST_ATTEMPTS = 8
FIRST_BACKOFF = timedelta(seconds=30)
LONGEST_BACKOFF = timedelta(hours=6)
_GROWTH = 3.0
AMBIGUOUS_WAIT = timedelta(minutes=10)
AMBIGUOUS_WAIT_URGENT = timedelta(minutes=2)


@dataclass(frozen=True)
class Attempt:
    """How sending one claimed mail ended; `lease` tells this claim of it from any other."""

    mail_id: int
    number: int
    lease: datetime
    urgent: bool
    outcome: Outcome | None
    """None if it was not made in the end: then it does not count."""

    @classmethod
    def at(cls, mail: Mail, outcome: Outcome | None) -> "Attempt":
        assert mail.due_at is not None  # noqa: S101 (it is claimed)
        return cls(mail.id, mail.attempts, mail.due_at, mail.priority == 0, outcome)


_SETTLE = (
    update(Mail.__table__)  # type: ignore[arg-type]
    .where(
        Mail.id == bindparam("mail_id"),
        Mail.state == MailState.SENDING,
        Mail.due_at == bindparam("lease", type_=Mail.due_at.type),
    )
    .values(
        {
            column: bindparam(f"new_{column}", type_=Mail.__table__.c[column].type)
            for column in ("state", "due_at", "attempts", "settled_at", "provider_id", "last_error")
        }
    )
)


def settle(
    session: Session, attempts: Sequence[Attempt], *, now: datetime, random: Callable[[], float]
) -> Counter[MailState]:
    """Record how each attempt went, and count the states that they led to.

    An attempt whose lease ran out and was taken by another changes nothing. `random` gives
    [0, 1) and spreads the retries.

    A sender that asks for a rest gets it for every mail that waits: their due times are moved to
    its end, here in the database, so that all processes keep it and a restart does not end it.
    """
    settled = [_settled(each, now, random) for each in attempts]
    if settled:
        session.connection().execute(_SETTLE, settled)
    pauses = [a.outcome.resume_at(now) for a in attempts if isinstance(a.outcome, SenderPaused)]
    if pauses:
        waiting = select(Mail.id).where(Mail.state == MailState.QUEUED, Mail.due_at < max(pauses))
        session.execute(
            update(Mail)
            .where(Mail.id.in_(locked_in_order(waiting)))
            .values(due_at=max(pauses))
            .execution_options(synchronize_session=False)
        )
    return Counter(each["new_state"] for each in settled)


def _settled(attempt: Attempt, now: datetime, random: Callable[[], float]) -> dict[str, Any]:
    state, due_at, tried = _verdict(attempt, now, random)
    outcome = attempt.outcome
    return {
        "mail_id": attempt.mail_id,
        "lease": attempt.lease,
        "new_state": state,
        "new_due_at": due_at,
        "new_attempts": attempt.number if tried else attempt.number - 1,
        "new_settled_at": now if due_at is None else None,
        "new_provider_id": outcome.provider_id if isinstance(outcome, Accepted) else None,
        "new_last_error": getattr(outcome, "reason", None),
    }


def _verdict(
    attempt: Attempt, now: datetime, random: Callable[[], float]
) -> tuple[MailState, datetime | None, bool]:
    """Return the state, the next try, and whether this one counts."""
    last = attempt.number >= MOST_ATTEMPTS
    match attempt.outcome:
        case Accepted():
            return MailState.ACCEPTED, None, True
        case LetterRefused():
            return MailState.DEAD, None, True
        case SenderPaused() as pause:
            return MailState.QUEUED, pause.resume_at(now), False
        case SenderStopped() | None:
            return MailState.QUEUED, now, False
        case TryLater():
            again = now + random() * _backoff(attempt.number)
            return (MailState.DEAD, None, True) if last else (MailState.QUEUED, again, True)
        case Ambiguous():
            # No event tells yet whether it arrived: better twice than never.
            wait = AMBIGUOUS_WAIT_URGENT if attempt.urgent else AMBIGUOUS_WAIT
            return MailState.AMBIGUOUS, None if last else now + wait, True


def _backoff(attempts: int) -> timedelta:
    return min(LONGEST_BACKOFF, FIRST_BACKOFF * _GROWTH ** (attempts - 1))
