"""Set until when a request is to be answered, and when the machine has to look at it next."""

from datetime import datetime

from db.models import ApprovalRequest
from state_machines.approvals import RequestState
from state_machines.deadlines import Deadlines, next_chase_day
from state_machines.working_days import WorkCalendar, local_day


def set_chase(
    request: ApprovalRequest, deadlines: Deadlines, calendar: WorkCalendar, *, now: datetime
) -> None:
    """Store the last day for those who are asked now, and when to remind, ask superiors or end it.

    Once the superiors are asked besides, everybody has the time that the request has.
    """
    if request.state is not RequestState.PENDING:
        request.next_chase_at = request.answer_by = None
        return
    request.answer_by = (
        request.wait.last_day(deadlines.request, calendar)
        if request.superior_added
        else request.step_wait.last_day(deadlines.step, calendar)
    )
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
