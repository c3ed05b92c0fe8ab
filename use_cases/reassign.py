"""Reassign a question: it passes to somebody else who may answer it, with a reason."""

from datetime import datetime

from sqlalchemy.orm import Session

from db.models import Approval, Person
from db.queries.policies import policy_version
from db.queries.requests import request_to_change
from db.trail import record
from state_machines.approvals import ApprovalState, AskedBecause, NoLongerAsked, RequestState
from state_machines.asking import Circle, Question
from state_machines.errors import (
    NotAllowed,
    NotEligible,
    NotTheApprover,
    ProjectFrozen,
    ReasonRequired,
    RequestClosed,
)
from state_machines.posts import PostKey
from state_machines.working_days import WorkCalendar, local_day
from use_cases.ask_step import ask, carry_over
from use_cases.circle import circle_of
from use_cases.sound_alarm import administrators
from use_cases.take_stock import ask_no_longer, take_stock
from use_cases.typed_text import prose_typed


def reassign(
    session: Session,
    request_id: int,
    *,
    from_id: int,
    to_id: int,
    reason: str | None,
    by: int,
    now: datetime,
    calendar: WorkCalendar,
) -> None:
    """Pass what `from_id` is asked to `to_id`, who must answer for the same or the superior post.

    Only who is asked, and the administrators, may. Both names and the reason stay on record, and
    the new one reads the reason. Raises `NotFound`, `RequestClosed`, `ProjectFrozen`,
    `ReasonRequired`, `NotTheApprover` where `from_id` is not asked (any more), `NotAllowed`, and
    `NotEligible` for somebody who may not answer, or is asked already.
    """
    project, request = request_to_change(session, request_id)
    if request.state is not RequestState.PENDING:
        raise RequestClosed(request.state)
    if project.frozen_at is not None:
        raise ProjectFrozen(project.number)
    today = local_day(now)
    if by != from_id and by not in administrators(session, today):
        raise NotAllowed("reassign")
    passed = [
        each
        for each in request.current
        if each.person_id == from_id and each.state is ApprovalState.PENDING
    ]
    if not passed:
        raise NotTheApprover
    reason = prose_typed("reason", reason)
    if reason is None:
        raise ReasonRequired(AskedBecause.REASSIGNED)
    adopted = policy_version(session, request.policy_version_id)
    circle = circle_of(
        session,
        project,
        requested_by=request.requested_by_id,
        policy=adopted.policy,
        today=today,
    )
    asked_already = any(
        each.person_id == to_id and each.state is ApprovalState.PENDING for each in request.current
    )
    questions = [each for row in passed for each in _to(circle, row, to_id)]
    if asked_already or len({each.role for each in questions}) < len(passed):
        raise NotEligible(session.get_one(Person, to_id).name)
    ask_no_longer(session, project, request, passed, NoLongerAsked.REASSIGNED, now=now)
    record(
        session, project, "reassigned", by=by, now=now,
        request=request.id, to=to_id, reason=reason, **{"from": from_id},
    )  # fmt: skip
    carry_over(session, request, questions, now=now)
    if all(each.answer is None for each in request.current if each.person_id == to_id):
        answer_by = request.step_wait.last_day(adopted.policy.deadlines.step, calendar)
        ask(session, project, request, questions, now=now, answer_by=answer_by, note=reason)
    take_stock(session, project, request, circle, adopted, by=None, now=now, calendar=calendar)


def _to(circle: Circle, row: Approval, to_id: int) -> list[Question]:
    """Return the question of one row as it passes to a person; none if it cannot."""
    post = PostKey.parse(row.post)
    same = [
        Question(row.asked_role, post, each, AskedBecause.REASSIGNED)
        for each in circle.answering(post)
    ]
    above = circle.above(row.asked_role, post, AskedBecause.REASSIGNED)
    return [each for each in (*same, *above) if each.person_id == to_id][:1]
