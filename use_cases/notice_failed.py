"""A notice failed: a mail that asked did not arrive, so the superior is asked at once."""

from datetime import datetime

from sqlalchemy.orm import Session

from db.queries.policies import policy_version
from db.queries.requests import request_to_change
from db.trail import record
from state_machines.approvals import ApprovalState, AskedBecause, NoLongerAsked, RequestState
from state_machines.posts import PostKey
from state_machines.working_days import WorkCalendar, local_day
from use_cases.ask_step import ask_or_carry_over
from use_cases.circle import circle_of
from use_cases.take_stock import ask_no_longer, take_stock


def notice_failed(
    session: Session, request_id: int, person_id: int, *, now: datetime, calendar: WorkCalendar
) -> None:
    """Send what a person was asked to the superior post, as their mail bounced or was dropped.

    They are no longer asked. Does nothing where they are not asked (any more), so that it is safe
    to repeat. Where nobody above may answer, whoever else may answer for the post is asked; where
    there is nobody at all, the request waits and the administrators are alarmed. Raises `NotFound`.
    """
    project, request = request_to_change(session, request_id)
    failed = [
        each
        for each in request.current
        if each.person_id == person_id and each.state is ApprovalState.PENDING
    ]
    if request.state is not RequestState.PENDING or not failed:
        return
    adopted = policy_version(session, request.policy_version_id)
    circle = circle_of(
        session,
        project,
        requested_by=request.requested_by_id,
        policy=adopted.policy,
        today=local_day(now),
    )
    ask_no_longer(session, project, request, failed, NoLongerAsked.UNDELIVERED, now=now)
    record(
        session, project, "notice_failed", by=None, now=now, request=request.id, person=person_id
    )
    unreachable = {
        each.person_id for each in request.current if each.no_longer is NoLongerAsked.UNDELIVERED
    }
    others = [
        each
        for row in failed
        for each in circle.above(
            row.asked_role, PostKey.parse(row.post), AskedBecause.UNDELIVERED, but=unreachable
        )
        or circle.whom(row.asked_role, but=unreachable)
    ]
    ask_or_carry_over(session, project, request, others, now=now, answer_by=request.answer_by)
    take_stock(session, project, request, circle, adopted, by=None, now=now, calendar=calendar)
