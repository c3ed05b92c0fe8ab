"""Send the code that a large amount needs besides the link, in a mail of its own."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import Mail, Person
from db.queries.requests import request_to_change
from notifications.mails import DecisionCode, ProjectName
from notifications.outbox import post
from state_machines.approvals import ApprovalState, RequestState
from state_machines.errors import NotTheApprover, RequestClosed

NOT_AGAIN_WITHIN = timedelta(minutes=1)


def send_code(session: Session, request_id: int, person_id: int, *, now: datetime) -> None:
    """Owe the approver a code to their registered address; it is made when the mail leaves.

    A new code ends the ones before it. Asking again within a minute owes nothing more. Raises
    `NotFound`, `NotTheApprover` (also for who has left), `RequestClosed`.
    """
    project, request = request_to_change(session, request_id)
    if request.state is not RequestState.PENDING:
        raise RequestClosed(request.state)
    waits = any(
        each.person_id == person_id and each.state is ApprovalState.PENDING
        for each in request.current
    )
    if not waits or not session.get_one(Person, person_id).active:
        raise NotTheApprover
    sent = select(func.count(), func.max(Mail.created_at)).where(
        Mail.request_id == request_id,
        Mail.person_id == person_id,
        Mail.kind == DecisionCode.kind,
    )
    earlier, last = session.execute(sent).one()
    if last is not None and now - last < NOT_AGAIN_WITHIN:
        return
    post(
        session,
        DecisionCode(
            project=ProjectName.of(project), request_id=request.id, subject=request.subject
        ),
        to=person_id,
        key=f"code/{request.id}/{person_id}/{earlier}",
        project_id=project.id,
        request_id=request.id,
        now=now,
    )
