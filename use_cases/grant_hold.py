"""Grant a hold: from today to its end the project's clocks and its approvals' deadlines stand."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import ApprovalRequest, Hold, Order, OrderEnd, Project
from db.queries.policies import policy_version
from db.queries.projects import open_visit
from db.trail import record
from state_machines.policy import Policy
from state_machines.working_days import WorkCalendar, local_day
from use_cases.clocks import wind
from use_cases.set_chase import set_chase
from use_cases.settle_request import pending_requests


def grant_hold(
    session: Session,
    project: Project,
    request: ApprovalRequest,
    policy: Policy,
    *,
    now: datetime,
    calendar: WorkCalendar,
) -> Hold:
    """Let a project, whose lock the caller holds, stand still as its approved request asked.

    Never backdated: the clocks ran until now. An open order is closed. What still pends goes on
    after the hold with the time that it has left (product.md, section 10).
    """
    today, until = local_day(now), date.fromisoformat((request.terms or {})["until"])
    visit = open_visit(session, project.id)
    hold = Hold(
        project_id=project.id,
        visit_id=visit.clock_id,
        request_id=request.id,
        from_day=today,
        until_day=until,
        reason=request.reason or "",
    )
    session.add(hold)
    visit.stage_used += calendar.between(visit.stage_origin, today)
    visit.stage_origin = max(visit.stage_origin, until)
    visit.silence_used += calendar.between(visit.silence_origin, today)
    visit.silence_origin = max(visit.silence_origin, until)
    for pending in pending_requests(session, project.id):
        pending.wait = pending.wait.standing_still(today, until, calendar)
        pending.step_wait = pending.step_wait.standing_still(today, until, calendar)
        deadlines = policy_version(session, pending.policy_version_id).policy.deadlines
        set_chase(pending, deadlines, calendar, now=now)
    close_order(session, project, OrderEnd.HELD, now=now)
    wind(session, project, visit, today=today, policy=policy, calendar=calendar)
    record(
        session, project, "held", by=None, now=now,
        request=request.id, until=until.isoformat(), reason=request.reason,
    )  # fmt: skip
    return hold


def close_order(session: Session, project: Project, why: OrderEnd, *, now: datetime) -> None:
    """Close the project's open order, if it has one."""
    order = session.scalars(
        select(Order).where(Order.project_id == project.id, Order.closed_at.is_(None))
    ).first()
    if order is not None:
        order.closed_at, order.closed_because = now, why
