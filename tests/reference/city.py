"""Projects that stall, pause, move and are ordered on, as product.md (3, 5 and 10) tells it.

None of Luodi's code: a project is a stage, its clocks in each stage it has been in, and the rung
its order stands on. Budgets, rungs and readers are written down by hand from product.md.
"""

from dataclasses import dataclass, field
from datetime import date

from tests.reference.ladder import DAY, Episode, IsWorking, Night, Step, night, working_days

LADDER = [Step(0), Step(5), Step(10), Step(15, waits=True)]
RED_AFTER = 15
RUNGS = ["owner", "unit", "municipality", "deputy_mayor"]
BUDGETS = {"lead": 10, "negotiation": 40, "signed": 60, "factory_leased": 40}
SILENCE = 20
BACK = {"negotiation": "lead", "signed": "negotiation", "factory_leased": "signed"}
ON = {
    "open_negotiation": ("lead", "negotiation"),
    "sign": ("negotiation", "signed"),
    "lease_factory": ("signed", "factory_leased"),
    "start": ("factory_leased", "started"),
}


@dataclass
class ModelProject:
    """One project; `tells` are its readers on each rung, empty where nobody is."""

    priority: bool
    tells: list[frozenset[int]]
    stage: str
    stays: dict[str, dict[str, Episode]] = field(default_factory=dict)
    lost_from: str = ""
    order: int | None = None
    ordered_by: set[str] = field(default_factory=set)
    """The clocks of the rungs that fired under the open order."""
    still: set[date] = field(default_factory=set)
    """The days on which no clock runs: holds and freezes."""
    held_until: date | None = None
    held_days: int = 0
    extensions: int = 0
    frozen_on: date | None = None

    def _days(self, budget: int) -> int:
        return (budget * 3 + 3) // 4 if self.priority else budget

    def enter(self, stage: str, day: date) -> None:
        self.stage = stage
        if stage not in BUDGETS:
            return
        if stage not in self.stays:
            self.stays[stage] = {
                "stage": Episode(day, self._days(BUDGETS[stage]), still=self.still),
                "silence": Episode(day, self._days(SILENCE), still=self.still),
            }
        for clock in self.stays[stage].values():
            clock.origin = day

    def moves(self) -> list[str]:
        """The moves that lead on, back and away from here."""
        if self.stage == "lost":
            return ["revive"]
        on = [move for move, (source, _) in ON.items() if source == self.stage]
        return on + (["step_back"] if self.stage in BACK else []) + (["lose"] if on else [])

    def move(self, move: str, day: date, is_working: IsWorking) -> None:
        """Days used in a stage stay used; moving on and losing close order and hold."""
        for clock in self.stays.get(self.stage, {}).values():
            clock.used = clock.spent(day, is_working)
            clock.origin = day
        if move == "revive":
            self.enter(self.lost_from, day)
        elif move == "step_back":
            self.enter(BACK[self.stage], day)
        elif move == "lose":
            self.lost_from = self.stage
            self._end_order_and_hold(day, is_working)
            self.enter("lost", day)
        else:
            self._end_order_and_hold(day, is_working)
            self.enter(ON[move][1], day)

    def _end_order_and_hold(self, day: date, is_working: IsWorking) -> None:
        self._close_order()
        if self.is_held(day):
            assert self.held_until is not None
            self.held_days -= working_days(day, self.held_until, is_working)
            self.still -= {each for each in self.still if each > day}
            self.held_until = None

    def _close_order(self) -> None:
        self.order = None
        self.ordered_by.clear()

    def is_held(self, day: date) -> bool:
        return self.held_until is not None and day < self.held_until

    def hold(self, day: date, until: date, is_working: IsWorking) -> None:
        """No day counts after the granting until the end, and the order is closed."""
        self.held_until = until
        self.held_days += working_days(day, until, is_working)
        self.still |= _days(day, until)
        self._close_order()

    def extend(self, day: date, days: int, is_working: IsWorking) -> None:
        """So many days are left from now on, if not more; rungs fire afresh."""
        clock = self.stays[self.stage]["stage"]
        used = min(clock.spent(day, is_working), max(clock.budget - days, 0))
        origin = max(day, self.held_until or day)
        self.stays[self.stage]["stage"] = Episode(origin, clock.budget, used, still=self.still)
        self.extensions += 1
        if "stage" in self.ordered_by:
            self._close_order()

    def freeze(self, day: date) -> None:
        self.frozen_on = day

    def thaw(self, day: date) -> None:
        """The days since it froze have not counted."""
        assert self.frozen_on is not None
        self.still |= _days(self.frozen_on, day)
        self.frozen_on = None

    def light(self, day: date, is_working: IsWorking) -> str | None:
        """The light of a working day from nine on; frozen, it is that of the day it froze."""
        clocks = self.stays.get(self.stage, {}).values()
        if not clocks:
            return None
        on = self.frozen_on or day
        over = max(each.spent(on, is_working) - each.budget for each in clocks)
        return "red" if over >= RED_AFTER else "yellow" if over >= 0 else "green"

    def note(self, happened_on: date) -> None:
        """Progress begins a new episode, unless later progress is known."""
        clocks = self.stays.get(self.stage, {})
        if clocks and happened_on >= clocks["silence"].origin:
            clocks["silence"] = Episode(happened_on, self._days(SILENCE), still=self.still)

    def night(self, day: date, is_working: IsWorking) -> Night | None:
        """What fires on a day, written down as fired; nothing during a hold or a freeze."""
        if self.is_held(day) or self.frozen_on is not None:
            return None
        clocks = self.stays.get(self.stage, {})
        empty = [rung for rung, people in enumerate(self.tells) if not people]
        found = night(day, clocks, LADDER, is_working, order=self.order, nobody_at=empty)
        if found:
            self.order = found.order
            self.ordered_by |= {name for name, _ in found.fires | found.passes_over}
            for name, rung in found.fires | found.passes_over:
                clocks[name].climbed.add(rung)
            for name, rung in found.fires:
                clocks[name].told[rung] = day
        return found

    def readers(self, found: Night) -> frozenset[int]:
        """Those of the highest rung that fires, and of all below it."""
        highest = max(rung for _, rung in found.fires)
        return frozenset().union(*self.tells[: highest + 1])


def _days(after: date, until: date) -> set[date]:
    return {after + DAY * n for n in range(1, (until - after).days + 1)}
