"""Reassign a question: it passes to somebody else who may answer it, with a reason."""

from datetime import datetime

from sqlalchemy.orm import Session

from db.models import Approval, ApprovalRequest, Person
from db.queries.policies import policy_version
from db.queries.requests import request_to_change
from db.trail import record
from state_machines.approvals import ApprovalState, AskedBecause, NoLongerAsked, RequestState
from state_machines.asking import Circle, Question
from state_machines.errors import (
    NotAllowed,
    NotEligible,
    NotFound,
    NotTheApprover,
    ProjectFrozen,
    ReasonRequired,
    RequestClosed,
)
from state_machines.posts import PostKey
from state_machines.working_days import WorkCalendar, local_day
from use_cases.ask_step import ask, who_agreed
from use_cases.circle import circle_of
from use_cases.sound_alarm import administrators
from use_cases.take_stock import ask_no_longer
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
    passed = _waiting_for(request, from_id)
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
    if to_id not in who_could_take_over(request, from_id, circle):
        person = session.get(Person, to_id)
        raise NotEligible(person.name) if person else NotFound("person", to_id)
    questions = [_to(circle, row)[to_id] for row in passed]
    ask_no_longer(session, project, request, passed, NoLongerAsked.REASSIGNED, now=now)
    record(
        session, project, "reassigned", by=by, now=now,
        request=request.id, to=to_id, reason=reason, **{"from": from_id},
    )  # fmt: skip
    ask(session, project, request, questions, now=now, answer_by=request.answer_by, note=reason)


def who_could_take_over(request: ApprovalRequest, from_id: int, circle: Circle) -> list[int]:
    """Return to whom what a person is asked can pass: who may answer for all its posts.

    Nobody who is asked already, or has agreed in this round or answered in this step.
    """
    able = [_to(circle, row) for row in _waiting_for(request, from_id)]
    busy = {e.person_id for e in request.current if e.state is ApprovalState.PENDING or e.answer}
    busy |= who_agreed(request)
    everybody = dict.fromkeys(person_id for people in able for person_id in people)
    return [each for each in everybody if each not in busy and all(each in e for e in able)]


def _to(circle: Circle, row: Approval) -> dict[int, Question]:
    """Return the question of one row as it would pass, by the person who would be asked."""
    takers = circle.takers(row.asked_role, PostKey.parse(row.post))
    return {each.person_id: each for each in reversed(takers)}


def _waiting_for(request: ApprovalRequest, person_id: int) -> list[Approval]:
    return [
        each
        for each in request.current
        if each.person_id == person_id and each.state is ApprovalState.PENDING
    ]
