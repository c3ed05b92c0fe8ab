"""Grant a hold: from today to its end the project's clocks and its requests' deadlines stand."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from db.models import ApprovalRequest, Hold, OrderEnd, Project
from db.queries.pauses import held
from db.queries.projects import open_visit
from db.trail import record
from state_machines.pauses import PauseLimit, Standstill, year_overdrawn
from state_machines.policy import Policy
from state_machines.working_days import WorkCalendar, local_day
from use_cases.close_order import close_order
from use_cases.stand_still import stand_still


def hold_lacks(
    session: Session,
    request: ApprovalRequest,
    policy: Policy,
    *,
    now: datetime,
    calendar: WorkCalendar,
) -> Sequence[PauseLimit]:
    """Say what keeps a hold from being granted, though all have agreed to it."""
    asked = Standstill(local_day(now), _until(request))
    if asked.until <= asked.since:
        return [PauseLimit.DAYS_AHEAD]
    earlier = held(session, request.project_id)
    overdrawn = year_overdrawn(asked, earlier, policy.pauses.hold_days, calendar)
    return [PauseLimit.HOLD_DAYS] if overdrawn else []


def grant_hold(
    session: Session,
    project: Project,
    request: ApprovalRequest,
    *,
    now: datetime,
    calendar: WorkCalendar,
) -> Hold:
    """Let a project, whose lock the caller holds, stand still as its approved request asked.

    Never backdated: the clocks ran until now. An open order is closed. What still pends goes on
    after the hold with the time that it has left (product.md, section 10).
    """
    today, until = local_day(now), _until(request)
    hold = Hold(
        project_id=project.id,
        visit_id=open_visit(session, project.id).clock_id,
        request_id=request.id,
        from_day=today,
        until_day=until,
        reason=request.reason or "",
    )
    session.add(hold)
    close_order(session, project, OrderEnd.HELD, now=now)
    stand_still(session, project, since=today, until=until, now=now, calendar=calendar)
    record(
        session, project, "held", by=None, now=now,
        request=request.id, until=until.isoformat(), reason=request.reason,
    )  # fmt: skip
    return hold


def _until(request: ApprovalRequest) -> date:
    return date.fromisoformat((request.terms or {})["until"])
