"""The local mailbox: the letters that stay on this machine, as their readers would see them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from db.models import Mail
from db.queries.kept_mail import mail_page
from db.queries.policies import policy_in_force
from notifications.mailbox import open_letter
from notifications.senders.letter import Letter
from state_machines.errors import NotFound
from web.headers import LETTER_POLICY
from web.names import Names
from web.row_ids import RowId
from web.staff import Staff, Visit
from web.staff_pages import staff_page

PAGE = 50


def mail_stays_here(visit: Staff) -> None:
    """Where letters leave for real, nobody reads those of others: there is no such page."""
    if not visit.runtime.mail_stays_here:
        raise HTTPException(404)


router = APIRouter(prefix="/mailbox", dependencies=[Depends(mail_stays_here)])


@router.get("")
def letters(visit: Staff, older_than: Annotated[RowId | None, Query()] = None) -> Response:
    with visit.runtime.database.reading() as session:
        found = mail_page(session, limit=PAGE, older_than=older_than)
        return staff_page(
            visit,
            "mailbox.html",
            names=Names.read(session),
            mails=found.mails,
            is_first_page=older_than is None,
            older=f"/mailbox?older_than={found.older}" if found.older else None,
        )


@router.get("/{mail_id}")
def letter(visit: Staff, mail_id: RowId) -> Response:
    """Show one mail. The links in its letter work: they are minted as it is opened.

    That, and its HTML below, are the only GETs that write (`docs/decisions/0003-…`).
    """
    with visit.runtime.database.writing() as session:
        mail = session.get(Mail, mail_id)
        if mail is None:
            raise NotFound("mail", mail_id)
        opened = _open(session, visit, mail_id) if mail.letter else None
        return staff_page(visit, "letter.html", names=Names.read(session), mail=mail, letter=opened)


@router.get("/{mail_id}/html")
def letter_in_its_frame(visit: Staff, mail_id: RowId) -> Response:
    """Give out a letter's HTML, under a policy of its own: nothing in it runs or is sent."""
    with visit.runtime.database.writing() as session:
        html = _open(session, visit, mail_id).html
    html = html.replace("<head>", '<head><base target="_top">', 1)
    return HTMLResponse(html, headers={"Content-Security-Policy": LETTER_POLICY})


def _open(session: Session, visit: Visit, mail_id: int) -> Letter:
    return open_letter(
        session,
        mail_id,
        now=visit.now,
        base_url=visit.runtime.settings.base_url,
        calendar=visit.runtime.calendar,
        link_days=policy_in_force(session).policy.link_days,
    )
