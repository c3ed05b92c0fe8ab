"""One request with its answers: locked to be changed."""

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from db.models import ApprovalRequest, Project
from db.queries.projects import project_to_change
from state_machines.errors import NotFound


def request_to_change(session: Session, request_id: int) -> tuple[Project, ApprovalRequest]:
    """Return a request with its project locked, both as they stand after the lock."""
    project_id = session.scalar(
        select(ApprovalRequest.project_id).where(ApprovalRequest.id == request_id)
    )
    if project_id is None:
        raise NotFound("request", request_id)
    project = project_to_change(session, project_id)
    # Read again whatever the caller may have read before the lock, the answers above all.
    request = session.scalars(
        select(ApprovalRequest)
        .where(ApprovalRequest.id == request_id)
        .options(selectinload(ApprovalRequest.approvals))
        .execution_options(populate_existing=True)
    ).one()
    return project, request
