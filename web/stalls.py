"""Why a project shows the light that it shows, and what happens next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from db.models import Project, RungFiring, StageVisit
from db.queries.lights import certificate_expired, light_of
from state_machines.ladder import Clock, Light, RungKey, due_day
from state_machines.policy import Policy
from state_machines.working_days import WorkCalendar, local_day
from use_cases.clocks import running_clocks


@dataclass(frozen=True)
class ClockShown:
    """A clock in working days, and the day on which its budget is full."""

    clock: Clock
    since: date
    spent: int
    budget: int
    full_on: date

    @property
    def is_over(self) -> bool:
        return self.spent >= self.budget

    @property
    def days_over(self) -> int:
        return self.spent - self.budget


@dataclass(frozen=True)
class Stall:
    """A project's light with its reasons."""

    light: Light | None
    since: date | None
    """The day from which it shows this light; None for green, and where no time runs."""
    clocks: tuple[ClockShown, ...]
    certificate_expired: bool

    @property
    def over(self) -> tuple[ClockShown, ...]:
        return tuple(each for each in self.clocks if each.is_over)


def stall(
    project: Project, visit: StageVisit, policy: Policy, calendar: WorkCalendar, *, now: datetime
) -> Stall:
    """Explain the light of a project whose open visit is given."""
    today, first = local_day(now), policy.ladder.rungs[0].key
    light = light_of(project, now=now)
    clocks = tuple(
        ClockShown(
            each.clock,
            each.origin,
            each.spent(today, calendar),
            each.budget,
            each.threshold(first, policy.ladder, calendar),
        )
        for each in running_clocks(project, visit, (), policy)
    )
    turned = {Light.YELLOW: project.yellow_at, Light.RED: project.red_at}.get(light or Light.GREEN)
    since = local_day(turned) if turned and turned <= now else None
    until = project.funds_certificate_until
    if since is None and light is Light.YELLOW and until is not None:
        since = until + timedelta(days=1)  # its last day is still certified
    return Stall(light, since, clocks, certificate_expired(project, now=now))


def next_rung(
    project: Project,
    visit: StageVisit,
    firings: Iterable[RungFiring],
    policy: Policy,
    calendar: WorkCalendar,
) -> RungKey | None:
    """Return the rung that is due next, given what has fired under the visit."""
    due = (
        due_day(each, policy.ladder, calendar)
        for each in running_clocks(project, visit, firings, policy)
    )
    key = min((each for each in due if each), key=lambda each: each[1], default=None)
    return key[0] if key else None
