"""The mails there are, the newest first: for the local mailbox."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from db.models import Mail


@dataclass(frozen=True)
class MailPage:
    """A page of mails with their readers, and the id beyond which there are older ones."""

    mails: Sequence[Mail]
    older: int | None


def mail_page(session: Session, *, limit: int, older_than: int | None = None) -> MailPage:
    """Return up to `limit` mails; one statement."""
    statement = (
        select(Mail).order_by(Mail.id.desc()).limit(limit + 1).options(joinedload(Mail.person))
    )
    if older_than is not None:
        statement = statement.where(Mail.id < older_than)
    found = session.scalars(statement).all()
    mails = found[:limit]
    return MailPage(mails, mails[-1].id if len(found) > limit else None)
