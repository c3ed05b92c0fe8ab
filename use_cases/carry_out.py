"""Carry out what everybody has agreed to: the move, the hold or the extension."""

from datetime import datetime

from sqlalchemy.orm import Session

from db.models import ApprovalRequest, Project
from db.queries.policies import AdoptedPolicy
from state_machines.approvals import RequestMove, Subject
from state_machines.working_days import WorkCalendar
from use_cases.grant_extension import grant_extension
from use_cases.grant_hold import grant_hold
from use_cases.move_project import move_project
from use_cases.settle_request import settle_request


def carry_out(
    session: Session,
    project: Project,
    request: ApprovalRequest,
    adopted: AdoptedPolicy,
    *,
    by: int | None,
    now: datetime,
    calendar: WorkCalendar,
    comment: str | None,
) -> None:
    """Settle a request as approved, and do what it asked for, in the same transaction."""
    settle_request(session, project, request, RequestMove.APPROVE, by=by, now=now, comment=comment)
    match request.subject:
        case Subject.HOLD:
            grant_hold(session, project, request, adopted.policy, now=now, calendar=calendar)
        case Subject.EXTENSION:
            grant_extension(session, project, request, adopted.policy, now=now, calendar=calendar)
        case _:
            assert request.subject.move is not None  # noqa: S101 (all other subjects are moves)
            move_project(
                session,
                project,
                request.subject.move,
                by=request.requested_by_id,
                now=now,
                calendar=calendar,
                adopted=adopted,
                reason=request.reason,
                request_id=request.id,
                waived=request.waived,
            )
