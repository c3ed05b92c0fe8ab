"""The links in our mails: who holds one may answer, so only its hash is kept.

A token is 256 random bits, minted when its mail leaves. All tokens of one approver and request
live and die together. Whatever is refused here, the token is in no message.
"""

import hashlib
import secrets
from datetime import datetime, time, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.models import LinkPurpose, LinkToken
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
    days: int,
) -> str:
    """Return a new token, good until the end of the `days`-th working day from now on."""
    token = secrets.token_urlsafe(32)
    last_day = calendar.add(local_day(now), days)
    session.add(
        LinkToken(
            sha256=_sha256(token),
            purpose=purpose,
            mail_id=mail_id,
            person_id=person_id,
            request_id=request_id,
            minted_at=now,
            expires_at=datetime.combine(last_day + timedelta(days=1), time.min, CITY_TIME),
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
    """Kill the links of a request, or those of one approver of it. Safe to repeat."""
    dying = update(LinkToken).where(
        LinkToken.request_id == request_id, LinkToken.revoked_at.is_(None)
    )
    if person_id is not None:
        dying = dying.where(LinkToken.person_id == person_id)
    if but_of_mail is not None:
        dying = dying.where(LinkToken.mail_id != but_of_mail)
    session.execute(dying.values(revoked_at=now))


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
