"""Who may stand in for whom: for some days, in no circle, and in no long chain."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from state_machines.errors import ValueRefused
from state_machines.posts import LONGEST_DELEGATION


@dataclass(frozen=True)
class StandIn:
    """On each of these days, both included, `stand_in` answers for whatever `holder` holds."""

    holder: int
    stand_in: int
    from_day: date
    to_day: date

    def covers(self, day: date) -> bool:
        return self.from_day <= day <= self.to_day


def refuse_delegation(new: StandIn, others: Collection[StandIn]) -> None:
    """Refuse a delegation that would leave unclear who answers on one of its days.

    A's posts may be answered by B, and B's by C; a longer chain is nobody's responsibility. Raises
    `ValueRefused` for days that end before they begin, for standing in for oneself, for a holder
    who has a stand-in on one of the days already, for a circle, and for a chain that is too long.
    """
    if new.to_day < new.from_day:
        raise ValueRefused("to_day", "not before the first day", new.to_day)
    if new.stand_in == new.holder:
        raise ValueRefused("stand_in", "somebody else")
    days = [new.from_day, *(each.from_day for each in others if new.covers(each.from_day))]
    for day in days:  # between these, nobody begins to stand in
        standing = {each.holder: each.stand_in for each in others if each.covers(day)}
        if new.holder in standing:
            raise ValueRefused("from_day", "days without another stand-in", day)
        after = _chain(new.stand_in, standing)
        if new.holder in after:
            raise ValueRefused("stand_in", "no circle of stand-ins")
        chains = [_chain(each, standing) for each in standing]
        before = max((e.index(new.holder) + 1 for e in chains if new.holder in e), default=0)
        if before + 1 + len(after) > LONGEST_DELEGATION:
            raise ValueRefused("stand_in", "no longer chain of stand-ins")


def _chain(person: int, standing: Mapping[int, int]) -> list[int]:
    """Return who stands in for a person, one after another."""
    chain: list[int] = []
    while person in standing and standing[person] not in chain:
        person = standing[person]
        chain.append(person)
    return chain
