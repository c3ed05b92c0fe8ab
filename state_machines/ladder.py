"""When a project is stalled, who is told next and when: clocks, rungs, the light.

Everything here counts whole working days of the city's calendar (product.md, section 5). Days are
days of Asia/Shanghai; the day a clock starts is day 0.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from state_machines.posts import Reader, Role
from state_machines.working_days import WorkCalendar


class Clock(StrEnum):
    STAGE = "stage"
    SILENCE = "silence"


class RungKey(StrEnum):
    OWNER = "owner"
    UNIT = "unit"
    MUNICIPALITY = "municipality"
    DEPUTY_MAYOR = "deputy_mayor"


class Light(StrEnum):
    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


class Rung(BaseModel):
    """One step of the ladder, `after` so many working days from the step before it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: RungKey
    after: int = Field(ge=0)
    tells: tuple[Reader | Role, ...] = Field(min_length=1)
    only_after_told: bool = False
    """Never fires unless the rung before was told at least `after` working days earlier."""


class Ladder(BaseModel):
    """The rungs in the order in which they are climbed, lowest first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rungs: tuple[Rung, ...]
    red_at: RungKey

    def rank(self, key: RungKey | None) -> int:
        """Return how high a rung stands; -1 for none."""
        return next((n for n, rung in enumerate(self.rungs) if rung.key is key), -1)

    def days_after_budget(self, key: RungKey) -> int:
        return sum(rung.after for rung in self.rungs[: self.rank(key) + 1])


@dataclass(frozen=True)
class RunningClock:
    """One clock of one visit, in its present episode.

    `used` are working days spent before `origin` (a resumed visit goes on where it stopped);
    `fired` says on which day each rung fired or was passed over in this episode, `told` on which
    day a rung really told somebody.
    """

    clock: Clock
    origin: date
    budget: int
    used: int = 0
    fired: Collection[RungKey] = ()
    told: Mapping[RungKey, date] = field(default_factory=dict)

    def full(self, days: int, calendar: WorkCalendar) -> date:
        """Return the first working day on which the clock has run so many days past its budget."""
        return calendar.add(self.origin, max(0, self.budget + days - self.used))

    def threshold(self, rung: RungKey, ladder: Ladder, calendar: WorkCalendar) -> date:
        """Return the day on which the rung's number of working days is full."""
        return self.full(ladder.days_after_budget(rung), calendar)

    def reached(self, days: int, calendar: WorkCalendar, *, today: date) -> date:
        """Return the same day, or `today` for what a clock had reached before it stood still.

        What is shown of it does not go back while it waits to go on.
        """
        day = self.full(days, calendar)
        return min(day, today) if self.used >= self.budget + days else day

    def spent(self, on: date, calendar: WorkCalendar) -> int:
        """Return how many working days have run by `on`."""
        return self.used + calendar.between(self.origin, on)


@dataclass(frozen=True)
class Firing:
    """What one visit owes its readers on one day."""

    order_rung: RungKey
    """The rung that the order stands on afterwards."""
    fired: tuple[tuple[Clock, RungKey], ...]
    """The rungs that fire now, one for each clock that is due."""
    passed_over: tuple[tuple[Clock, RungKey], ...]
    """Lower rungs that were due too, or had nobody to tell; their readers get a copy."""


def due_day(
    running: RunningClock, ladder: Ladder, calendar: WorkCalendar
) -> tuple[RungKey, date] | None:
    """Return the next rung of a clock and the day it is due, or None once there is none."""
    climbed = max((ladder.rank(key) for key in running.fired), default=-1)
    for rank in range(climbed + 1, len(ladder.rungs)):
        day = _day_of(running, rank, ladder, calendar)
        if day is not None:
            return ladder.rungs[rank].key, day
    return None


def _day_of(
    running: RunningClock, rank: int, ladder: Ladder, calendar: WorkCalendar
) -> date | None:
    """Return when a clock reaches a rung; None while the rung before must first be told."""
    rung = ladder.rungs[rank]
    threshold = running.threshold(rung.key, ladder, calendar)
    if not rung.only_after_told:
        return threshold
    told = running.told.get(ladder.rungs[rank - 1].key)
    return None if told is None else max(threshold, calendar.add(told, rung.after))


