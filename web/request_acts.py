"""What people do on a request's page: answer, withdraw, nudge, pass on, ask for a link."""

from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Form
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from db.models import ApprovalRequest, Project
from state_machines.approvals import Answer
from state_machines.errors import NotFound, Refusal, ValueRefused
from use_cases.decide import decide
from use_cases.nudge import nudge
from use_cases.reassign import reassign
from use_cases.send_fresh_link import send_fresh_link
from use_cases.withdraw import withdraw
from web.project_page import Refused
from web.request_page import show
from web.row_ids import RowId
from web.said import go_on, request_address
from web.staff import Staff, Visit
from web.waking import wake

router = APIRouter(prefix="/projects/{number}/requests/{request_id}")


@router.post("/answer")
def answer(
    visit: Staff,
    number: str,
    request_id: RowId,
    answer: Annotated[str, Form()] = "",
    comment: Annotated[str, Form()] = "",
) -> Response:
    """Answer as somebody who is known here: no code is needed besides."""
    by = visit.by

    def answer_it(session: Session) -> object:
        if answer not in list(Answer):
            raise ValueRefused("answer", "one of the choices")
        return decide(
            session,
            request_id,
            Answer(answer),
            by=by,
            now=visit.now,
            calendar=visit.runtime.calendar,
            comment=comment,
        )

    typed = {"answer": answer, "comment": comment}
    return _act(visit, number, request_id, answer_it, form="answer", typed=typed, said="answered")


@router.post("/withdraw")
def take_back(visit: Staff, number: str, request_id: RowId) -> Response:
    by = visit.by

    def withdraw_it(session: Session) -> None:
        withdraw(session, request_id, by=by, now=visit.now)

    return _act(visit, number, request_id, withdraw_it, form="withdraw", said="withdrawn")


@router.post("/nudge")
def nudge_them(visit: Staff, number: str, request_id: RowId) -> Response:
    by = visit.by

    def nudge_all(session: Session) -> None:
        nudge(session, request_id, by=by, now=visit.now, calendar=visit.runtime.calendar)

    return _act(visit, number, request_id, nudge_all, form="nudge", said="nudged")


@router.post("/reassign")
def pass_on(  # noqa: PLR0917 (FastAPI names them)
    visit: Staff,
    number: str,
    request_id: RowId,
    from_id: Annotated[RowId, Form()],
    to_id: Annotated[RowId, Form()],
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Pass a question to somebody else who may answer it."""
    by = visit.by

    def pass_it_on(session: Session) -> None:
        reassign(
            session,
            request_id,
            from_id=from_id,
            to_id=to_id,
            reason=reason,
            by=by,
            now=visit.now,
            calendar=visit.runtime.calendar,
        )

    typed = {"to_id": str(to_id), "reason": reason}
    form = f"reassign-{from_id}"
    return _act(visit, number, request_id, pass_it_on, form=form, typed=typed, said="reassigned")


@router.post("/fresh-link")
def ask_for_link(visit: Staff, number: str, request_id: RowId) -> Response:
    """Send whoever acts a fresh link, to the address that we know: to answer elsewhere."""
    by = visit.by

    def send_it(session: Session) -> None:
        send_fresh_link(session, request_id, by, now=visit.now)

    return _act(visit, number, request_id, send_it, form="fresh-link", said="link_sent")


def _act(
    visit: Visit,
    number: str,
    request_id: int,
    act: Callable[[Session], object],
    *,
    form: str,
    said: str,
    typed: Mapping[str, str] | None = None,
) -> Response:
    """Do something to a request of this project in one transaction, then let mail leave.

    What is refused is said on the page, where what was typed stands still.
    """
    try:
        with visit.runtime.database.writing() as session:
            _refuse_elsewhere(session, number, request_id)
            act(session)
    except NotFound:
        raise
    except Refusal as refusal:
        return show(visit, number, request_id, refused=Refused(refusal, form, typed or {}))
    wake(visit.request)
    return go_on(request_address(number, request_id), said)


def _refuse_elsewhere(session: Session, number: str, request_id: int) -> None:
    of_project = (
        select(ApprovalRequest.id)
        .join(Project, Project.id == ApprovalRequest.project_id)
        .where(ApprovalRequest.id == request_id, Project.number == number)
    )
    if session.scalar(of_project) is None:
        raise NotFound("request", request_id)
