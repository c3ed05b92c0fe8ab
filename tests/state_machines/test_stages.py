"""Every stage × every move, from a table written by hand from product.md, section 3."""

from itertools import product

import pytest

from state_machines.errors import IllegalMove
from state_machines.stages import (
    CLOCKED,
    FORWARD,
    GATED,
    NEEDS_REASON,
    OFFERED,
    STAGES,
    Move,
    Stage,
    destination,
)

LEADS_TO = {
    ("lead", "open_negotiation"): "negotiation",
    ("lead", "lose"): "lost",
    ("negotiation", "sign"): "signed",
    ("negotiation", "lose"): "lost",
    ("negotiation", "step_back"): "lead",
    ("signed", "lease_factory"): "factory_leased",
    ("signed", "start"): "started",
    ("signed", "lose"): "lost",
    ("signed", "step_back"): "negotiation",
    ("factory_leased", "start"): "started",
    ("factory_leased", "lose"): "lost",
    ("factory_leased", "step_back"): "signed",
}
"""The moves that lead to one place, wherever the project was before."""

BACK_TO = {
    ("lost", "revive"): {"lead", "negotiation", "signed", "factory_leased"},
    ("started", "annul_start"): {"signed", "factory_leased"},
    # Wherever another move could have come from.
    ("lead", "annul"): {"negotiation", "lost"},
    ("negotiation", "annul"): {"lead", "signed", "lost"},
    ("signed", "annul"): {"negotiation", "factory_leased", "started", "lost"},
    ("factory_leased", "annul"): {"signed", "started", "lost"},
    ("started", "annul"): {"signed", "factory_leased"},
    ("lost", "annul"): {"lead", "negotiation", "signed", "factory_leased"},
}
"""The moves that lead back to where the project was, and where that can have been."""

EVERY_WAY = list(product(Stage, Move, [None, *Stage]))


@pytest.mark.parametrize(("stage", "move", "came_from"), EVERY_WAY)
def test_every_move_leads_where_the_table_says_or_nowhere(stage, move, came_from):
    straight = LEADS_TO.get((stage.value, move.value))
    back = came_from if came_from in BACK_TO.get((stage.value, move.value), ()) else None
    expected = straight or back

    if expected:
        assert destination(stage, move, came_from=came_from) == expected
    else:
        with pytest.raises(IllegalMove) as refused:
            destination(stage, move, came_from=came_from)
        assert (refused.value.state, refused.value.move) == (stage, move)


@pytest.mark.parametrize("stage", Stage)
def test_the_moves_out_of_a_stage_are_those_of_the_table(stage):
    expected = {move for source, move in [*LEADS_TO, *BACK_TO] if source == stage}

    assert {*STAGES.leading_out_of(stage)} == expected


def test_every_other_move_can_be_annulled_and_nobody_is_offered_that():
    others = [(before, after) for before, move, after in STAGES.moves if move is not Move.ANNUL]

    assert all(
        destination(after, Move.ANNUL, came_from=before) is before for before, after in others
    )
    assert {*Move} - {*OFFERED} == {Move.ANNUL}


def test_nothing_leads_from_a_stage_to_itself():
    assert all(source is not destination for source, _, destination in STAGES.moves)


def test_time_runs_everywhere_but_in_started_and_lost():
    assert {*Stage} - {*CLOCKED} == {Stage.STARTED, Stage.LOST}


def test_a_move_on_and_a_revival_meet_a_gate_and_the_ways_out_do_not():
    assert {*GATED} == {*FORWARD, Move.REVIVE}
    assert {*FORWARD} == {Move.OPEN_NEGOTIATION, Move.SIGN, Move.LEASE_FACTORY, Move.START}


def test_whatever_leads_away_or_back_needs_a_reason():
    assert {*NEEDS_REASON} == {*Move} - {*FORWARD}
