"""The outbox: a mail is owed in the transaction of its cause, claimed by one sender, and settled.

A mail waits while it has a `due_at`. Who claims it moves that to the end of a lease, so a mail
whose sender died comes up again by itself; settling sets the next try, or clears it for good.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from db.inserts import insert_new
from db.models import Mail, MailState
from notifications import mails
from notifications.senders.sender import (
    Accepted,
    Ambiguous,
    LetterRefused,
    Outcome,
    SenderPaused,
    SenderStopped,
    TryLater,
)

LEASE = timedelta(minutes=5)
"""Longer than any sender takes for what one round claims."""
MOST_ATTEMPTS = 8
FIRST_BACKOFF = timedelta(seconds=30)
LONGEST_BACKOFF = timedelta(hours=6)
_GROWTH = 3.0
AMBIGUOUS_WAIT = timedelta(minutes=10)
AMBIGUOUS_WAIT_URGENT = timedelta(minutes=2)

ASKING = (mails.ApprovalAsked.kind, mails.FreshLink.kind)
"""The mails that are pointless once their request is settled."""


def post(
    session: Session,
    mail: mails.Mail,
    *,
    to: int,
    key: str,
    now: datetime,
    project_id: int | None = None,
    request_id: int | None = None,
    due_at: datetime | None = None,
) -> None:
    """Owe `mail` to the person `to`. It leaves only if this transaction commits.

    `key` is made of the stable ids of its cause and its reader. A key that was posted before is
    left as it stands, whatever became of that mail, so posting twice is harmless.
    """
    row = as_row(mail, to=to, key=key, now=now, due_at=due_at or now)
    insert_new(session, Mail, [row | {"project_id": project_id, "request_id": request_id}])


def as_row(
    mail: mails.Mail, *, to: int, key: str, now: datetime, due_at: datetime
) -> dict[str, Any]:
    return {
        "key": key,
        "kind": mail.kind,
        "person_id": to,
        "facts": mail.facts(),
        "priority": mail.priority,
        "state": MailState.QUEUED,
        "created_at": now,
        "due_at": due_at,
        "attempts": 0,
    }


def cancel(session: Session, request_id: int, *, now: datetime) -> None:
    """Take back the mails that still wait to ask about a request which is settled."""
    session.execute(
        update(Mail)
        .where(Mail.request_id == request_id, Mail.state == MailState.QUEUED, Mail.kind.in_(ASKING))
        .values(state=MailState.CANCELLED, due_at=None, settled_at=now)
    )


def anything_due(session: Session, *, now: datetime) -> bool:
    """Tell, without a lock, whether a claim would find something."""
    return bool(session.scalar(select(select(Mail.id).where(Mail.due_at <= now).exists())))


def claim(session: Session, *, now: datetime, limit: int) -> Sequence[Mail]:
    """Take the mails that are due, the urgent ones first, and hide them for one lease.

    Safe against other claimers: no mail is taken twice, and none waits for another. The attempt is
    counted before it is made, so that a mail which kills its sender is not tried for ever.
    """
    due = (
        select(Mail.id)
        .where(Mail.due_at <= now)
        .order_by(Mail.priority, Mail.due_at, Mail.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    taken = session.scalars(
        update(Mail)
        .where(Mail.id.in_(select(due.c.id)))
        .values(state=MailState.SENDING, attempts=Mail.attempts + 1, due_at=now + LEASE)
        .returning(Mail)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return sorted(taken, key=lambda mail: (mail.priority, mail.id))


@dataclass(frozen=True)
class Attempt:
    """How sending one claimed mail ended; `lease` tells this claim of it from any other."""

    mail_id: int
    number: int
    lease: datetime
    urgent: bool
    outcome: Outcome

    @classmethod
    def at(cls, mail: Mail, outcome: Outcome) -> "Attempt":
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
    session: Session, attempts: Iterable[Attempt], *, now: datetime, random: Callable[[], float]
) -> None:
    """Record how each attempt went: settled for good, or when it may be tried again.

    An attempt whose lease ran out and was taken by another changes nothing. `random` gives
    [0, 1) and spreads the retries.

    A sender that asks for a rest gets it for every mail that waits: their due times are moved to
    its end, here in the database, so that all processes keep it and a restart does not end it.
    """
    attempts = list(attempts)
    if attempts:
        session.connection().execute(_SETTLE, [_settled(each, now, random) for each in attempts])
    pauses = [a.outcome.resume_at(now) for a in attempts if isinstance(a.outcome, SenderPaused)]
    if pauses:
        session.execute(
            update(Mail)
            .where(Mail.state == MailState.QUEUED, Mail.due_at < max(pauses))
            .values(due_at=max(pauses))
            .execution_options(synchronize_session=False)
        )


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
        "new_last_error": None if isinstance(outcome, Accepted) else outcome.reason,
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
        case SenderStopped():
            return MailState.QUEUED, now, False
        case TryLater():
            again = now + random() * _backoff(attempt.number)
            return (MailState.DEAD, None, True) if last else (MailState.QUEUED, again, True)
        case Ambiguous():
            wait = AMBIGUOUS_WAIT_URGENT if attempt.urgent else AMBIGUOUS_WAIT
            return MailState.AMBIGUOUS, None if last else now + wait, True


def _backoff(attempts: int) -> timedelta:
    return min(LONGEST_BACKOFF, FIRST_BACKOFF * _GROWTH ** (attempts - 1))
