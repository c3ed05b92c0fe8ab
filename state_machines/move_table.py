"""`transitions` as a lookup table: one machine per kind of state, shared by all rows.

The machine never meets a database row: it would hold on to every row it was given and reset its
state. Each question is put to it with a throwaway cursor instead.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from transitions import Machine, MachineError

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
        self._machine = Machine(
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

    def after(self, state: State, move: Move, *, towards: State | None = None) -> State:
        """Return the state that `move` leads to, or raise `IllegalMove`.

        `towards` is read only where the move forks; there it is compulsory.
        """
        cursor = _Cursor(state)
        try:
            self._machine.events[self._trigger(state, move, towards)].trigger(cursor)
        except (MachineError, KeyError) as error:
            raise IllegalMove(state, move) from error
        return cursor.state

    def leading_out_of(self, state: State) -> tuple[Move, ...]:
        """Return the moves that exist from `state`, in the order of the table."""
        return tuple(dict.fromkeys(move for source, move, _ in self.moves if source is state))

    def _trigger(self, source: State, move: Move, dest: State | None) -> str:
        return f"{move}>{dest}" if (source, move) in self._forked else move.value
