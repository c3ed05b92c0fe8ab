"""Until when a request is to be answered, and how near that is."""

from dataclasses import dataclass
from datetime import date

from db.models import ApprovalRequest
from state_machines.ladder import Light
from state_machines.working_days import WorkCalendar


@dataclass(frozen=True)
class Deadline:
    """The last day for those who are asked now; it belongs to them."""

    day: date
    days_left: int
    """Working days after today."""
    light: Light
    """Red: a step's time is over, and the superiors are asked besides."""


def deadline_of(
    request: ApprovalRequest, calendar: WorkCalendar, *, today: date
) -> Deadline | None:
    """Return the deadline of a request; None where no time runs: it is settled, or frozen."""
    if request.answer_by is None or request.project.frozen_at is not None:
        return None
    days_left = calendar.between(today, request.answer_by)
    light = Light.YELLOW if days_left <= 1 else Light.GREEN
    return Deadline(request.answer_by, days_left, Light.RED if request.superior_added else light)
