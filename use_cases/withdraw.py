"""Withdraw a request: whoever asked no longer asks."""

from datetime import datetime

from sqlalchemy.orm import Session

from db.queries.requests import request_to_change
from state_machines.approvals import RequestMove, RequestState
from state_machines.errors import NotAllowed, RequestClosed
from use_cases.settle_request import settle_request


def withdraw(session: Session, request_id: int, *, by: int, now: datetime) -> None:
    """Take a pending request back; only the requester and the project's owner may.

    Raises `NotFound`, `NotAllowed`, `RequestClosed`.
    """
    project, request = request_to_change(session, request_id)
    if by not in (request.requested_by_id, project.owner_id):
        raise NotAllowed("withdraw")
    if request.state is not RequestState.PENDING:
        raise RequestClosed(request.state)
    settle_request(session, project, request, RequestMove.WITHDRAW, by=by, now=now)
