"""What can be asked, what one answer means, and what becomes of a round."""

from itertools import product

import pytest

from state_machines.approvals import (
    APPROVALS,
    NEEDS_COMMENT,
    PAUSES,
    REQUESTS,
    Answer,
    ApprovalState,
    RequestMove,
    RequestState,
    Subject,
)
from state_machines.errors import IllegalMove
from state_machines.stages import OFFERED

A, R, S = "approved", "rejected", "sent_back"

ANSWERED = {("pending", "approve"): A, ("pending", "reject"): R, ("pending", "send_back"): S}
SAID_AGAIN = {(A, "approve"): A, (R, "reject"): R, (S, "send_back"): S}
SETTLED = {
    ("pending", "approve"): "approved",
    ("pending", "reject"): "rejected",
    ("pending", "send_back"): "sent_back",
    ("pending", "withdraw"): "withdrawn",
    ("pending", "supersede"): "superseded",
    ("pending", "expire"): "expired",
    # Only what somebody's answer has done, or could still do, can turn out to be somebody else's.
    ("pending", "annul"): "annulled",
    ("approved", "annul"): "annulled",
    ("rejected", "annul"): "annulled",
    ("sent_back", "annul"): "annulled",
}


@pytest.mark.parametrize(("state", "answer"), [*product(ApprovalState, Answer)])
def test_an_answer_stands_once_given_and_giving_it_again_is_harmless(state, answer):
    expected = (ANSWERED | SAID_AGAIN).get((state.value, answer.value))

    if expected:
        assert APPROVALS.after(state, answer) == expected
    else:
        with pytest.raises(IllegalMove):
            APPROVALS.after(state, answer)


@pytest.mark.parametrize(("state", "move"), [*product(RequestState, RequestMove)])
def test_only_a_pending_request_is_settled_and_only_an_annulment_undoes_that(state, move):
    expected = SETTLED.get((state.value, move.value))

    if expected:
        assert REQUESTS.after(state, move) == expected
    else:
        with pytest.raises(IllegalMove):
            REQUESTS.after(state, move)


def test_saying_no_needs_a_reason_and_saying_yes_does_not():
    assert {*NEEDS_COMMENT} == {*Answer} - {Answer.APPROVE}


def test_every_move_can_be_asked_for_and_besides_them_only_more_time():
    moves = {subject: subject.move for subject in Subject if subject.move is not None}

    assert {*moves.values()} == {*OFFERED}
    assert all(subject.value == move.value for subject, move in moves.items())
    assert {*Subject} - {*moves} == {Subject.HOLD, Subject.EXTENSION} == {*PAUSES}
