"""Receipts: until when an approver can say that an answer was not theirs."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from db.models import Approval, ApprovalRequest, StageChange
from state_machines.approvals import ApprovalState


def may_disown(session: Session, request_id: int, person_id: int) -> bool:
    """Say whether an answer by a person, or in their name, stands and can still be looked into.

    It can until the project's next move (product.md, section 4). What the request itself led to is
    not the next move, so a receipt of the last approval works after it.
    """
    moved_on = (
        select(StageChange.id)
        .join(ApprovalRequest, ApprovalRequest.project_id == StageChange.project_id)
        .where(
            ApprovalRequest.id == Approval.request_id,
            StageChange.recorded_at > Approval.answered_at,
            StageChange.request_id.is_distinct_from(Approval.request_id),
        )
        .correlate(Approval)
    )
    answered = select(Approval.id).where(
        Approval.request_id == request_id,
        or_(Approval.person_id == person_id, Approval.on_behalf_of_id == person_id),
        Approval.answered_at.is_not(None),
        Approval.state != ApprovalState.ANNULLED,
    )
    return session.scalar(answered.where(~moved_on.exists()).limit(1)) is not None
