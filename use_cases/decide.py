"""Decide a request: one person answers, and the project may move on."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from db.models import ApprovalRequest, Project
from db.queries.policies import AdoptedPolicy, policy_version
from db.queries.projects import facts_of, project_to_change
from db.queries.roster import roster_on
from db.trail import record
from state_machines.approvals import (
    APPROVALS,
    NEEDS_COMMENT,
    Answer,
    RequestMove,
    RequestState,
    verdict,
)
from state_machines.errors import (
    AnsweredOtherwise,
    NotFound,
    NotTheApprover,
    ReasonRequired,
    RequestClosed,
)
from state_machines.gates import RequirementKey, missing
from state_machines.posts import PostKey
from state_machines.stages import GATED
from state_machines.working_days import WorkCalendar, local_day
from use_cases.move_project import move_project
from use_cases.open_request import excluded_from_deciding
from use_cases.settle_request import settle_request
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
) -> RequestState:
    """Record what `by` answers, and move the project once every post has agreed.

    Everything is checked again under the project's lock: the request pends, `by` still answers for
    the post and is neither requester, owner nor last material editor, and the gate still holds. If
    it no longer does, the machine sends the round back with what is missing, and the answer stays
    on record. Answering the same twice changes nothing, so a second click is safe; of two opposite
    answers the first stands. Returns how the request stands now.

    Raises `NotFound`, `NotTheApprover`, `AnsweredOtherwise`, `RequestClosed`, `ReasonRequired`,
    and `ValueRefused` for a comment that cannot be kept.
    """
    project, request = request_to_change(session, request_id)
    mine = [each for each in request.approvals if each.person_id == by]
    if not mine:
        raise NotTheApprover
    given = next((each.answer for each in mine if each.answer is not None), None)
    if given is not None:
        if given is not answer:
            raise AnsweredOtherwise(given)
        return request.state
    if request.state is not RequestState.PENDING:
        raise RequestClosed(request.state)
    comment = prose_typed("comment", comment)
    if comment is None and answer in NEEDS_COMMENT:
        raise ReasonRequired(answer)
    roster = roster_on(session, local_day(now))
    excluded = excluded_from_deciding(project, requested_by=request.requested_by_id)
    # One who has lost one of two posts answers for the other.
    mine = [e for e in mine if roster.may_decide(by, PostKey.parse(e.post), excluded)]
    if not mine:
        raise NotTheApprover

    for each in mine:
        each.state = APPROVALS.after(each.state, answer)
        each.answer, each.answered_at, each.comment = answer, now, comment
    record(
        session, project, "answered", by=by, now=now,
        request=request.id, answer=answer, comment=comment,
        on_behalf_of=[each.on_behalf_of_id for each in mine if each.on_behalf_of_id],
    )  # fmt: skip
    outcome = verdict((each.asked_role, each.state) for each in request.approvals)
    if outcome is RequestMove.APPROVE:
        _carry_out(session, project, request, by=by, now=now, calendar=calendar, comment=comment)
    elif outcome is not None:
        settle_request(session, project, request, outcome, by=by, now=now, comment=comment)
    return request.state


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


def _carry_out(
    session: Session,
    project: Project,
    request: ApprovalRequest,
    *,
    by: int,
    now: datetime,
    calendar: WorkCalendar,
    comment: str | None,
) -> None:
    """Everybody agreed: move the project, unless its gate has closed meanwhile."""
    adopted = policy_version(session, request.policy_version_id)
    lacking = _still_missing(session, project, request, adopted, now)
    if lacking:
        settle_request(
            session, project, request, RequestMove.SEND_BACK, by=None, now=now,
            missing=[*lacking],
        )  # fmt: skip
        return
    settle_request(session, project, request, RequestMove.APPROVE, by=by, now=now, comment=comment)
    move_project(
        session,
        project,
        request.move,
        by=request.requested_by_id,
        now=now,
        calendar=calendar,
        adopted=adopted,
        reason=request.reason,
        request_id=request.id,
        waived=request.waived,
    )


def _still_missing(
    session: Session,
    project: Project,
    request: ApprovalRequest,
    adopted: AdoptedPolicy,
    now: datetime,
) -> Sequence[RequirementKey]:
    if request.move not in GATED:
        return ()
    return missing(
        adopted.policy.gates.get(request.after),
        facts_of(session, project),
        coming_from=project.stage,
        on=local_day(now),
        waived=frozenset(RequirementKey(each) for each in request.waived or ()),
    )
