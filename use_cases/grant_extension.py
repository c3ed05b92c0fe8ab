"""Grant an extension: the stage clock begins a new episode with so many days left."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import ApprovalRequest, Extension, OrderEnd, Project
from db.queries.pauses import extensions_granted
from db.queries.policies import policy_in_force
from db.queries.projects import facts_from, open_visit
from db.trail import record
from state_machines.ladder import Clock
from state_machines.pauses import PauseLimit, extended
from state_machines.policy import Policy
from state_machines.working_days import WorkCalendar, local_day
from use_cases.clocks import wind
from use_cases.close_order import close_order, open_order


def extension_lacks(
    session: Session, request: ApprovalRequest, policy: Policy, *, now: datetime
) -> Sequence[PauseLimit]:
    """Say what keeps an extension from being granted, though all have agreed to it."""
    granted = extensions_granted(session, request.project_id, local_day(now).year)
    return [PauseLimit.EXTENSIONS] if granted >= policy.pauses.extensions else []


def grant_extension(
    session: Session,
    project: Project,
    request: ApprovalRequest,
    *,
    now: datetime,
    calendar: WorkCalendar,
) -> Extension:
    """Give a project, whose lock the caller holds, the working days that its request asked for.

    From today the stage clock has so many days left (more, if more were left), and its rungs fire
    afresh. An order of that clock is closed; one of silence alone stands.
    """
    today, days = local_day(now), int((request.terms or {})["days"])
    visit = open_visit(session, project.id)
    policy = policy_in_force(session).policy
    priority = policy.is_priority(facts_from(project))
    budget = policy.clocks.budget(Clock.STAGE, visit.stage, priority=priority)
    spent = visit.stage_wait.spent(today, calendar)
    visit.stage_wait = extended(
        visit.stage_wait, budget=budget, days=days, today=today, calendar=calendar
    )
    gained = spent - visit.stage_used
    order = open_order(session, project)
    if order is not None and any(each.clock is Clock.STAGE for each in order.firings):
        close_order(session, project, OrderEnd.EXTENDED, now=now)
    earlier = select(func.count()).where(Extension.visit_id == visit.clock_id)
    # Also one that was annulled: what has fired in its episode never fires again.
    visit.stage_episode = session.scalars(earlier).one() + 2
    extension = Extension(
        project_id=project.id,
        visit_id=visit.clock_id,
        request_id=request.id,
        granted_on=today,
        days=days,
        gained=gained,
        reason=request.reason or "",
    )
    session.add(extension)
    wind(session, project, visit, today=today, policy=policy, calendar=calendar)
    record(
        session, project, "extended", by=None, now=now,
        request=request.id, days=days, gained=gained, reason=request.reason,
    )  # fmt: skip
    return extension
