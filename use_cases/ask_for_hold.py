"""Ask for a hold: until a day the project's clocks shall stand still."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from db.queries.pauses import held
from db.queries.policies import policy_in_force
from db.queries.projects import facts_of, open_hold
from state_machines.approvals import Subject
from state_machines.errors import (
    HoldTooLong,
    IllegalMove,
    OnHoldAlready,
    ProjectFrozen,
    ReasonRequired,
    ValueRefused,
)
from state_machines.pauses import Standstill, year_overdrawn
from state_machines.stages import CLOCKED
from state_machines.working_days import WorkCalendar, local_day
from use_cases.access import project_to_work_on
from use_cases.advance import Requested
from use_cases.open_request import open_request
from use_cases.typed_text import prose_typed


def ask_for_hold(
    session: Session,
    project_id: int,
    *,
    until: date,
    reason: str | None,
    by: int,
    now: datetime,
    calendar: WorkCalendar,
) -> Requested:
    """Ask those who must agree to let the project's clocks stand still up to the day `until`.

    They run until it is granted. In a calendar year a project stands still for no more working days
    than the policy allows. Raises `NotFound`, `NotAllowed`, `ProjectFrozen`, `IllegalMove` in a
    stage without clocks, `OnHoldAlready`, `ReasonRequired`, `ValueRefused` for a day that does not
    lie ahead, `HoldTooLong`, and what `open_request` raises.
    """
    project = project_to_work_on(session, project_id, "ask_for_hold", by=by, now=now)
    if project.frozen_at is not None:
        raise ProjectFrozen(project.number)
    if project.stage not in CLOCKED:
        raise IllegalMove(project.stage, Subject.HOLD)
    today = local_day(now)
    if hold := open_hold(session, project.id, today):
        raise OnHoldAlready(hold.until_day)
    if until <= today:
        raise ValueRefused("until", "a day ahead", until)
    reason = prose_typed("reason", reason)
    if reason is None:
        raise ReasonRequired(Subject.HOLD)
    adopted = policy_in_force(session)
    allowed = adopted.policy.pauses.hold_days
    asked = Standstill(today, until)
    if overdrawn := year_overdrawn(asked, held(session, project.id), allowed, calendar):
        raise HoldTooLong(*overdrawn)
    request = open_request(
        session,
        project,
        Subject.HOLD,
        facts=facts_of(session, project),
        waived=None,
        adopted=adopted,
        by=by,
        now=now,
        calendar=calendar,
        reason=reason,
        terms={"until": until.isoformat()},
    )
    return Requested(request.id)
