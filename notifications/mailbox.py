"""The local mailbox: the letters that stay here, opened as their readers would open them."""

from datetime import datetime

from sqlalchemy.orm import Session

from db.models import ApprovalRequest, LinkPurpose, Mail
from notifications import links
from notifications.letters import PLACEHOLDER, approval_link
from notifications.outbox import ASKING
from notifications.senders.letter import Letter
from state_machines.approvals import RequestState
from state_machines.errors import NotFound
from state_machines.working_days import WorkCalendar
from words.translations import Language


def kept(letter: Letter) -> dict[str, str]:
    """Return a letter, written with `PLACEHOLDER` for its token, as its outbox row keeps it."""
    return {"subject": letter.subject, "text": letter.text, "html": letter.html}


def open_letter(
    session: Session,
    mail_id: int,
    *,
    now: datetime,
    base_url: str,
    calendar: WorkCalendar,
    link_days: int,
) -> Letter:
    """Return a letter of the local mailbox with links that work, minting their tokens now.

    A letter about a request that is settled gets a link that is dead, as it would be by then.
    Raises `NotFound` for a mail that has no letter here.
    """
    mail = session.get(Mail, mail_id)
    if mail is None or mail.letter is None:
        raise NotFound("mail", mail_id)
    token = _token(session, mail, now, calendar, link_days) if mail.kind in ASKING else PLACEHOLDER
    before, after = approval_link(base_url, PLACEHOLDER), approval_link(base_url, token)
    return Letter(
        to_email=mail.person.email,
        to_name=mail.person.name,
        subject=mail.letter["subject"],
        text=mail.letter["text"].replace(before, after),
        html=mail.letter["html"].replace(before, after),
        language=Language(mail.person.language),
        mail_id=mail.id,
        attempt=mail.attempts,
    )


def _token(
    session: Session, mail: Mail, now: datetime, calendar: WorkCalendar, link_days: int
) -> str:
    token = links.mint(
        session,
        purpose=LinkPurpose.APPROVAL,
        mail_id=mail.id,
        person_id=mail.person_id,
        request_id=mail.request_id,
        now=now,
        calendar=calendar,
        days=link_days,
    )
    request = session.get_one(ApprovalRequest, mail.request_id)
    if request.state is not RequestState.PENDING:
        links.revoke(session, request.id, now=now)
    return token
