"""The local mailbox: the letters that stay here, opened as their readers would open them."""

from datetime import datetime

from sqlalchemy.orm import Session

from db.models import ApprovalRequest, Mail
from notifications import links
from notifications.letters import PLACEHOLDER, in_place
from notifications.mails import DecisionCode
from notifications.minting import SECRETIVE, mint_secret
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
    """Return a letter of the local mailbox as its reader would hold it, minting what it carries.

    Every opening mints anew. What would be dead by now comes dead: the link to a request that is
    settled, and a code once its ten minutes are over, counted from when the letter left.
    Raises `NotFound` for a mail that has no letter here.
    """
    mail = session.get(Mail, mail_id)
    if mail is None or mail.letter is None:
        raise NotFound("mail", mail_id)
    subject, text, html = (mail.letter[part] for part in ("subject", "text", "html"))
    if mail.kind in SECRETIVE:
        left_at = mail.settled_at or now
        secret = mint_secret(
            session,
            mail,
            now=left_at if mail.kind == DecisionCode.kind else now,
            calendar=calendar,
            link_days=link_days,
        )
        _let_die(session, mail, now)
        before, after = (in_place(mail.kind, base_url, each) for each in (PLACEHOLDER, secret))
        text, html = (part.replace(before, after) for part in (text, html))
    return Letter(
        to_email=mail.person.email,
        to_name=mail.person.name,
        subject=subject,
        text=text,
        html=html,
        language=Language(mail.person.language),
        mail_id=mail.id,
        attempt=mail.attempts,
    )


def _let_die(session: Session, mail: Mail, now: datetime) -> None:
    request = session.get_one(ApprovalRequest, mail.request_id)
    if request.state is not RequestState.PENDING:
        links.revoke(session, request.id, now=now)
