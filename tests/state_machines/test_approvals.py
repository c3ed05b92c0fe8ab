"""What one answer means, and what all of them together mean."""

from collections import defaultdict
from itertools import product

import pytest

from state_machines.approvals import (
    APPROVALS,
    NEEDS_COMMENT,
    REQUESTS,
    Answer,
    ApprovalState,
    RequestMove,
    RequestState,
    verdict,
)
from state_machines.errors import IllegalMove

A, R, S, P, M = "approved", "rejected", "sent_back", "pending", "moot"

ANSWERED = {("pending", "approve"): A, ("pending", "reject"): R, ("pending", "send_back"): S}
SAID_AGAIN = {(A, "approve"): A, (R, "reject"): R, (S, "send_back"): S}
SETTLED = {
    ("pending", "approve"): "approved",
    ("pending", "reject"): "rejected",
    ("pending", "send_back"): "sent_back",
    ("pending", "withdraw"): "withdrawn",
    ("pending", "supersede"): "superseded",
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
def test_only_a_pending_request_is_settled_and_only_once(state, move):
    expected = SETTLED.get((state.value, move.value))

    if expected:
        assert REQUESTS.after(state, move) == expected
    else:
        with pytest.raises(IllegalMove):
            REQUESTS.after(state, move)


def test_saying_no_needs_a_reason_and_saying_yes_does_not():
    assert {*NEEDS_COMMENT} == {*Answer} - {Answer.APPROVE}


def by_hand(answers):
    """The verdict as product.md tells it: a no settles; else every post has somebody's yes."""
    posts = defaultdict(set)
    for post, state in answers:
        posts[post].add(state.value)
    said = [state.value for _, state in answers if state.value in (R, S)]
    if said:
        return {R: RequestMove.REJECT, S: RequestMove.SEND_BACK}[said[0]]
    if posts and all(A in states for states in posts.values()):
        return RequestMove.APPROVE
    return None


SHAPES = [
    ["x"],
    ["x", "x"],
    ["x", "y"],
    ["x", "x", "x"],
    ["x", "x", "y"],
    ["x", "y", "z"],
    ["x", "x", "y", "z"],
]
"""Who is asked: up to three posts, some with several holders."""


@pytest.mark.parametrize("posts", SHAPES, ids="".join)
def test_the_verdict_over_every_combination_of_answers(posts):
    for states in product(ApprovalState, repeat=len(posts)):
        answers = list(zip(posts, states, strict=True))

        assert verdict(answers) == by_hand(answers), answers


def test_asking_nobody_is_no_agreement():
    assert verdict([]) is None


def test_one_holder_of_a_post_answers_for_all_of_them():
    approved, pending = ApprovalState.APPROVED, ApprovalState.PENDING

    assert verdict([("x", approved), ("x", pending)]) is RequestMove.APPROVE
    assert verdict([("x", approved), ("y", pending)]) is None
