"""Set when the machine has to look at a request next: to remind, to ask superiors, to end it."""

from datetime import datetime

from db.models import ApprovalRequest
from state_machines.approvals import RequestState
from state_machines.deadlines import Deadlines, next_chase_day
from state_machines.working_days import WorkCalendar, local_day


def set_chase(
    request: ApprovalRequest, deadlines: Deadlines, calendar: WorkCalendar, *, now: datetime
) -> None:
    """Store when the machine has to look at the request next."""
    if request.state is not RequestState.PENDING:
        request.next_chase_at = None
        return
    day = next_chase_day(
        request.step_wait,
        request.wait,
        deadlines,
        calendar,
        reminded=request.reminded,
        superior_added=request.superior_added,
    )
    if request.nobody_since is not None:
        day = min(day, calendar.add(local_day(now), 1))
    request.next_chase_at = calendar.opening(day)