def climbing_day(
    clocks: Iterable[RunningClock],
    ladder: Ladder,
    calendar: WorkCalendar,
    *,
    standing_on: RungKey,
    today: date,
) -> date | None:
    """Return an order's deadline: the day it climbs to the rung above, if nothing changes.

    None on the top rung, and while the one above waits for this one to be told. A day that has
    come already, because nobody was there to be told, is tried again the next working day.
    """
    above = ladder.rank(standing_on) + 1
    if above == len(ladder.rungs):
        return None
    days = (_day_of(each, above, ladder, calendar) for each in clocks)
    climbs = min((day for day in days if day is not None), default=None)
    if climbs is not None and climbs <= today:
        return next_working_day(today, calendar)
    return climbs


def next_due_day(
    clocks: Iterable[RunningClock], ladder: Ladder, calendar: WorkCalendar
) -> date | None:
    """Return the day on which the visit's next rung is due, whichever clock it is of."""
    due = (due_day(each, ladder, calendar) for each in clocks)
    return min((day for found in due if found for _, day in [found]), default=None)


def firing_on(
    day: date,
    clocks: Iterable[RunningClock],
    ladder: Ladder,
    calendar: WorkCalendar,
    *,
    standing_on: RungKey | None,
    nobody_at: Collection[RungKey],
) -> Firing | None:
    """Return what fires on `day`, or None if nothing is due or nobody is there to be told.

    A rung is due once its threshold is reached *or passed*, so nights that were missed lead to
    one firing, at the right rung. A rung with nobody (`nobody_at`) goes to the next at once, but
    never to one that waits for it to have been told. `standing_on` is the open order's rung: a
    later clock never lowers it.
    """
    fired: list[tuple[Clock, RungKey]] = []
    passed_over: list[tuple[Clock, RungKey]] = []
    for running in clocks:
        climb = _climb(running, day, ladder, calendar, nobody_at)
        if climb:
            *lower, top = climb
            fired.append((running.clock, top))
            passed_over += [(running.clock, key) for key in lower]
    if not fired:
        return None
    order_rung = max((key for _, key in fired), key=ladder.rank)
    if ladder.rank(standing_on) > ladder.rank(order_rung) and standing_on is not None:
        order_rung = standing_on
    return Firing(order_rung, tuple(fired), tuple(passed_over))


def _climb(
    running: RunningClock,
    day: date,
    ladder: Ladder,
    calendar: WorkCalendar,
    nobody_at: Collection[RungKey],
) -> list[RungKey]:
    """Return the rungs that one clock climbs on `day`, the last of them with somebody to tell."""
    climbed: list[RungKey] = []
    top = 0
    now = running
    while found := due_day(now, ladder, calendar):
        key, due = found
        after_nobody = bool(climbed) and climbed[-1] in nobody_at and not _waits(key, ladder)
        if due > day and not after_nobody:
            break
        climbed.append(key)
        if key not in nobody_at:
            top = len(climbed)
        now = RunningClock(
            now.clock, now.origin, now.budget, now.used, [*now.fired, key], running.told
        )
    return climbed[:top]


def _waits(key: RungKey, ladder: Ladder) -> bool:
    return ladder.rungs[ladder.rank(key)].only_after_told


@dataclass(frozen=True)
class LightDays:
    """The days from which a visit shows yellow and red; before them it is green."""

    yellow: date | None
    red: date | None


def light_days(
    clocks: Collection[RunningClock], ladder: Ladder, calendar: WorkCalendar, *, today: date
) -> LightDays:
    """Yellow at the budget, red when the ladder reaches the rung that the policy names."""
    if not clocks:
        return LightDays(None, None)
    red = ladder.days_after_budget(ladder.red_at)
    return LightDays(
        yellow=min(each.reached(0, calendar, today=today) for each in clocks),
        red=min(each.reached(red, calendar, today=today) for each in clocks),
    )


def next_working_day(day: date, calendar: WorkCalendar) -> date:
    """Return the first working day after `day`: when a run that could tell nobody tries again."""
    return calendar.add(day + timedelta(days=1), 0)
