"""Chase a pending request: remind, add the superiors, and in the end let it expire."""

from datetime import datetime

from sqlalchemy.orm import Session

from db.models import ApprovalRequest, Project
from db.queries.policies import policy_version
from db.queries.requests import request_to_change
from notifications.mails import ApprovalReminder
from notifications.outbox import post
from state_machines.approvals import (
    ApprovalState,
    AskedBecause,
    RequestMove,
    RequestState,
)
from state_machines.asking import Circle
from state_machines.deadlines import Deadlines, reminder_due
from state_machines.posts import PostKey
from state_machines.steps import Quorum
from state_machines.working_days import WorkCalendar, local_day
from use_cases.ask_step import ask, carry_over, question
from use_cases.circle import circle_of
from use_cases.reroute import reroute
from use_cases.set_chase import set_chase
from use_cases.settle_request import settle_request
from use_cases.take_stock import take_stock


def chase_request(
    session: Session, request_id: int, *, now: datetime, calendar: WorkCalendar
) -> None:
    """Do what is due about a pending request (product.md, section 4); nothing if nothing is.

    The machine's doing: no person's name stands under it. The last day of a deadline belongs to
    whoever answers. A request that has had its days expires, which approves nothing. After a step's
    days the superiors are asked besides, once. Missed reminders are sent as one. Safe to repeat.
    Raises `NotFound`.
    """
    project, request = request_to_change(session, request_id)
    if request.state is not RequestState.PENDING:
        return
    if project.frozen_at is not None:
        # It is looked into; nobody can answer meanwhile.
        request.next_chase_at = calendar.opening(calendar.add(local_day(now), 1))
        return
    today = local_day(now)
    adopted = policy_version(session, request.policy_version_id)
    deadlines = adopted.policy.deadlines
    if today >= request.wait.day_after(deadlines.request, calendar):
        settle_request(session, project, request, RequestMove.EXPIRE, by=None, now=now)
        return
    reroute(session, project, request, now=now, calendar=calendar)
    if request.state is not RequestState.PENDING:
        return
    circle = circle_of(
        session,
        project,
        requested_by=request.requested_by_id,
        policy=adopted.policy,
        today=today,
    )
    if not request.superior_added and today >= request.step_wait.day_after(
        deadlines.step, calendar
    ):
        _ask_superiors(session, project, request, circle, deadlines, now=now, calendar=calendar)
        take_stock(session, project, request, circle, adopted, by=None, now=now, calendar=calendar)
    elif nth := reminder_due(
        request.step_wait, deadlines, calendar, today=today, reminded=request.reminded
    ):
        request.reminded = nth
        remind(session, request, f"reminder/{nth}", now=now)
    set_chase(request, deadlines, calendar, now=now)


def remind(
    session: Session,
    request: ApprovalRequest,
    key: str,
    *,
    now: datetime,
    nudged_by: str | None = None,
) -> None:
    """Owe everybody who is asked now one more mail with the question, under a key of its kind."""
    waiting = [each for each in request.current if each.state is ApprovalState.PENDING]
    for person_id in dict.fromkeys(each.person_id for each in waiting):
        post(
            session,
            question(
                request,
                person_id,
                ApprovalReminder,
                answer_by=request.answer_by,
                nudged_by=nudged_by,
            ),
            to=person_id,
            key=f"{key}/{request.id}/{request.step}/{person_id}",
            project_id=request.project_id,
            request_id=request.id,
            now=now,
        )


def _ask_superiors(
    session: Session,
    project: Project,
    request: ApprovalRequest,
    circle: Circle,
    deadlines: Deadlines,
    *,
    now: datetime,
    calendar: WorkCalendar,
) -> None:
    """Ask the superior of each post that has not agreed; the first answer of the two counts."""
    request.superior_added = True
    step = request.steps[request.step]
    answered = {each.asked_role for each in request.current if each.answer}
    for role in dict.fromkeys(step.asks):
        if isinstance(step.needs, Quorum) and role in answered:
            continue
        waiting = [
            each
            for each in request.current
            if each.asked_role is role and each.state is ApprovalState.PENDING
        ]
        if not waiting:
            continue
        heard = {each.person_id for each in request.current if each.asked_role is role}
        above = circle.above(role, PostKey.parse(waiting[-1].post), AskedBecause.OVERDUE, but=heard)
        carry_over(session, request, above, now=now)
        agreed = {e.person_id for e in request.approvals if e.state is ApprovalState.APPROVED}
        ask(
            session,
            project,
            request,
            [each for each in above if each.person_id not in agreed],
            now=now,
            answer_by=request.wait.last_day(deadlines.request, calendar),
        )
