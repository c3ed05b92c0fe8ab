"""Park a request that cannot be looked after, so that it holds up nobody else."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from db.models import ApprovalRequest
from state_machines.working_days import local_day
from use_cases.park_project import AN_HOUR


def park_request(session: Session, request_id: int, *, as_of: datetime) -> None:
    """Leave a pending request alone for an hour of `as_of`; one that is settled stays as it is.

    Reads nothing of it: what cannot be looked after may well be what cannot be read.
    """
    session.execute(
        update(ApprovalRequest)
        .where(ApprovalRequest.id == request_id, ApprovalRequest.next_chase_at.is_not(None))
        .values(next_chase_at=as_of + AN_HOUR, routed_on=local_day(as_of))
        .execution_options(synchronize_session=False)
    )
