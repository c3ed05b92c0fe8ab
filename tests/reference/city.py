"""Projects that stall, move and are ordered on, as product.md (sections 3 and 5) tells it.

None of Luodi's code: a project is a stage, its clocks in each stage it has been in, and the rung
its order stands on. Budgets, rungs and readers are written down by hand from product.md.
"""

from dataclasses import dataclass, field
from datetime import date

from tests.reference.ladder import Episode, IsWorking, Night, Step, night

LADDER = [Step(0), Step(5), Step(10), Step(15, waits=True)]
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

    def _days(self, budget: int) -> int:
        return (budget * 3 + 3) // 4 if self.priority else budget

    def enter(self, stage: str, day: date) -> None:
        self.stage = stage
        if stage not in BUDGETS:
            return
        if stage not in self.stays:
            self.stays[stage] = {
                "stage": Episode(day, self._days(BUDGETS[stage])),
                "silence": Episode(day, self._days(SILENCE)),
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
        """Days used in a stage stay used; moving on and losing close the order."""
        for clock in self.stays.get(self.stage, {}).values():
            clock.used = clock.spent(day, is_working)
            clock.origin = day
        if move == "revive":
            self.enter(self.lost_from, day)
        elif move == "step_back":
            self.enter(BACK[self.stage], day)
        elif move == "lose":
            self.lost_from, self.order = self.stage, None
            self.enter("lost", day)
        else:
            self.order = None
            self.enter(ON[move][1], day)

    def note(self, happened_on: date) -> None:
        """Progress begins a new episode, unless later progress is known."""
        clocks = self.stays.get(self.stage, {})
        if clocks and happened_on >= clocks["silence"].origin:
            clocks["silence"] = Episode(happened_on, self._days(SILENCE))

    def night(self, day: date, is_working: IsWorking) -> Night | None:
        """What fires on a day, written down as fired."""
        clocks = self.stays.get(self.stage, {})
        empty = [rung for rung, people in enumerate(self.tells) if not people]
        found = night(day, clocks, LADDER, is_working, order=self.order, nobody_at=empty)
        if found:
            self.order = found.order
            for name, rung in found.fires | found.passes_over:
                clocks[name].climbed.add(rung)
            for name, rung in found.fires:
                clocks[name].told[rung] = day
        return found

    def readers(self, found: Night) -> frozenset[int]:
        """Those of the highest rung that fires, and of all below it."""
        highest = max(rung for _, rung in found.fires)
        return frozenset().union(*self.tells[: highest + 1])
