"""Ask for an extension: more working days for the stage that the project is in."""

from datetime import datetime

from sqlalchemy.orm import Session

from db.queries.pauses import extensions_granted
from db.queries.policies import policy_in_force
from db.queries.projects import facts_of
from state_machines.approvals import Subject
from state_machines.errors import (
    ExtensionsSpent,
    IllegalMove,
    ProjectFrozen,
    ReasonRequired,
    ValueRefused,
)
from state_machines.ladder import Clock
from state_machines.stages import CLOCKED
from state_machines.working_days import WorkCalendar, local_day
from use_cases.access import project_to_work_on
from use_cases.advance import Requested
from use_cases.open_request import open_request
from use_cases.typed_text import prose_typed


def ask_for_extension(
    session: Session,
    project_id: int,
    *,
    days: int,
    reason: str | None,
    by: int,
    now: datetime,
    calendar: WorkCalendar,
) -> Requested:
    """Ask those who must agree that from the granting on the stage has so many working days left.

    At most as many as the stage's budget, and as often in a calendar year as the policy says.
    Raises `NotFound`, `NotAllowed`, `ProjectFrozen`, `IllegalMove` in a stage without clocks,
    `ReasonRequired`, `ValueRefused`, `ExtensionsSpent`, and what `open_request` raises.
    """
    project = project_to_work_on(session, project_id, "ask_for_extension", by=by, now=now)
    if project.frozen_at is not None:
        raise ProjectFrozen(project.number)
    if project.stage not in CLOCKED:
        raise IllegalMove(project.stage, Subject.EXTENSION)
    adopted = policy_in_force(session)
    policy, facts = adopted.policy, facts_of(session, project)
    budget = policy.clocks.budget(Clock.STAGE, project.stage, priority=policy.is_priority(facts))
    if not 1 <= days <= budget:
        raise ValueRefused("days", "no more than the stage's days", days)
    reason = prose_typed("reason", reason)
    if reason is None:
        raise ReasonRequired(Subject.EXTENSION)
    year = local_day(now).year
    if extensions_granted(session, project.id, year) >= policy.pauses.extensions:
        raise ExtensionsSpent(year)
    request = open_request(
        session,
        project,
        Subject.EXTENSION,
        facts=facts,
        waived=None,
        adopted=adopted,
        by=by,
        now=now,
        calendar=calendar,
        reason=reason,
        terms={"days": days},
    )
    return Requested(request.id)
