"""When a step has its agreement, and when it has failed: against every way of counting by hand."""

from itertools import combinations, permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from state_machines.approvals import ApprovalState, RequestMove
from state_machines.posts import Role
from state_machines.steps import (
    Quorum,
    Step,
    Voice,
    WrittenStep,
    has_quorum,
    most_distinct,
    outcome,
)
from tests.reference import approvals as plain

ROLES = (Role.UNIT_LEADER, Role.SPECIAL_TEAM_LEAD, Role.PROMOTION_CENTER_HEAD)
X, Y, Z = ROLES
P, A, R, S, M, N = ApprovalState
MOVES = {
    "approved": RequestMove.APPROVE,
    "rejected": RequestMove.REJECT,
    "sent_back": RequestMove.SEND_BACK,
    None: None,
}

STEPS = [
    Step(asks=ROLES[:count], needs=needs, veto=veto)
    for count in (1, 2, 3)
    for needs in ("all", "any", *range(1, count + 1))
    for veto in (True, False)
]


def describe(step):
    return f"{step.needs}-of-{len(step.asks)}{'' if step.veto else '-no-veto'}"


every_step = pytest.mark.parametrize("step", STEPS, ids=describe)
steps = st.sampled_from(STEPS)


def by_hand(step):
    needs = step.needs.value if isinstance(step.needs, Quorum) else step.needs
    return plain.Step(tuple(role.value for role in step.asks), needs, step.veto)


def subsets(pairs):
    return [some for size in range(len(pairs) + 1) for some in combinations(pairs, size)]


def by_role(step, pairs):
    return {role: {person for post, person in pairs if post is role} for role in step.asks}


@every_step
def test_a_quorum_is_counted_as_by_trying_every_assignment_of_persons_to_posts(step):
    for yes in subsets([*product(step.asks, (1, 2, 3))]):
        assert has_quorum(step, by_role(step, yes)) == plain.is_agreed(by_hand(step), yes), yes


agreements = st.dictionaries(
    st.sampled_from([*Role]), st.sets(st.integers(1, 4), max_size=3), max_size=4
)


@given(agreements)
def test_distinct_persons_are_as_many_as_the_best_assignment_finds(agreeing):
    yes = {(role.value, person) for role, people in agreeing.items() for person in people}
    asks = tuple(role.value for role in agreeing)

    most = most_distinct(agreeing)

    assert most == 0 or plain.is_agreed(plain.Step(asks, most), yes)
    assert not plain.is_agreed(plain.Step(asks, most + 1), yes)


@given(agreements, st.randoms())
def test_no_order_of_posts_or_persons_changes_how_many_distinct_there_are(agreeing, chance):
    shuffled = [(role, [*people]) for role, people in agreeing.items()]
    chance.shuffle(shuffled)
    for _, people in shuffled:
        chance.shuffle(people)

    assert most_distinct(dict(shuffled)) == most_distinct(agreeing)


@given(steps, st.data())
def test_one_more_yes_never_loses_a_quorum(step, data):
    pairs = st.tuples(st.sampled_from(step.asks), st.integers(1, 4))
    yes = data.draw(st.sets(pairs))
    more = yes | {data.draw(pairs)}

    assert has_quorum(step, by_role(step, more)) >= has_quorum(step, by_role(step, yes))


def test_one_person_in_two_posts_is_one_vote_and_yet_both_posts_agreement():
    alone = {X: {1}, Y: {1}}

    assert not has_quorum(Step(asks=(X, Y), needs=2), alone)
    assert has_quorum(Step(asks=(X, Y), needs=2), {X: {1}, Y: {1, 2}})
    assert has_quorum(Step(asks=(X, Y)), alone)


def test_two_holders_of_one_post_are_one_vote():
    assert not has_quorum(Step(asks=(X, Y, Z), needs=2), {X: {1, 2}, Y: set(), Z: set()})


def test_the_agreement_of_a_post_that_is_not_asked_counts_for_none_that_is():
    assert not has_quorum(Step(asks=(X,), needs=Quorum.ANY), {Y: {1}})
    assert not has_quorum(Step(asks=(X, Y)), {X: {1}, Z: {2}})


@pytest.mark.parametrize("needs", ["all", "any", 1, 2])
@pytest.mark.parametrize("veto", [True, False])
def test_asking_nobody_is_no_agreement(needs, veto):
    assert outcome(Step(asks=(X, Y), needs=needs, veto=veto), []) is None


SHAPES = {
    "one holder": [(X, 1)],
    "two holders": [(X, 1), (X, 2)],
    "a post each": [(X, 1), (Y, 2)],
    "one person for two posts": [(X, 1), (Y, 1)],
    "a person between two posts": [(X, 1), (Y, 1), (Y, 2)],
    "three posts": [(X, 1), (Y, 2), (Z, 3)],
    "a holder more": [(X, 1), (X, 2), (Y, 3), (Z, 4)],
}


