"""Answering behind a mailed link: only pressing a button decides, and only on an open page."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from state_machines.approvals import Answer
from state_machines.errors import NotTheApprover, ReasonRequired, RequestClosed, ValueRefused
from use_cases.decide import decide
from use_cases.send_fresh_link import send_fresh_link
from web import link_cookie
from web.link_pages import ask_page, standing_page
from web.opened_link import LinkVisit, Opened, Standing, opened_link
from web.waking import wake

router = APIRouter()


@router.post("/a/open/{link_id}")
def answer(
    visit: Opened,
    request_id: Annotated[int, Form(alias="request")],
    answer: Annotated[str, Form()] = "",
    comment: Annotated[str, Form()] = "",
) -> Response:
    """Record what the approver chose. The same answer twice is the same answer."""
    if answer not in list(Answer):
        return _ask_again(visit, None, answer, comment)
    try:
        with visit.runtime.database.writing() as session:
            found = opened_link(session, visit)
            if request_id != found.asked.id:
                raise NotTheApprover
            if found.standing in (Standing.REPLACED, Standing.EXPIRED):
                return standing_page(session, visit, found)
            decide(
                session,
                found.asked.id,
                Answer(answer),
                by=found.link.person_id,
                now=visit.now,
                calendar=visit.runtime.calendar,
                comment=comment,
            )
    except (ReasonRequired, ValueRefused) as refusal:
        return _ask_again(visit, refusal, answer, comment)
    except RequestClosed:
        return _what_became_of_it(visit)
    wake(visit.request)
    return RedirectResponse(
        f"{link_cookie.opened_address(visit.link_id)}/answered", status_code=303
    )


@router.post("/a/open/{link_id}/fresh")
def ask_afresh(visit: Opened) -> Response:
    """Send a fresh link, to the address that we know and to no other."""
    try:
        with visit.runtime.database.writing() as session:
            found = opened_link(session, visit)
            send_fresh_link(session, found.asked.id, found.link.person_id, now=visit.now)
    except RequestClosed:
        return _what_became_of_it(visit)
    wake(visit.request)
    return RedirectResponse(f"{link_cookie.opened_address(visit.link_id)}/fresh", status_code=303)


def _ask_again(
    visit: LinkVisit, problem: ReasonRequired | ValueRefused | None, chosen: str, comment: str
) -> Response:
    """Show the page again with what was typed, and what it lacks."""
    with visit.runtime.database.reading() as session:
        found = opened_link(session, visit)
        if found.standing is not Standing.OPEN:
            return standing_page(session, visit, found, status=409)
        return ask_page(
            session,
            visit,
            found,
            status=422,
            problem=problem or "nothing chosen",
            chosen=chosen,
            comment=comment,
        )


def _what_became_of_it(visit: LinkVisit) -> Response:
    with visit.runtime.database.reading() as session:
        return standing_page(session, visit, opened_link(session, visit), status=409)
