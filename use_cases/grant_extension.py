"""Grant an extension: the stage clock begins a new episode with so many days left."""

from datetime import datetime

from sqlalchemy.orm import Session

from db.models import ApprovalRequest, Extension, OrderEnd, Project
from db.queries.projects import facts_of, open_visit
from db.trail import record
from state_machines.ladder import Clock
from state_machines.policy import Policy
from state_machines.working_days import WorkCalendar, local_day
from use_cases.clocks import wind
from use_cases.grant_hold import close_order


def grant_extension(
    session: Session,
    project: Project,
    request: ApprovalRequest,
    policy: Policy,
    *,
    now: datetime,
    calendar: WorkCalendar,
) -> Extension:
    """Give a project, whose lock the caller holds, the working days that its request asked for.

    From today the stage clock has so many days left, and its rungs fire afresh. Closes an order.
    """
    today, days = local_day(now), int((request.terms or {})["days"])
    visit = open_visit(session, project.id)
    extension = Extension(
        project_id=project.id,
        visit_id=visit.clock_id,
        request_id=request.id,
        granted_on=today,
        days=days,
        reason=request.reason or "",
    )
    session.add(extension)
    priority = policy.is_priority(facts_of(session, project))
    budget = policy.clocks.budget(Clock.STAGE, visit.stage, priority=priority)
    visit.stage_origin, visit.stage_used = max(visit.stage_origin, today), budget - days
    visit.stage_episode += 1
    close_order(session, project, OrderEnd.EXTENDED, now=now)
    wind(session, project, visit, today=today, policy=policy, calendar=calendar)
    record(
        session, project, "extended", by=None, now=now,
        request=request.id, days=days, reason=request.reason,
    )  # fmt: skip
    return extension
