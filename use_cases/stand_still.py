"""Let a project stand still: its clocks, and the deadlines of what it asks for."""

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy.orm import Session

from db.models import Project
from db.queries.policies import policy_in_force, policy_version
from db.queries.projects import open_visit
from state_machines.deadlines import Wait
from state_machines.working_days import WorkCalendar, local_day
from use_cases.clocks import wind
from use_cases.set_chase import set_chase
from use_cases.settle_request import pending_requests


def stand_still(
    session: Session,
    project: Project,
    *,
    since: date,
    until: date,
    now: datetime,
    calendar: WorkCalendar,
) -> None:
    """Let nothing count the days after `since`, up to and with `until`.

    What was spent by `since` is spent; all goes on from `until` with the days that are left. The
    caller holds the project's lock. Safe to repeat.
    """
    _change_waits(
        session,
        project,
        lambda wait: wait.standing_still(since, until, calendar),
        now=now,
        calendar=calendar,
    )


def go_on(session: Session, project: Project, *, now: datetime, calendar: WorkCalendar) -> None:
    """Let what would stand still for longer go on today, the project's lock being the caller's."""
    today = local_day(now)
    _change_waits(session, project, lambda wait: wait.going_on(today), now=now, calendar=calendar)


def _change_waits(
    session: Session,
    project: Project,
    change: Callable[[Wait], Wait],
    *,
    now: datetime,
    calendar: WorkCalendar,
) -> None:
    visit = open_visit(session, project.id)
    visit.stage_wait, visit.silence_wait = change(visit.stage_wait), change(visit.silence_wait)
    for pending in pending_requests(session, project.id):
        pending.wait, pending.step_wait = change(pending.wait), change(pending.step_wait)
        deadlines = policy_version(session, pending.policy_version_id).policy.deadlines
        set_chase(pending, deadlines, calendar, now=now)
    policy = policy_in_force(session).policy
    wind(session, project, visit, today=local_day(now), policy=policy, calendar=calendar)