@every_step
@pytest.mark.parametrize("shape", SHAPES)
def test_what_a_steps_answers_call_for_over_every_combination_of_them(step, shape):
    asked = [pair for pair in SHAPES[shape] if pair[0] in step.asks]
    for states in product(ApprovalState, repeat=len(asked)):
        voices = [
            Voice(role, person, state) for (role, person), state in zip(asked, states, strict=True)
        ]
        said = [(each.role.value, each.person_id, each.state.value) for each in voices]

        assert outcome(step, voices) is MOVES[plain.result(by_hand(step), said)], said


@given(steps, st.data())
def test_no_order_of_answers_changes_what_they_call_for(step, data):
    voice = st.builds(
        Voice, st.sampled_from(step.asks), st.integers(1, 3), st.sampled_from(ApprovalState)
    )
    voices = data.draw(st.lists(voice, max_size=4, unique_by=lambda e: (e.role, e.person_id)))

    assert len({outcome(step, order) for order in permutations(voices)}) == 1


TOLD = [
    # the step, what its posts X, Y and Z have said, what becomes of the round
    (Step(asks=ROLES), [A, A, A], RequestMove.APPROVE),
    (Step(asks=ROLES), [A, A, P], None),
    (Step(asks=ROLES), [A, P, R], RequestMove.REJECT),
    (Step(asks=ROLES), [S, P, R], RequestMove.REJECT),
    (Step(asks=ROLES), [S, A, P], RequestMove.SEND_BACK),
    (Step(asks=ROLES, needs="any"), [P, A, P], RequestMove.APPROVE),
    (Step(asks=ROLES, needs="any"), [R, A, P], RequestMove.REJECT),
    (Step(asks=ROLES, needs="any", veto=False), [R, A, P], RequestMove.APPROVE),
    (Step(asks=ROLES, needs="any", veto=False), [R, S, P], None),
    (Step(asks=ROLES, needs="any", veto=False), [S, S, S], RequestMove.SEND_BACK),
    (Step(asks=ROLES, needs=2, veto=False), [A, R, P], None),
    (Step(asks=ROLES, needs=2, veto=False), [A, R, A], RequestMove.APPROVE),
    (Step(asks=ROLES, needs=2, veto=False), [P, R, R], RequestMove.REJECT),
    (Step(asks=ROLES, needs=2, veto=False), [A, S, R], RequestMove.REJECT),
    (Step(asks=ROLES, needs=2, veto=False), [A, S, S], RequestMove.SEND_BACK),
    (Step(asks=ROLES, veto=False), [R, P, P], RequestMove.REJECT),
    # Who is no longer asked says nothing: without a no, the step waits for somebody else.
    (Step(asks=ROLES), [A, A, M], None),
    (Step(asks=ROLES, needs=2, veto=False), [A, M, M], None),
    (Step(asks=ROLES, needs=2, veto=False), [R, M, A], RequestMove.REJECT),
    (Step(asks=ROLES), [A, A, N], None),
]


@pytest.mark.parametrize(("step", "states", "move"), TOLD)
def test_a_veto_settles_and_a_vote_fails_only_when_it_cannot_be_won_any_more(step, states, move):
    voices = [
        Voice(role, person, state)
        for person, (role, state) in enumerate(zip(ROLES, states, strict=True))
    ]

    assert outcome(step, voices) is move


written = TypeAdapter(WrittenStep)


def test_a_step_of_one_post_is_written_by_its_name_alone():
    assert written.validate_python("unit_leader") == Step(asks=(X,), needs=Quorum.ALL, veto=True)


@every_step
def test_a_step_is_read_back_as_it_is_stored(step):
    assert Step.model_validate(step.model_dump(mode="json")) == step


@pytest.mark.parametrize(
    "wrong",
    [
        {"asks": []},
        {"asks": ["unit_leader"], "needs": 0},
        {"asks": ["unit_leader"], "needs": -1},
        {"asks": ["unit_leader"], "needs": "most"},
        {"asks": ["unit_leader"], "needs": 1.5},
        {"asks": ["mayor"]},
        {"asks": ["unit_leader"], "colour": "red"},
        {"needs": "all"},
        "mayor",
        7,
    ],
)
def test_a_step_that_nobody_could_follow_is_refused(wrong):
    with pytest.raises(ValidationError):
        written.validate_python(wrong)


@every_step
def test_the_fewest_posts_that_can_agree_is_the_fewest_that_satisfy_the_step(step):
    enough = [
        len(some)
        for some in subsets([*step.asks])
        if has_quorum(step, {role: {number} for number, role in enumerate(some)})
    ]

    assert step.fewest == min(enough)
