"""Work out what a stalled project is owed: which rung, who is told, who gets a copy."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from db.queries.due import DueProject
from db.queries.projects import places_of
from state_machines.ladder import Firing, Rung, firing_on
from state_machines.policy import Policy
from state_machines.posts import PostKey, Roster, Told, empty_posts, readers
from state_machines.working_days import WorkCalendar
from use_cases.clocks import running_clocks


@dataclass(frozen=True)
class Escalation:
    """What one due project is owed on one day."""

    due: DueProject
    firing: Firing | None
    told: tuple[Told, ...]
    copied: tuple[Told, ...]
    empty: tuple[PostKey, ...]
    """Posts on the rungs that were due which nobody holds."""

    @property
    def to(self) -> tuple[int, ...]:
        """The people who are told, and those who get a copy."""
        return tuple(each.person_id for each in (*self.told, *self.copied))


@dataclass(frozen=True)
class Ground:
    """What a run stands on: the rules, the calendar, and who holds which post that day."""

    policy: Policy
    calendar: WorkCalendar
    roster: Roster


def planned(due: DueProject, day: date, ground: Ground) -> Escalation:
    """Work out what a due project is owed on `day`; writes nothing."""
    ladder = ground.policy.ladder
    clocks = running_clocks(due.project, due.visit, due.firings, ground.policy)
    places = places_of(due.project)
    by_rung = {
        rung.key: readers(rung.tells, due.owner_id, places, ground.roster) for rung in ladder.rungs
    }
    firing = firing_on(
        day,
        clocks,
        ladder,
        ground.calendar,
        standing_on=due.order.rung if due.order else None,
        nobody_at=[key for key, told in by_rung.items() if not told],
    )
    reached = _reached(firing, ladder.rungs)
    empty = [post for rung in reached for post in empty_posts(rung.tells, places, ground.roster)]
    if firing is None:
        return Escalation(due, None, (), (), tuple(dict.fromkeys(empty)))
    # With both clocks due the order stands on the higher rung, whatever the other one reached.
    top = max(ladder.rank(key) for _, key in firing.fired)
    told = by_rung[ladder.rungs[top].key]
    lower = (each for rung in ladder.rungs[:top] for each in by_rung[rung.key])
    # Who owes it a hold is told, too: the clocks run until that is granted.
    copied = _each_once([*lower, *due.owing])
    already = {each.person_id for each in told}
    return Escalation(
        due,
        firing,
        told,
        tuple(each for each in copied if each.person_id not in already),
        tuple(dict.fromkeys(empty)),
    )


def _reached(firing: Firing | None, rungs: Sequence[Rung]) -> list[Rung]:
    """The rungs whose empty posts are news: those that fire, or all if nobody could be told."""
    if firing is None:
        return list(rungs)
    keys = {key for _, key in (*firing.fired, *firing.passed_over)}
    return [rung for rung in rungs if rung.key in keys]


def _each_once(told: Iterable[Told]) -> tuple[Told, ...]:
    return tuple({each.person_id: each for each in told}.values())
