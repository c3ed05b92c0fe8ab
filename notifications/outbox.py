"""The outbox: a mail is owed in the transaction of its cause, claimed by one sender, and settled.

A mail waits while it has a `due_at`. Who claims it moves that to the end of a lease, so a mail
whose sender died comes up again by itself; settling sets the next try, or clears it for good.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, or_, select, update
from sqlalchemy.orm import Session

from db.models import Mail, MailState
from db.writing import append, apply, table_of
from notifications import mails

LEASE = timedelta(minutes=5)
"""How long a claimer has to send and settle before the mails come up again."""

ASKING = (mails.ApprovalAsked.kind, mails.ApprovalReminder.kind, mails.FreshLink.kind)
"""The mails that ask, each with a link of its own."""

POINTLESS_ONCE_SETTLED = (*ASKING, mails.DecisionCode.kind, mails.FactsChanged.kind)


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
    row |= {"project_id": project_id, "request_id": request_id}
    append(session, Mail, row, unless_there=True)


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


def cancel(
    session: Session, request_id: int, person_id: int | None = None, *, now: datetime
) -> None:
    """Take back the mails that wait to ask about a settled request, or to ask one person of it."""
    about = {"mails_request": request_id, "mails_now": now}
    if person_id is None:
        apply(session, _CANCEL, **about)
    else:
        apply(session, _CANCEL_TO, mails_to=person_id, **about)


_CANCEL = (
    update(table_of(Mail))
    .where(
        Mail.request_id == bindparam("mails_request"),
        Mail.state == MailState.QUEUED,
        or_(*(Mail.kind == kind for kind in POINTLESS_ONCE_SETTLED)),
    )
    .values(state=MailState.CANCELLED, due_at=None, settled_at=bindparam("mails_now"))
)
_CANCEL_TO = _CANCEL.where(Mail.person_id == bindparam("mails_to"))


def locked_in_order(mail_ids: Select[int]) -> Select[int]:
    """Lock the mails that a statement is about to change in one order, as whoever joins them does.

    In the order of a scan, two transactions over many mails could wait for one another for ever.
    """
    return mail_ids.order_by(Mail.id).with_for_update()


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
