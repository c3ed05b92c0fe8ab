"""Nudge those who are asked: whoever waits for an answer may ask for it once a working day."""

from datetime import datetime

from sqlalchemy.orm import Session

from db.models import Person
from db.queries.requests import request_to_change
from db.trail import record
from state_machines.approvals import RequestState
from state_machines.errors import NotAllowed, NudgedToday, ProjectFrozen, RequestClosed
from state_machines.working_days import WorkCalendar, local_day
from use_cases.chase_request import remind


def nudge(
    session: Session, request_id: int, *, by: int, now: datetime, calendar: WorkCalendar
) -> None:
    """Owe everybody who is still asked one more mail, in the name of who nudges.

    Only the requester and the project's owner may, once per working day; days off count with the
    working day after them. Raises `NotFound`, `NotAllowed`, `RequestClosed`, `ProjectFrozen`,
    `NudgedToday`.
    """
    project, request = request_to_change(session, request_id)
    if by not in (request.requested_by_id, project.owner_id):
        raise NotAllowed("nudge")
    if request.state is not RequestState.PENDING:
        raise RequestClosed(request.state)
    if project.frozen_at is not None:
        raise ProjectFrozen(project.number)
    day = calendar.add(local_day(now), 0)
    if request.nudged_on is not None and request.nudged_on >= day:
        raise NudgedToday
    request.nudged_on = day
    record(session, project, "nudged", by=by, now=now, request=request.id)
    remind(
        session,
        request,
        f"nudge/{day}",
        now=now,
        nudged_by=session.get_one(Person, by).name,
    )
