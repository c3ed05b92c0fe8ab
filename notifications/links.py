"""The links in our mails: who holds one may answer, so only its hash is kept.

A token is 256 random bits, minted when its mail leaves. All approval links of one person and
request live and die together; a receipt's link outlives them, until the project's next move
(`db.queries.receipts`). Whatever is refused here, the token is in no message.
"""

import hashlib
import secrets
from datetime import date, datetime, time, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from db.models import LinkPurpose, LinkToken
from db.writing import apply, table_of
from state_machines.errors import LinkDead, LinkExpired, LinkUnknown
from state_machines.working_days import CITY_TIME, WorkCalendar, local_day


def mint(
    session: Session,
    *,
    purpose: LinkPurpose,
    mail_id: int,
    person_id: int,
    request_id: int | None,
    now: datetime,
    calendar: WorkCalendar,
    days: int | None,
) -> str:
    """Return a new token, good until the end of the `days`-th working day; None: without end."""
    token = secrets.token_urlsafe(32)
    session.add(
        LinkToken(
            sha256=_sha256(token),
            purpose=purpose,
            mail_id=mail_id,
            person_id=person_id,
            request_id=request_id,
            minted_at=now,
            expires_at=None if days is None else _end_of(calendar.add(local_day(now), days)),
        )
    )
    return token


def find(session: Session, token: str, purpose: LinkPurpose) -> LinkToken:
    """Return what we know of a link, dead or alive: for the page that says what became of it.

    Raises `LinkUnknown`.
    """
    link = session.scalars(
        select(LinkToken).where(LinkToken.sha256 == _sha256(token), LinkToken.purpose == purpose)
    ).one_or_none()
    if link is None:
        raise LinkUnknown
    return link


def read(session: Session, token: str, purpose: LinkPurpose, *, now: datetime) -> LinkToken:
    """Return the link if it still opens what it was for, changing nothing.

    Raises `LinkUnknown`, `LinkDead` (its request is settled) or `LinkExpired`.
    """
    link = find(session, token, purpose)
    if link.revoked_at is not None:
        raise LinkDead
    if link.expires_at is not None and now >= link.expires_at:
        raise LinkExpired
    return link


def revoke(
    session: Session,
    request_id: int,
    person_id: int | None = None,
    *,
    now: datetime,
    but_of_mail: int | None = None,
) -> None:
    """Kill the approval links of a request, or those of one approver of it. Safe to repeat.

    Receipts live on: that an answer was not theirs is what people find out afterwards.
    """
    if person_id is None:
        apply(session, _REVOKE_ALL, link_tokens_request=request_id, link_tokens_now=now)
        return
    dying = update(LinkToken).where(
        *_LIVING, LinkToken.request_id == request_id, LinkToken.person_id == person_id
    )
    if but_of_mail is not None:
        dying = dying.where(LinkToken.mail_id != but_of_mail)
    session.execute(dying.values(revoked_at=now))


def revoke_all_of(session: Session, person_id: int, *, now: datetime) -> None:
    """Kill every approval link that a person holds: somebody else may hold them, too."""
    dying = update(LinkToken).where(*_LIVING, LinkToken.person_id == person_id)
    session.execute(dying.values(revoked_at=now))


_LIVING = (LinkToken.purpose == LinkPurpose.APPROVAL, LinkToken.revoked_at.is_(None))
_REVOKE_ALL = (
    update(table_of(LinkToken))
    .where(*_LIVING, LinkToken.request_id == bindparam("link_tokens_request"))
    .values(revoked_at=bindparam("link_tokens_now"))
)


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, CITY_TIME)


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
