"""Prove a code: what a large amount needs besides the link."""

import hmac
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Code
from notifications.codes import MOST_TRIES, WORKS_FOR, hashed
from state_machines.errors import CodeExpired, CodeRequired, CodeWrong


def prove_code(
    session: Session, request_id: int, person_id: int, code: str, *, now: datetime
) -> CodeWrong | CodeExpired | None:
    """Check the code that was last mailed to a person for a request; None if it is right.

    A wrong code is returned and not raised: its try must be counted, so the caller commits
    whatever comes back. A code works for ten minutes from leaving, and for five wrong tries.
    """
    mailed = _last_mailed(session, request_id, person_id, now)
    tries = sum(each.tries for each in mailed)
    if not mailed or tries >= MOST_TRIES:
        return CodeExpired()
    digits = "".join(filter(str.isdigit, code))
    for each in mailed:
        if hmac.compare_digest(hashed(digits, each.salt), each.scrypt):
            each.proven_at = now
            return None
    mailed[0].tries += 1
    return CodeWrong(MOST_TRIES - tries - 1)


def spend_proof(session: Session, request_id: int, person_id: int, *, now: datetime) -> None:
    """Let a code that was proven at this very instant stand for one decision.

    Raises `CodeRequired` without one. A code proven for an answer that was not given in the end
    is asked again: else whoever has the link alone could answer in the minutes after.
    """
    mailed = _last_mailed(session, request_id, person_id, now)
    if all(each.proven_at != now for each in mailed):
        raise CodeRequired
    for each in mailed:
        each.spent_at = now


def _last_mailed(
    session: Session, request_id: int, person_id: int, now: datetime
) -> Sequence[Code]:
    """Return the codes that work: of one mail, and more than one only where that left twice."""
    return session.scalars(
        select(Code)
        .where(
            Code.request_id == request_id,
            Code.person_id == person_id,
            Code.spent_at.is_(None),
            Code.minted_at > now - WORKS_FOR,
        )
        .order_by(Code.id.desc())
        .with_for_update()
    ).all()
