"""What only a letter's reader may have, a link or a code: minted when the letter leaves."""

from datetime import datetime

from sqlalchemy.orm import Session

from db.models import LinkPurpose, Mail
from notifications import codes, links, mails
from notifications.outbox import ASKING
from state_machines.working_days import WorkCalendar

PURPOSES = dict.fromkeys(ASKING, LinkPurpose.APPROVAL) | {mails.Receipt.kind: LinkPurpose.RECEIPT}
"""What the link in a mail of each kind opens."""

SECRETIVE = {*PURPOSES, mails.DecisionCode.kind}
"""The kinds of mail that carry a link or a code of their own."""


def mint_secret(
    session: Session, mail: Mail, *, now: datetime, calendar: WorkCalendar, link_days: int
) -> str:
    """Return the token of the link in a `SECRETIVE` mail, or its code; only a hash stays here."""
    if mail.kind == mails.DecisionCode.kind:
        assert mail.request_id is not None  # noqa: S101 (no code without what it decides)
        return codes.mint(
            session,
            mail_id=mail.id,
            person_id=mail.person_id,
            request_id=mail.request_id,
            now=now,
        )
    purpose = PURPOSES[mail.kind]
    return links.mint(
        session,
        purpose=purpose,
        mail_id=mail.id,
        person_id=mail.person_id,
        request_id=mail.request_id,
        now=now,
        calendar=calendar,
        days=link_days if purpose is LinkPurpose.APPROVAL else None,
    )
