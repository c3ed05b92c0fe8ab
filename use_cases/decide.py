"""Decide a request: one person answers, and what was asked may come true."""

from datetime import datetime

from sqlalchemy.orm import Session

from db.models import Approval, Project
from db.queries.projects import facts_from
from db.queries.requests import case_to_decide
from db.trail import record
from notifications.mails import ProjectName, Receipt
from notifications.outbox import post
from state_machines.approvals import (
    APPROVALS,
    NEEDS_COMMENT,
    Answer,
    ApprovalState,
    RequestMove,
    RequestState,
    Through,
)
from state_machines.errors import (
    AnsweredOtherwise,
    NotTheApprover,
    ProjectFrozen,
    ReasonRequired,
    RequestClosed,
)
from state_machines.posts import PostKey
from state_machines.working_days import WorkCalendar, local_day
from use_cases.circle import circle_of
from use_cases.prove_code import spend_proof
from use_cases.settle_request import settle_request
from use_cases.still_missing import still_missing
from use_cases.take_stock import take_stock
from use_cases.typed_text import prose_typed


def decide(
    session: Session,
    request_id: int,
    answer: Answer,
    *,
    by: int,
    now: datetime,
    calendar: WorkCalendar,
    comment: str | None = None,
    through: Through = Through.SESSION,
) -> RequestState:
    """Record what `by` answers, and go on: to the next step, or to what all have agreed to.

    Everything is checked again under the project's lock: the request pends, `by` still answers for
    the post and is neither requester, owner nor last material editor, and the gate still holds. If
    it no longer does, the machine sends the round back with what is missing, and the answer stays
    on record. Answering the same twice changes nothing, so a second click is safe; of two opposite
    answers the first stands. Whoever answers gets a receipt. Returns how the request stands now.

    Raises `NotFound`, `NotTheApprover`, `AnsweredOtherwise`, `RequestClosed`, `ReasonRequired`,
    `ProjectFrozen`, `CodeRequired` where a link alone does not do for the amount, and
    `ValueRefused` for a comment that cannot be kept.
    """
    case = case_to_decide(session, request_id, local_day(now))
    project, request, adopted = case.project, case.request, case.adopted
    mine = [each for each in request.approvals if each.person_id == by]
    if not mine:
        raise NotTheApprover
    given = next((each.answer for each in mine if _stands(each)), None)
    # Whoever was outvoted in an earlier step, and is asked in this one, answers anew.
    is_asked = any(e.step == request.step and e.state is ApprovalState.PENDING for e in mine)
    if given is not None and not is_asked:
        if given is not answer:
            raise AnsweredOtherwise(given)
        return request.state
    if request.state is not RequestState.PENDING:
        raise RequestClosed(request.state)
    if project.frozen_at is not None:
        raise ProjectFrozen(project.number)
    comment = prose_typed("comment", comment)
    if comment is None and answer in NEEDS_COMMENT:
        raise ReasonRequired(answer)
    circle = circle_of(
        session,
        project,
        requested_by=request.requested_by_id,
        policy=adopted.policy,
        today=local_day(now),
    )
    # One who has lost one of two posts answers for the other.
    mine = [
        each
        for each in request.current
        if each.person_id == by
        and each.state is ApprovalState.PENDING
        and circle.may_decide(by, PostKey.parse(each.post))
    ]
    if not mine:
        raise NotTheApprover
    if through is Through.LINK and adopted.policy.needs_code(request.facts["investment"]):
        spend_proof(session, request.id, by, now=now)

    for each in mine:
        each.state = APPROVALS.after(each.state, answer)
        each.answer, each.answered_at, each.comment = answer, now, comment
    record(
        session, project, "answered", by=by, now=now,
        request=request.id, answer=answer, comment=comment, through=through,
        on_behalf_of=[each.on_behalf_of_id for each in mine if each.on_behalf_of_id],
    )  # fmt: skip
    facts = facts_from(project, case.evidence)
    lacking = still_missing(request, facts, adopted.policy, on=local_day(now))
    if answer is Answer.APPROVE and lacking:
        settle_request(
            session, project, request, RequestMove.SEND_BACK, by=None, now=now, missing=[*lacking]
        )
    else:
        take_stock(
            session, project, request, circle, adopted,
            by=by, now=now, calendar=calendar, comment=comment, answered=mine,
            standing=case.standing,
        )  # fmt: skip
    _owe_receipt(session, project, mine[0], answer, comment, now=now)
    return request.state


def _stands(row: Approval) -> bool:
    return row.answer is not None and row.state is not ApprovalState.ANNULLED


def _owe_receipt(
    session: Session,
    project: Project,
    given: Approval,
    answer: Answer,
    comment: str | None,
    *,
    now: datetime,
) -> None:
    request = given.request
    receipt = Receipt(
        project=ProjectName.of(project),
        request_id=request.id,
        subject=request.subject,
        answer=answer,
        comment=comment,
        outcome=request.state,
    )
    post(
        session,
        receipt,
        to=given.person_id,
        key=f"receipt/{request.id}/{given.step}/{given.person_id}",
        project_id=project.id,
        request_id=request.id,
        now=now,
    )
