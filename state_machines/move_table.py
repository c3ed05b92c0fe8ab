"""`transitions` as a lookup table: one machine per kind of state, shared by all rows.

The machine never meets a database row: it would hold on to every row it was given and reset its
state. Every question is put to it once, with a throwaway cursor, and its answer kept.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from transitions import Machine

from state_machines.errors import IllegalMove

State = TypeVar("State", bound=StrEnum)
Move = TypeVar("Move", bound=StrEnum)


@dataclass
class _Cursor(Generic[State]):
    state: State


class MoveTable(Generic[State, Move]):
    """The legal moves between the members of one enum.

    A move that can lead from one state to several others (back to where it came from) is asked
    with `towards`; memory is the caller's, the table only says whether that way exists.
    """

    def __init__(self, states: type[State], moves: Iterable[tuple[State, Move, State]]) -> None:
        self.moves = tuple(moves)
        ways = Counter((source, move) for source, move, _ in self.moves)
        self._forked = {(source, move) for (source, move), count in ways.items() if count > 1}
        machine = Machine(
            model=None,
            states=states,
            initial=None,
            auto_transitions=False,
            transitions=[
                {
                    "trigger": self._trigger(source, move, dest),
                    "source": source,
                    "dest": dest,
                }
                for source, move, dest in self.moves
            ],
        )
        # The machine is asked once for each move that there is: it takes its time to answer.
        self._after: dict[tuple[State, Move, State | None], State] = {}
        for source, move, dest in self.moves:
            cursor = _Cursor(source)
            machine.events[self._trigger(source, move, dest)].trigger(cursor)
            self._after[source, move, self._way(source, move, dest)] = cursor.state

    def after(self, state: State, move: Move, *, towards: State | None = None) -> State:
        """Return the state that `move` leads to, or raise `IllegalMove`.

        `towards` is read only where the move forks; there it is compulsory.
        """
        after = self._after.get((state, move, self._way(state, move, towards)))
        if after is None:
            raise IllegalMove(state, move)
        return after

    def leading_out_of(self, state: State) -> tuple[Move, ...]:
        """Return the moves that exist from `state`, in the order of the table."""
        return tuple(dict.fromkeys(move for source, move, _ in self.moves if source is state))

    def _way(self, source: State, move: Move, dest: State | None) -> State | None:
        return dest if (source, move) in self._forked else None

    def _trigger(self, source: State, move: Move, dest: State) -> str:
        return f"{move}>{dest}" if (source, move) in self._forked else move.value
