"""Settle a request: close the round, free whoever was still asked, and tell them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import ApprovalRequest, Person, Project
from db.trail import record
from notifications import links, outbox
from notifications.mails import ProjectName, RequestSettled
from state_machines.approvals import (
    REQUESTS,
    ApprovalState,
    NoLongerAsked,
    RequestMove,
    RequestState,
)
from state_machines.pauses import lack


def pending_requests(session: Session, project_id: int) -> Sequence[ApprovalRequest]:
    """Return what waits for answers: at most one move, one hold and one extension."""
    return session.scalars(
        select(ApprovalRequest)
        .where(
            ApprovalRequest.project_id == project_id,
            ApprovalRequest.state == RequestState.PENDING,
        )
        .order_by(ApprovalRequest.id)
    ).all()


def settle_request(
    session: Session,
    project: Project,
    request: ApprovalRequest,
    move: RequestMove,
    *,
    by: int | None,
    now: datetime,
    comment: str | None = None,
    missing: list[str] | None = None,
) -> None:
    """Close a pending request, whose project's lock the caller holds.

    Its links die, mails that still wait to ask are cancelled, and the requester and everybody who
    was still asked are told. Raises `IllegalMove` for a request that is settled already.
    """
    request.state = REQUESTS.after(request.state, move)
    request.settled_at, request.settled_by_id, request.missing = now, by, missing
    request.next_chase_at = request.answer_by = request.nobody_since = None
    unasked = [each for each in request.approvals if each.state is ApprovalState.PENDING]
    for each in unasked:
        each.state, each.no_longer = ApprovalState.MOOT, NoLongerAsked.SETTLED
    links.revoke(session, request.id, now=now)
    outbox.cancel(session, request.id, now=now)
    record(
        session, project, f"request_{request.state}", by=by, now=now,
        request=request.id, comment=comment, missing=missing,
    )  # fmt: skip
    terms = request.terms or {}
    settled_by = session.get_one(Person, by) if by is not None else None
    readers = dict.fromkeys([request.requested_by_id, *(each.person_id for each in unasked)])
    for person_id in readers:
        if person_id == by:
            continue
        news = RequestSettled(
            project=ProjectName.of(project),
            request_id=request.id,
            subject=request.subject,
            outcome=request.state,
            settled_by=settled_by.name if settled_by else None,
            comment=comment,
            missing=tuple(lack(each) for each in missing or ()),
            yours=person_id == request.requested_by_id,
            until=terms.get("until"),
            days=terms.get("days"),
        )
        outbox.post(
            session,
            news,
            to=person_id,
            key=f"settled/{request.id}/{person_id}",
            project_id=project.id,
            request_id=request.id,
            now=now,
        )
