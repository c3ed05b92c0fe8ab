"""Send a fresh link to an approver whose link has expired or got lost."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import Mail, Person
from db.queries.requests import request_to_change
from notifications.mails import FreshLink
from notifications.outbox import ASKING, post
from state_machines.approvals import ApprovalState, RequestState
from state_machines.errors import NotTheApprover, RequestClosed
from use_cases.question import question

NOT_AGAIN_WITHIN = timedelta(minutes=5)


def send_fresh_link(session: Session, request_id: int, person_id: int, *, now: datetime) -> None:
    """Owe the approver a new mail to their registered address, with a link of its own.

    Asking again within five minutes owes nothing more: the mail is on its way. Raises `NotFound`,
    `NotTheApprover` (also for who has left), `RequestClosed`.
    """
    _, request = request_to_change(session, request_id)
    if request.state is not RequestState.PENDING:
        raise RequestClosed(request.state)
    mine = [each for each in request.current if each.person_id == person_id]
    if not any(each.state is ApprovalState.PENDING for each in mine):
        raise NotTheApprover
    if not session.get_one(Person, person_id).active:
        raise NotTheApprover
    sent = select(func.count(), func.max(Mail.created_at)).where(
        Mail.request_id == request_id, Mail.person_id == person_id, Mail.kind.in_(ASKING)
    )
    earlier, last = session.execute(sent).one()
    if last is not None and now - last < NOT_AGAIN_WITHIN:
        return
    post(
        session,
        question(request, person_id, FreshLink, answer_by=request.answer_by),
        to=person_id,
        key=f"fresh/{request.id}/{person_id}/{earlier}",
        project_id=request.project_id,
        request_id=request.id,
        now=now,
    )
