"""Behind a receipt's link: what was answered in the reader's name, and "this was not me"."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Form
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from db.models import Approval, Freeze, LinkPurpose, LinkToken
from db.queries.receipts import may_disown
from db.queries.request_dossier import RequestDossier, request_dossier
from notifications import links
from runtime.opening import Runtime
from state_machines.errors import LinkDead, LinkUnknown
from state_machines.working_days import local_day
from use_cases.disown import disown
from web import link_cookie
from web.languages import speak
from web.link_pages import READING
from web.names import Names
from web.opened_link import LinkVisit, Opened
from web.pages import page
from web.waking import wake
from words.translations import Language

router = APIRouter()


class Standing(StrEnum):
    """How a receipt stands."""

    OPEN = "open"
    DISOWNED = "disowned"
    LOOKED_INTO = "looked_into"
    PAST = "past"
    """The project has moved on since."""


@dataclass(frozen=True)
class OpenedReceipt:
    """A receipt's link, with the answer that was given in its reader's name."""

    link: LinkToken
    dossier: RequestDossier
    answered: Sequence[Approval]
    """Once for each post."""
    freeze: Freeze | None
    """What came of it, if its reader has disowned it."""
    standing: Standing


@router.api_route("/r/{token}", methods=READING)
def open_receipt(request: Request, token: str) -> Response:
    """Swap the token for a cookie, so that it stays in no address, history or referrer."""
    runtime: Runtime = request.app.state.runtime
    with runtime.database.reading() as session:
        link_id = links.find(session, token, LinkPurpose.RECEIPT).id
    answer = RedirectResponse(_address(link_id), status_code=303)
    link_cookie.put(
        answer, runtime.settings, link_id, now=runtime.now(), purpose=LinkPurpose.RECEIPT
    )
    return answer


@router.api_route("/r/open/{link_id}", methods=READING)
def look(visit: Opened) -> Response:
    """Show what was answered, or what came of disowning it."""
    return _receipt_page(visit)


@router.post("/r/open/{link_id}")
def this_was_not_me(visit: Opened, confirmed: Annotated[str, Form()] = "") -> Response:
    """Freeze the project, as the reader says that the answer was not theirs. Safe to repeat."""
    if confirmed != "yes":
        return _receipt_page(visit, status=422, unconfirmed=True)
    try:
        with visit.runtime.database.writing() as session:
            receipt = _opened(session, visit)
            disown(
                session,
                receipt.dossier.request.id,
                receipt.link.person_id,
                now=visit.now,
                calendar=visit.runtime.calendar,
            )
    except LinkDead:
        return _receipt_page(visit)
    wake(visit.request)
    return RedirectResponse(_address(visit.link_id), status_code=303)


def _address(link_id: int) -> str:
    return link_cookie.opened_address(link_id, LinkPurpose.RECEIPT)


def _receipt_page(
    visit: LinkVisit, *, status: int | None = None, unconfirmed: bool = False
) -> HTMLResponse:
    with visit.runtime.database.reading() as session:
        receipt = _opened(session, visit)
        dead = receipt.standing in (Standing.PAST, Standing.LOOKED_INTO)
        return page(
            visit.request,
            "receipts/receipt.html",
            status=410 if dead else status or 200,
            receipt=receipt,
            asked=receipt.dossier.request,
            names=Names.read(session),
            unconfirmed=unconfirmed,
            Standing=Standing,
        )


def _opened(session: Session, visit: LinkVisit) -> OpenedReceipt:
    link = session.scalars(
        select(LinkToken)
        .where(LinkToken.id == visit.link_id, LinkToken.purpose == LinkPurpose.RECEIPT)
        .options(joinedload(LinkToken.person))
    ).one_or_none()
    if link is None or link.request_id is None:
        raise LinkUnknown
    speak(visit.request, Language(link.person.language))
    dossier = request_dossier(session, link.request_id, today=local_day(visit.now))
    answered = [
        each
        for each in dossier.request.approvals
        if each.answer and link.person_id in (each.person_id, each.on_behalf_of_id)
    ]
    freeze = next((e for e in dossier.freezes if e.person_id == link.person_id), None)
    return OpenedReceipt(
        link, dossier, answered, freeze, _standing(session, link.request_id, link, freeze)
    )


def _standing(
    session: Session, request_id: int, link: LinkToken, freeze: Freeze | None
) -> Standing:
    if freeze is not None:
        return Standing.DISOWNED if freeze.ended_at is None else Standing.LOOKED_INTO
    can_be = may_disown(session, request_id, link.person_id)
    return Standing.OPEN if can_be else Standing.PAST
