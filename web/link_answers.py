"""Answering behind a mailed link: only pressing a button decides, and only on an open page."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from state_machines.approvals import Answer, Through
from state_machines.errors import (
    CodeExpired,
    CodeRequired,
    CodeWrong,
    NotTheApprover,
    ProjectFrozen,
    ReasonRequired,
    Refusal,
    RequestClosed,
    ValueRefused,
)
from use_cases.decide import decide
from use_cases.prove_code import prove_code
from use_cases.send_code import send_code
from use_cases.send_fresh_link import send_fresh_link
from web import link_cookie
from web.link_pages import ask_page, standing_page
from web.opened_link import LinkVisit, Opened, Standing, opened_link
from web.row_ids import RowId
from web.waking import wake

router = APIRouter()

WRONG_CODE = (CodeRequired, CodeWrong, CodeExpired)


@router.post("/a/open/{link_id}")
def answer(
    visit: Opened,
    *,
    request_id: Annotated[RowId, Form(alias="request")],
    answer: Annotated[str, Form()] = "",
    comment: Annotated[str, Form()] = "",
    code: Annotated[str, Form()] = "",
) -> Response:
    """Record what the approver chose. The same answer twice is the same answer."""
    typed = {"answer": answer, "comment": comment, "code": code}
    if answer not in list(Answer):
        return _ask_again(visit, None, typed)
    if code.strip() and (problem := _prove(visit, request_id, code)):
        return _ask_again(visit, problem, typed | {"code": ""})
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
                through=Through.LINK,
            )
    except (ReasonRequired, ValueRefused, *WRONG_CODE) as refusal:
        return _ask_again(visit, refusal, typed)
    except (RequestClosed, ProjectFrozen):
        return _what_became_of_it(visit)
    wake(visit.request)
    return RedirectResponse(
        f"{link_cookie.opened_address(visit.link_id)}/answered", status_code=303
    )


def _prove(visit: LinkVisit, request_id: int, code: str) -> CodeWrong | CodeExpired | None:
    """Check a code in a transaction of its own, which commits: a wrong try must count."""
    with visit.runtime.database.writing() as session:
        found = opened_link(session, visit)
        if found.standing is not Standing.OPEN or request_id != found.asked.id:
            return None  # it is told what became of it, and nothing is tried
        return prove_code(session, request_id, found.link.person_id, code, now=visit.now)


@router.post("/a/open/{link_id}/code")
def ask_for_code(
    visit: Opened, answer: Annotated[str, Form()] = "", comment: Annotated[str, Form()] = ""
) -> Response:
    """Send the code, to the address that we know; what was chosen and typed stays on the page."""
    try:
        with visit.runtime.database.writing() as session:
            found = opened_link(session, visit)
            if found.standing is not Standing.OPEN:
                return standing_page(session, visit, found)
            send_code(session, found.asked.id, found.link.person_id, now=visit.now)
    except RequestClosed:
        return _what_became_of_it(visit)
    wake(visit.request)
    with visit.runtime.database.reading() as session:
        typed = {"answer": answer, "comment": comment}
        return ask_page(session, visit, opened_link(session, visit), typed=typed, code_sent=True)


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


def _ask_again(visit: LinkVisit, problem: Refusal | None, typed: Mapping[str, str]) -> Response:
    """Show the page again with what was typed, and what it lacks."""
    with visit.runtime.database.reading() as session:
        found = opened_link(session, visit)
        if found.standing is not Standing.OPEN:
            return standing_page(session, visit, found, status=409)
        return ask_page(
            session, visit, found, status=422, problem=problem or "nothing chosen", typed=typed
        )


def _what_became_of_it(visit: LinkVisit) -> Response:
    with visit.runtime.database.reading() as session:
        return standing_page(session, visit, opened_link(session, visit), status=409)
