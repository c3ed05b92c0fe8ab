"""Annul a request: an answer was nobody's, so the round falls, and with it what came of it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import ApprovalRequest, Extension, Hold, Project
from db.queries.policies import policy_in_force
from db.queries.projects import open_visit
from db.trail import record
from state_machines.approvals import REQUESTS, ApprovalState, RequestMove, RequestState, Subject
from state_machines.stages import Move
from state_machines.working_days import WorkCalendar, local_day
from use_cases.clocks import wind
from use_cases.close_order import reopen_order
from use_cases.move_project import move_project
from use_cases.settle_request import settle_request
from use_cases.stand_still import go_on


def annul_request(
    session: Session,
    project: Project,
    request: ApprovalRequest,
    person_id: int,
    *,
    reason: str,
    by: int,
    now: datetime,
    calendar: WorkCalendar,
) -> None:
    """Annul what was answered by a person, or in their name, and undo what came of it.

    A move is taken back by a step of its own, for history is never edited; a hold ends today; an
    extension is taken back; the order that they closed stands again. A round that ended without a
    verdict stays as it is. The caller holds the project's lock, and the project is not frozen.
    """
    for each in request.approvals:
        if each.answer and person_id in (each.person_id, each.on_behalf_of_id):
            each.state = ApprovalState.ANNULLED
    came_true, decided_at = request.state is RequestState.APPROVED, request.settled_at
    if RequestMove.ANNUL not in REQUESTS.leading_out_of(request.state):
        return
    settle_request(session, project, request, RequestMove.ANNUL, by=by, now=now, comment=reason)
    if not came_true or decided_at is None:
        return
    match request.subject:
        case Subject.HOLD:
            _end_hold(session, project, request, now=now, calendar=calendar)
        case Subject.EXTENSION:
            _take_back_extension(session, project, request, now=now, calendar=calendar)
        case _:
            move_project(
                session,
                project,
                Move.ANNUL,
                by=by,
                now=now,
                calendar=calendar,
                adopted=policy_in_force(session),
                reason=reason,
                request_id=request.id,
            )
    visit = open_visit(session, project.id)
    reopen_order(session, project, visit, closed_at=decided_at)
    policy = policy_in_force(session).policy
    wind(session, project, visit, today=local_day(now), policy=policy, calendar=calendar)


def _end_hold(
    session: Session,
    project: Project,
    request: ApprovalRequest,
    *,
    now: datetime,
    calendar: WorkCalendar,
) -> None:
    hold = session.scalars(select(Hold).where(Hold.request_id == request.id)).one()
    today = local_day(now)
    if hold.ended_on is None and hold.until_day > today:
        hold.ended_on = today
        go_on(session, project, now=now, calendar=calendar)
        record(session, project, "hold_ended", by=None, now=now, request=request.id)


def _take_back_extension(
    session: Session,
    project: Project,
    request: ApprovalRequest,
    *,
    now: datetime,
    calendar: WorkCalendar,
) -> None:
    """Let the stage clock stand where it would without; a later extension stands by itself."""
    extension = session.scalars(select(Extension).where(Extension.request_id == request.id)).one()
    later = select(Extension.id).where(
        Extension.visit_id == extension.visit_id, Extension.id > extension.id
    )
    visit = open_visit(session, project.id)
    if session.scalars(later).first() is None:
        visit.stage_used += extension.gained
        visit.stage_episode -= 1
        record(session, project, "extension_taken_back", by=None, now=now, request=request.id)
