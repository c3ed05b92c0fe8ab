"""What staff do on a project's page: move it, ask for more time, report progress, certify."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form
from sqlalchemy.orm import Session
from starlette.responses import Response

from db.models import NoteKind
from db.queries.projects import project_id_of
from state_machines.stages import Move
from use_cases.add_note import add_note
from use_cases.advance import Advanced, Requested, advance
from use_cases.ask_for_extension import ask_for_extension
from use_cases.ask_for_hold import ask_for_hold
from use_cases.certify_funds import certify_funds
from web.fields import read_day, read_number
from web.project_page import SHOWN_IN_PLACE, Refused, show
from web.said import go_on, project_address
from web.staff import Staff, Visit
from web.waking import wake

router = APIRouter(prefix="/projects/{number}")


def act_on(visit: Visit, number: str, act: Callable[[Session, int], object]) -> object:
    """Do something to a project in one transaction, then let mail leave."""
    with visit.runtime.database.writing() as session:
        done = act(session, project_id_of(session, number))
    wake(visit.request)
    return done


@router.post("/advance")
def make_move(
    visit: Staff,
    number: str,
    move: Annotated[Move, Form()],
    reason: Annotated[str, Form()] = "",
    override: Annotated[bool, Form()] = False,
) -> Response:
    """Make a move or ask for it; with something missing, the page says all of it at once."""
    by = visit.by

    def move_on(session: Session, project_id: int) -> Advanced | Requested:
        return advance(
            session,
            project_id,
            move,
            by=by,
            now=visit.now,
            calendar=visit.runtime.calendar,
            reason=reason,
            override=override,
        )

    try:
        done = act_on(visit, number, move_on)
    except SHOWN_IN_PLACE as refusal:
        typed = {"reason": reason, "override": "yes" if override else ""}
        return show(visit, number, refused=Refused(refusal, f"move-{move}", typed))
    said, place = ("requested", "requests") if isinstance(done, Requested) else ("advanced", "")
    return go_on(project_address(number), said, to=place)


@router.post("/hold")
def ask_to_hold(
    visit: Staff,
    number: str,
    until: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Ask that the clocks stand still up to a day."""
    by = visit.by

    def ask(session: Session, project_id: int) -> object:
        return ask_for_hold(
            session,
            project_id,
            until=read_day("until", until),
            reason=reason,
            by=by,
            now=visit.now,
            calendar=visit.runtime.calendar,
        )

    try:
        act_on(visit, number, ask)
    except SHOWN_IN_PLACE as refusal:
        typed = {"until": until, "reason": reason}
        return show(visit, number, refused=Refused(refusal, "hold", typed))
    return go_on(project_address(number), "requested", to="requests")


@router.post("/extension")
def ask_to_extend(
    visit: Staff,
    number: str,
    days: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Ask for more working days in the stage."""
    by = visit.by

    def ask(session: Session, project_id: int) -> object:
        return ask_for_extension(
            session,
            project_id,
            days=read_number("days", days),
            reason=reason,
            by=by,
            now=visit.now,
            calendar=visit.runtime.calendar,
        )

    try:
        act_on(visit, number, ask)
    except SHOWN_IN_PLACE as refusal:
        typed = {"days": days, "reason": reason}
        return show(visit, number, refused=Refused(refusal, "extension", typed))
    return go_on(project_address(number), "requested", to="requests")


@router.post("/notes")
def write_note(
    visit: Staff,
    number: str,
    kind: Annotated[NoteKind, Form()],
    text: Annotated[str, Form()] = "",
    effective_on: Annotated[str, Form()] = "",
) -> Response:
    """Write down progress that counts."""
    by = visit.by

    def write(session: Session, project_id: int) -> object:
        return add_note(
            session,
            project_id,
            kind,
            text,
            effective_on=read_day("effective_on", effective_on),
            by=by,
            now=visit.now,
            calendar=visit.runtime.calendar,
        )

    try:
        act_on(visit, number, write)
    except SHOWN_IN_PLACE as refusal:
        typed = {"kind": kind, "text": text, "effective_on": effective_on}
        return show(visit, number, refused=Refused(refusal, "note", typed))
    return go_on(project_address(number), "note_added", to="notes")


@router.post("/funds-certificate")
def certify(visit: Staff, number: str, until: Annotated[str, Form()] = "") -> Response:
    """Certify funds: for the promotion center's people."""
    by = visit.by

    def certify_until(session: Session, project_id: int) -> None:
        day = read_day("funds_certificate_until", until)
        certify_funds(session, project_id, until=day, by=by, now=visit.now)

    try:
        act_on(visit, number, certify_until)
    except SHOWN_IN_PLACE as refusal:
        return show(visit, number, refused=Refused(refusal, "certify", {"until": until}))
    return go_on(project_address(number), "certified", to="certify-funds")
