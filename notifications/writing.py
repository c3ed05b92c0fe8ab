"""The step before mails leave: what was claimed is looked at again, and put into words."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from db.models import Approval, ApprovalRequest, Mail, MailState
from db.queries.policies import policy_in_force
from notifications import mailbox, mails
from notifications.letters import PLACEHOLDER, Writer
from notifications.minting import SECRETIVE, mint_secret
from notifications.order_mail import contents
from notifications.outbox import POINTLESS_ONCE_SETTLED
from notifications.senders.letter import Letter
from notifications.senders.sender import LetterRefused, TryLater
from notifications.settling import MOST_ATTEMPTS, Attempt
from state_machines.approvals import ApprovalState, RequestState

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Written:
    """What became of the mails of one claim."""

    letters: tuple[tuple[Mail, Letter], ...]
    failed: tuple[Attempt, ...]
    cancelled: int


def write_letters(
    session: Session, claimed: Sequence[Mail], writer: Writer, *, keep: bool, now: datetime
) -> Written:
    """Put claimed mails into words, with the links and codes that they carry.

    With `keep`, the letters stay on their rows and get placeholders instead. What nobody needs any
    more is cancelled: what asks about a question that is settled or no longer its reader's, an
    order mail without an open order, a mail to somebody who has left. A mail that cannot be written
    fails alone. The number of statements does not grow with the mails.
    """
    rows = _still_claimed(session, claimed)
    unneeded = {
        *(row.id for row in rows if not row.person.active),
        *_pointless(session, rows),
        *_without_orders(session, rows, now),
    }
    letters, failed = [], []
    for row in rows:
        if row.id in unneeded:
            row.state, row.due_at, row.settled_at = MailState.CANCELLED, None, now
            continue
        if row.attempts > MOST_ATTEMPTS:
            # Not one of its tries lived to be settled: it may well be what kills its senders.
            failed.append(Attempt.at(row, LetterRefused("no try of it ever ended")))
            continue
        try:
            letter = _write(session, row, writer, keep=keep, now=now)
        except Exception as error:
            log.exception("mail %s cannot be written", row.id)
            failed.append(Attempt.at(row, TryLater(f"not written: {type(error).__name__}")))
        else:
            letters.append((row, letter))
            row.letter = mailbox.kept(letter) if keep else None
    return Written(tuple(letters), tuple(failed), len(unneeded))


def _still_claimed(session: Session, claimed: Sequence[Mail]) -> list[Mail]:
    leases = {each.id: each.due_at for each in claimed}
    rows = session.scalars(
        select(Mail)
        .where(Mail.id.in_(leases), Mail.state == MailState.SENDING)
        .order_by(Mail.priority, Mail.id)
        .options(joinedload(Mail.person))
    )
    return [row for row in rows if row.due_at == leases[row.id]]


def _pointless(session: Session, rows: Sequence[Mail]) -> list[int]:
    """The mails about a question that is settled, or that their reader is no longer asked.

    The requests are read under a lock: a link is minted before its request is settled, and then
    dies with it, or not at all.
    """
    asking = [row for row in rows if row.kind in POINTLESS_ONCE_SETTLED]
    pending = set(
        session.scalars(
            select(ApprovalRequest.id)
            .where(ApprovalRequest.id.in_({row.request_id for row in asking}))
            .where(ApprovalRequest.state == RequestState.PENDING)
            .order_by(ApprovalRequest.id)
            .with_for_update(read=True)
        )
    )
    asked = select(Approval.request_id, Approval.person_id).where(
        Approval.request_id.in_(pending), Approval.state == ApprovalState.PENDING
    )
    waiting = {(request_id, person_id) for request_id, person_id in session.execute(asked)}
    return [row.id for row in asking if (row.request_id, row.person_id) not in waiting]


def _without_orders(session: Session, rows: Sequence[Mail], now: datetime) -> list[int]:
    """Fix what each order mail lists; return the mails that are left with nothing to list."""
    ours = [row for row in rows if row.kind == mails.OrdersIssued.kind]
    ladder = policy_in_force(session).policy.ladder
    listed = contents(session, [row.id for row in ours], ladder, now=now)
    for row in ours:
        if row.id in listed:
            items, more = listed[row.id].items, listed[row.id].more
            row.facts = mails.OrdersIssued(day=row.facts["day"], items=items, more=more).facts()
    return [row.id for row in ours if row.id not in listed]


def _write(session: Session, row: Mail, writer: Writer, *, keep: bool, now: datetime) -> Letter:
    mail = mails.read(row.kind, row.facts)
    secret = PLACEHOLDER
    if row.kind in SECRETIVE and not keep:
        secret = mint_secret(
            session, row, now=now, calendar=writer.calendar, link_days=writer.link_days
        )
    return writer.write(mail, to=row.person, mail_id=row.id, attempt=row.attempts, secret=secret)
