"""How long a round of asking may take: reminders, the step's deadline, the round's own."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from state_machines.working_days import WorkCalendar

Days = Annotated[int, Field(gt=0)]


class Deadlines(BaseModel):
    """Working days from the day of asking, which is day 0 (product.md, section 4)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    remind: tuple[Days, ...] = (2, 4)
    step: Days = 5
    request: Days = 15


@dataclass(frozen=True)
class Wait:
    """How long somebody has been waiting: since `origin`, and `used` working days before it.

    What stands still for a time is told so: `used` grows by the days until then, and `origin`
    becomes the day on which it goes on, which may lie ahead.
    """

    origin: date
    used: int = 0

    def spent(self, today: date, calendar: WorkCalendar) -> int:
        return self.used + calendar.between(self.origin, today)

    def last_day(self, days: int, calendar: WorkCalendar) -> date:
        """Return the working day on which the wait has lasted `days`; it belongs to who answers."""
        return calendar.add(self.origin, max(days - self.used, 0))

    def day_after(self, days: int, calendar: WorkCalendar) -> date:
        """Return the working day on which a deadline of `days` has been missed."""
        return calendar.add(self.origin, max(days + 1 - self.used, 0))

    def standing_still(self, today: date, until: date, calendar: WorkCalendar) -> "Wait":
        """Return the wait that goes on after `until` with the time that is left today."""
        return Wait(max(until, self.origin), self.spent(today, calendar))

    def going_on(self, today: date) -> "Wait":
        """Return the wait that goes on today already, if it stood still until later."""
        return Wait(min(today, self.origin), self.used)


def next_chase_day(
    step: Wait,
    request: Wait,
    deadlines: Deadlines,
    calendar: WorkCalendar,
    *,
    reminded: int,
    superior_added: bool,
) -> date:
    """Return the working day on which the machine has to do something about a pending round."""
    days = [request.day_after(deadlines.request, calendar)]
    if not superior_added:
        days.append(step.day_after(deadlines.step, calendar))
    days += [step.last_day(n, calendar) for n in deadlines.remind if n > reminded]
    return min(days)


def reminder_due(
    step: Wait, deadlines: Deadlines, calendar: WorkCalendar, *, today: date, reminded: int
) -> int | None:
    """Return the highest reminder that is due and was not sent; those it overtook are not sent."""
    spent = step.spent(today, calendar)
    due = [n for n in deadlines.remind if reminded < n <= spent]
    return max(due, default=None)
