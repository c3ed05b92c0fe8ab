"""The ladder as product.md (section 5) tells it, walked one day at a time.

Slow and plain, and none of Luodi's code: what it says is what the rules are checked against. Days
are dates of Asia/Shanghai, rungs are numbered from the lowest, clocks go by their names.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, timedelta

DAY = timedelta(days=1)

IsWorking = Callable[[date], bool]


def working_days(after: date, until: date, is_working: IsWorking) -> int:
    """How many working days there are after one day, up to and including another."""
    count, day = 0, after
    while day < until:
        day += DAY
        count += is_working(day)
    return count


@dataclass(frozen=True)
class Step:
    """A rung: so many working days after the one before it."""

    after: int
    waits: bool = False
    """Not before the rung below was told that long ago."""


@dataclass
class Episode:
    """One clock since its last origin, and which rungs have fired in it, and on which day."""

    origin: date
    budget: int
    used: int = 0
    climbed: set[int] = field(default_factory=set)
    told: dict[int, date] = field(default_factory=dict)
    still: set[date] = field(default_factory=set)
    """The days that do not count."""

    def spent(self, on: date, is_working: IsWorking) -> int:
        return self.used + working_days(
            self.origin, on, lambda day: is_working(day) and day not in self.still
        )

    def is_full(self, days: int, on: date, is_working: IsWorking) -> bool:
        """Whether the clock has run `days` working days by the last working day up to `on`."""
        day = on
        while not is_working(day):
            day -= DAY
        return day >= self.origin and self.spent(day, is_working) >= days


def is_due(rung: int, episode: Episode, steps: list[Step], on: date, is_working: IsWorking) -> bool:
    """Whether a rung is reached or passed, and may fire."""
    days = episode.budget + sum(step.after for step in steps[: rung + 1])
    if not episode.is_full(days, on, is_working):
        return False
    if not steps[rung].waits:
        return True
    told = episode.told.get(rung - 1)
    return told is not None and working_days(told, on, is_working) >= steps[rung].after


@dataclass(frozen=True)
class Night:
    """What one night does for one project: the order's rung, and what fires or is passed over."""

    order: int
    fires: frozenset[tuple[str, int]]
    passes_over: frozenset[tuple[str, int]]


def night(
    on: date,
    clocks: dict[str, Episode],
    steps: list[Step],
    is_working: IsWorking,
    *,
    order: int | None,
    nobody_at: Collection[int],
) -> Night | None:
    """Return what is owed on a day, or None."""
    fires, passes_over = set(), set()
    for name, episode in clocks.items():
        climbing = []
        for rung in range(max(episode.climbed, default=-1) + 1, len(steps)):
            goes_on_at_once = bool(climbing) and climbing[-1] in nobody_at and not steps[rung].waits
            if not goes_on_at_once and not is_due(rung, episode, steps, on, is_working):
                break
            climbing.append(rung)
        while climbing and climbing[-1] in nobody_at:
            climbing.pop()
        if climbing:
            fires.add((name, climbing[-1]))
            passes_over |= {(name, rung) for rung in climbing[:-1]}
    if not fires:
        return None
    highest = max(rung for _, rung in fires)
    return Night(
        max(highest, -1 if order is None else order), frozenset(fires), frozenset(passes_over)
    )


def first_day(
    holds: Callable[[date], bool], since: date, *, is_working: IsWorking, until: date
) -> date | None:
    """Return the first working day from `since` on on which something holds."""
    day = since
    while day <= until:
        if is_working(day) and holds(day):
            return day
        day += DAY
    return None
