"""The six-digit codes that large amounts need besides the link: only a hash of one is kept."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.models import Code

WORKS_FOR = timedelta(minutes=10)
MOST_TRIES = 5


def mint(session: Session, *, mail_id: int, person_id: int, request_id: int, now: datetime) -> str:
    """Return a new code, which works for ten minutes from now and for five tries.

    The newest mail to a person for a request has the code that counts: those of older mails end,
    and one minted for an older mail is dead from the start. Those of the same mail work on: where
    nobody knows whether a letter has left, it leaves twice.
    """
    code, salt = f"{secrets.randbelow(10**6):06}", secrets.token_hex(16)
    mine = (Code.request_id == request_id, Code.person_id == person_id)
    session.execute(
        update(Code)
        .where(*mine, Code.mail_id < mail_id, Code.spent_at.is_(None))
        .values(spent_at=now)
    )
    newer = session.scalar(select(Code.id).where(*mine, Code.mail_id > mail_id).limit(1))
    session.add(
        Code(
            request_id=request_id,
            person_id=person_id,
            mail_id=mail_id,
            salt=salt,
            scrypt=hashed(code, salt),
            minted_at=now,
            tries=0,
            spent_at=None if newer is None else now,
        )
    )
    return code


def hashed(code: str, salt: str) -> str:
    """Return what of a code is kept. Slow on purpose: six digits are soon tried through."""
    return hashlib.scrypt(code.encode(), salt=salt.encode(), n=2**14, r=8, p=1).hex()
