"""What an approver sees behind the link in a mail. Looking changes nothing, however often."""

from collections.abc import Mapping

from fastapi import APIRouter
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from db.models import LinkPurpose
from notifications import links
from runtime.opening import Runtime
from state_machines.approvals import Answer
from state_machines.working_days import local_day
from web import link_cookie
from web.after_yes import after_yes
from web.deadlines import deadline_of
from web.evidence import evidence_folder, file_of
from web.names import Names
from web.opened_link import (
    LinkVisit,
    Opened,
    OpenedLink,
    Standing,
    opened_link,
)
from web.pages import page
from web.row_ids import RowId
from words.facts import fact_in_words

router = APIRouter()

READING = ["GET", "HEAD"]
ALIVE = (Standing.OPEN, Standing.ANSWERED)
"""Its reader may see the files."""
DEAD = (Standing.SETTLED, Standing.NOT_ASKED, Standing.REPLACED, Standing.EXPIRED)


@router.api_route("/a/{token}", methods=READING)
def open_link(request: Request, token: str) -> Response:
    """Swap the token for a cookie, so that it stays in no address, history or referrer."""
    runtime: Runtime = request.app.state.runtime
    with runtime.database.reading() as session:
        link_id = links.find(session, token, LinkPurpose.APPROVAL).id
    answer = RedirectResponse(link_cookie.opened_address(link_id), status_code=303)
    link_cookie.put(answer, runtime.settings, link_id, now=runtime.now())
    return answer


@router.api_route("/a/open/{link_id}", methods=READING)
def look(visit: Opened) -> Response:
    """Show what is asked, or what became of it."""
    with visit.runtime.database.reading() as session:
        found = opened_link(session, visit)
        if found.standing is Standing.OPEN:
            return ask_page(session, visit, found)
        return standing_page(session, visit, found)


@router.api_route("/a/open/{link_id}/answered", methods=READING)
def after_answering(visit: Opened) -> Response:
    """Say that the answer is on record, and how the request stands."""
    with visit.runtime.database.reading() as session:
        found = opened_link(session, visit)
        if found.my_answer is None or not found.link.person.active:
            return RedirectResponse(link_cookie.opened_address(visit.link_id), status_code=303)
        names = Names.read(session)
        return page(visit.request, "links/answered.html", found=found, names=names)


@router.api_route("/a/open/{link_id}/fresh", methods=READING)
def after_asking_afresh(visit: Opened) -> Response:
    with visit.runtime.database.reading() as session:
        opened_link(session, visit)
        return page(visit.request, "links/fresh.html")


@router.api_route("/a/open/{link_id}/evidence/{evidence_id}", methods=READING)
def evidence(visit: Opened, evidence_id: RowId) -> Response:
    """Give out a file of the evidence that the request froze."""
    with visit.runtime.database.reading() as session:
        found = opened_link(session, visit)
        papers = found.dossier.papers if found.standing in ALIVE else []
        files = {each.id: each for each in papers}
    return file_of(files.get(evidence_id), evidence_id, evidence_folder(visit.runtime.settings))


def ask_page(
    session: Session,
    visit: LinkVisit,
    found: OpenedLink,
    *,
    status: int = 200,
    problem: Exception | str | None = None,
    typed: Mapping[str, str] | None = None,
    code_sent: bool = False,
) -> HTMLResponse:
    """Return the page that asks; nothing is chosen on it but what its reader chose before."""
    asked, calendar = found.asked, visit.runtime.calendar
    return page(
        visit.request,
        "links/ask.html",
        status=status,
        found=found,
        asked=asked,
        names=Names.read(session),
        previous=next(iter(found.dossier.earlier), None),
        deadline=deadline_of(asked, calendar, today=local_day(visit.now)),
        after=after_yes(asked, found.link.person_id, found.circle),
        calendar=calendar,
        answers=list(Answer),
        problem=problem,
        typed=typed or {},
        code_sent=code_sent,
        fact_in_words=fact_in_words,
    )


def standing_page(
    session: Session, visit: LinkVisit, found: OpenedLink, *, status: int | None = None
) -> HTMLResponse:
    """Return the page of a link that opens nothing any more, or is answered: who, what, when."""
    return page(
        visit.request,
        "links/standing.html",
        status=status or (410 if found.standing in DEAD else 200),
        found=found,
        asked=found.asked,
        names=Names.read(session),
        Standing=Standing,
    )
