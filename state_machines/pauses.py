"""Time that does not count: how long a project stood still, and how much more it may be given."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from state_machines.deadlines import Wait
from state_machines.gates import RequirementKey
from state_machines.working_days import WorkCalendar


class PauseLimit(StrEnum):
    """What can be lacking for a hold or an extension when it comes to be granted."""

    DAYS_AHEAD = "days_ahead"
    """The end of the hold has passed while it was asked for: nothing is granted backwards."""
    HOLD_DAYS = "hold_days"
    EXTENSIONS = "extensions"


def lack(key: str) -> RequirementKey | PauseLimit:
    """Return what a request lacked when all had agreed, as it is stored."""
    return PauseLimit(key) if key in {*PauseLimit} else RequirementKey(key)


@dataclass(frozen=True, order=True)
class Standstill:
    """A time that does not count: the days after `since`, up to and with `until`."""

    since: date
    until: date

    def days_in(self, year: int, calendar: WorkCalendar) -> int:
        """Return its working days in one calendar year."""
        before, last = date(year - 1, 12, 31), date(year, 12, 31)
        return calendar.between(max(self.since, before), min(self.until, last))


def year_overdrawn(
    asked: Standstill, earlier: Iterable[Standstill], allowed: int, calendar: WorkCalendar
) -> tuple[int, int] | None:
    """Return the first year in which one more hold is too long, and the working days left in it.

    None if in each calendar year it, and those before it, come to no more than `allowed`.
    """
    earlier = tuple(earlier)
    for year in range(asked.since.year, asked.until.year + 1):
        left = allowed - sum(each.days_in(year, calendar) for each in earlier)
        if asked.days_in(year, calendar) > left:
            return year, max(left, 0)
    return None


def extended(wait: Wait, *, budget: int, days: int, today: date, calendar: WorkCalendar) -> Wait:
    """Return a stage's time with `days` working days left from today, or more if more are left."""
    used = min(wait.spent(today, calendar), max(budget - days, 0))
    return Wait(max(wait.origin, today), used)


def waiting_since(day: date, standstills: Iterable[Standstill], calendar: WorkCalendar) -> Wait:
    """Return what has begun on `day` and was interrupted: its days used, and since when it runs."""
    wait = Wait(day)
    for each in sorted(standstills):
        wait = wait.standing_still(each.since, each.until, calendar)
    return wait
