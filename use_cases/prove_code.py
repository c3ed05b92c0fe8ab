"""Prove a code: what a large amount needs besides the link."""

import hashlib
import hmac
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Code
from state_machines.errors import CodeExpired, CodeRequired, CodeWrong

WORKS_FOR = timedelta(minutes=10)
MOST_TRIES = 5


def prove_code(
    session: Session, request_id: int, person_id: int, code: str, *, now: datetime
) -> CodeWrong | CodeExpired | None:
    """Check the code that was last mailed to a person for a request; None if it is right.

    A wrong code is returned and not raised: its try must be counted, so the caller commits
    whatever comes back. A code works for ten minutes from leaving, and for five tries.
    """
    mailed = _last_code(session, request_id, person_id)
    if mailed is None or mailed.tries >= MOST_TRIES or now - mailed.minted_at >= WORKS_FOR:
        return CodeExpired()
    mailed.tries += 1
    digits = "".join(filter(str.isdigit, code))
    if not hmac.compare_digest(hashed(digits, mailed.salt), mailed.scrypt):
        return CodeWrong(MOST_TRIES - mailed.tries)
    mailed.proven_at = now
    return None


def spend_proof(session: Session, request_id: int, person_id: int, *, now: datetime) -> None:
    """Let a proven code stand for one decision; raises `CodeRequired` if there is none."""
    mailed = _last_code(session, request_id, person_id)
    if mailed is None or mailed.proven_at is None or now - mailed.minted_at >= WORKS_FOR:
        raise CodeRequired
    mailed.spent_at = now


def hashed(code: str, salt: str) -> str:
    """Return what of a code is kept. Slow on purpose: six digits are soon tried through."""
    return hashlib.scrypt(code.encode(), salt=salt.encode(), n=2**14, r=8, p=1).hex()


def _last_code(session: Session, request_id: int, person_id: int) -> Code | None:
    return session.scalars(
        select(Code)
        .where(Code.request_id == request_id, Code.person_id == person_id, Code.spent_at.is_(None))
        .order_by(Code.id.desc())
        .limit(1)
        .with_for_update()
    ).first()
