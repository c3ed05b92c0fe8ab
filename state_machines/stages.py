"""The stages of a project, and the moves between them (product.md, section 3)."""

from enum import StrEnum

from state_machines.move_table import MoveTable


class Stage(StrEnum):
    LEAD = "lead"
    NEGOTIATION = "negotiation"
    SIGNED = "signed"
    FACTORY_LEASED = "factory_leased"
    STARTED = "started"
    LOST = "lost"


class Move(StrEnum):
    OPEN_NEGOTIATION = "open_negotiation"
    SIGN = "sign"
    LEASE_FACTORY = "lease_factory"
    START = "start"
    LOSE = "lose"
    REVIVE = "revive"
    STEP_BACK = "step_back"
    ANNUL_START = "annul_start"
    ANNUL = "annul"
    """Take back a move whose approval was somebody else's doing; nobody can ask for it."""


CLOCKED = (Stage.LEAD, Stage.NEGOTIATION, Stage.SIGNED, Stage.FACTORY_LEASED)
"""The stages in which time runs. A started or lost project has no clocks."""

FORWARD = (Move.OPEN_NEGOTIATION, Move.SIGN, Move.LEASE_FACTORY, Move.START)
"""The moves that take a project on."""

GATED = (*FORWARD, Move.REVIVE)
"""The moves that a gate guards. The others lead away from what it guards: nothing is asked."""

NEEDS_REASON = (Move.LOSE, Move.REVIVE, Move.STEP_BACK, Move.ANNUL_START, Move.ANNUL)
"""The moves that nobody makes without saying why."""

OFFERED = tuple(move for move in Move if move is not Move.ANNUL)
"""The moves that people make, or ask for."""

_WAYS = (
    (Stage.LEAD, Move.OPEN_NEGOTIATION, Stage.NEGOTIATION),
    (Stage.NEGOTIATION, Move.SIGN, Stage.SIGNED),
    (Stage.SIGNED, Move.LEASE_FACTORY, Stage.FACTORY_LEASED),
    # Only if no factory is needed: the gate asks that, not the table.
    (Stage.SIGNED, Move.START, Stage.STARTED),
    (Stage.FACTORY_LEASED, Move.START, Stage.STARTED),
    *((stage, Move.LOSE, Stage.LOST) for stage in CLOCKED),
    *((Stage.LOST, Move.REVIVE, stage) for stage in CLOCKED),
    (Stage.NEGOTIATION, Move.STEP_BACK, Stage.LEAD),
    (Stage.SIGNED, Move.STEP_BACK, Stage.NEGOTIATION),
    (Stage.FACTORY_LEASED, Move.STEP_BACK, Stage.SIGNED),
    (Stage.STARTED, Move.ANNUL_START, Stage.SIGNED),
    (Stage.STARTED, Move.ANNUL_START, Stage.FACTORY_LEASED),
)

STAGES = MoveTable(
    Stage,
    moves=[*_WAYS, *dict.fromkeys((after, Move.ANNUL, before) for before, _, after in _WAYS)],
)


def destination(stage: Stage, move: Move, *, came_from: Stage | None) -> Stage:
    """Return the stage that `move` leads to; `came_from` is the stage before the present one.

    Only reviving and annulling read it: both lead back to where the project was.
    Raises `IllegalMove`.
    """
    return STAGES.after(stage, move, towards=came_from)
