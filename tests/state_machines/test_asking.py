"""From the posts of a step to the people who may answer: whom, in whose place, and why them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state_machines.approvals import AskedBecause
from state_machines.asking import Circle, Question, refuse_unanswerable
from state_machines.errors import NobodyToAsk, QuorumOutOfReach
from state_machines.posts import Answerer, Places, PostKey, Role, Roster, post_of
from state_machines.steps import Quorum, Step
from tests.clock import MONDAY_MORNING
from tests.reference import approvals as plain
from tests.reference.posts import SUPERIORS as PLAIN_SUPERIORS
from tests.reference.posts import City, Tenure

HERE = Places(unit_code="330781", headquarters_key="shanghai", special_team_key="special-team-3")
WITHOUT_TEAM = Places(unit_code="330781", headquarters_key=None, special_team_key=None)
LEADER, TEAM, CENTER, DIRECTOR, MAYOR = ROLES = (
    Role.UNIT_LEADER,
    Role.SPECIAL_TEAM_LEAD,
    Role.PROMOTION_CENTER_HEAD,
    Role.GENERAL_HEADQUARTERS_DIRECTOR,
    Role.DEPUTY_MAYOR,
)
SUPERIORS = {Role(one): Role(other) for one, other in PLAIN_SUPERIORS.items()}
A, B, C, D, E = range(1, 6)
TODAY = MONDAY_MORNING.date()


def circle(holders, *, stand_ins=None, excluded=(), spared=(), places=HERE, superiors=SUPERIORS):
    """`holders` by role; everything else as it is in a circle."""
    roster = Roster(
        {post_of(role, HERE): tuple(people) for role, people in holders.items()}, stand_ins or {}
    )
    return Circle(places, roster, superiors, frozenset(excluded), frozenset(spared))


def asked(questions):
    return {(e.person_id, e.post.role, e.answerer.on_behalf_of, e.because) for e in questions}


HOLDS, STANDS_IN = AskedBecause.HOLDS, AskedBecause.STANDS_IN
EMPTY, EXCLUDED = AskedBecause.EMPTY, AskedBecause.EXCLUDED

WHOM = {
    # who holds what, what else is so: who is asked for the unit's leader
    "the holder": ({LEADER: [A]}, {}, {(A, LEADER, None, HOLDS)}),
    "every holder": (
        {LEADER: [A, B]},
        {},
        {(A, LEADER, None, HOLDS), (B, LEADER, None, HOLDS)},
    ),
    "a stand-in for the holder": (
        {LEADER: [A]},
        {"stand_ins": {A: B}},
        {(B, LEADER, A, STANDS_IN)},
    ),
    "a stand-in who holds the post, too, in their own name": (
        {LEADER: [A, B]},
        {"stand_ins": {A: B}},
        {(B, LEADER, None, HOLDS)},
    ),
    "the superior of an empty post": ({DIRECTOR: [B]}, {}, {(B, DIRECTOR, None, EMPTY)}),
    "the superior of a holder who is excluded": (
        {LEADER: [A], DIRECTOR: [B]},
        {"excluded": [A]},
        {(B, DIRECTOR, None, EXCLUDED)},
    ),
    "the other holder of an excluded one's post": (
        {LEADER: [A, C], DIRECTOR: [B]},
        {"excluded": [A]},
        {(C, LEADER, None, HOLDS)},
    ),
    "no stand-in of an excluded holder": (
        {LEADER: [A], DIRECTOR: [B]},
        {"excluded": [A], "stand_ins": {A: C}},
        {(B, DIRECTOR, None, EXCLUDED)},
    ),
    "the holder, where the stand-in is excluded": (
        {LEADER: [A]},
        {"excluded": [B], "stand_ins": {A: B}},
        {(A, LEADER, None, HOLDS)},
    ),
    "the superior's superior": (
        {LEADER: [A], DIRECTOR: [A], MAYOR: [B]},
        {"excluded": [A]},
        {(B, MAYOR, None, EXCLUDED)},
    ),
    "the superior's stand-in": (
        {DIRECTOR: [B]},
        {"stand_ins": {B: C}},
        {(C, DIRECTOR, B, EMPTY)},
    ),
    "nobody": ({LEADER: [A], TEAM: [B]}, {"excluded": [A]}, set()),
    "the others of the post, where one certified the funds": (
        {LEADER: [A, B]},
        {"spared": [A]},
        {(B, LEADER, None, HOLDS)},
    ),
    "who certified the funds, where the post has no other": (
        {LEADER: [A], DIRECTOR: [B]},
        {"spared": [A]},
        {(A, LEADER, None, HOLDS)},
    ),
}


@pytest.mark.parametrize("case", WHOM)
def test_asked_for_a_post_is(case):
    holders, more, expected = WHOM[case]

    assert asked(circle(holders, **more).whom(LEADER)) == expected


def test_a_project_without_such_a_place_asks_the_superior():
    here = circle({TEAM: [A], DIRECTOR: [B]}, places=WITHOUT_TEAM)

    assert asked(here.whom(TEAM)) == {(B, DIRECTOR, None, EMPTY)}


def test_the_top_post_has_an_alternate():
    here = circle({MAYOR: [A], DIRECTOR: [B]}, excluded=[A])

    assert asked(here.whom(MAYOR)) == {(B, DIRECTOR, None, EXCLUDED)}


@pytest.mark.parametrize("role", Role)
def test_where_nobody_up_the_line_may_answer_nobody_is_asked_and_nothing_hangs(role):
    here = circle({DIRECTOR: [A], MAYOR: [B]}, excluded=[A, B])

    assert here.whom(role) == ()
    assert here.above(role, PostKey(DIRECTOR, "general-headquarters"), HOLDS) == ()


def test_a_second_person_is_another_holder_of_the_post_and_else_a_superior():
    here = circle({LEADER: [A, B], DIRECTOR: [C], MAYOR: [D]})

    assert asked(here.whom(LEADER, but={A})) == {(B, LEADER, None, HOLDS)}
    assert asked(here.whom(LEADER, but={A, B})) == {(C, DIRECTOR, None, EXCLUDED)}
    assert asked(here.whom(LEADER, but={A, B, C})) == {(D, MAYOR, None, EXCLUDED)}


def test_a_second_person_is_never_reached_through_the_first():
    here = circle({DIRECTOR: [A], MAYOR: [B]}, stand_ins={B: A})

    assert asked(here.whom(DIRECTOR, but={A})) == {(B, MAYOR, None, EXCLUDED)}


def test_above_a_post_are_the_nearest_who_may_answer_and_they_answer_for_the_same_role():
    here = circle({LEADER: [A], DIRECTOR: [B], MAYOR: [C]})
    leader = post_of(LEADER, HERE)

    found = here.above(LEADER, leader, AskedBecause.OVERDUE)

    assert found == (Question(LEADER, post_of(DIRECTOR, HERE), Answerer(B), AskedBecause.OVERDUE),)
    assert asked(here.above(LEADER, leader, AskedBecause.OVERDUE, but={B})) == {
        (C, MAYOR, None, AskedBecause.OVERDUE)
    }


people = st.integers(1, 5)
rosters = st.fixed_dictionaries({role: st.lists(people, max_size=2, unique=True) for role in ROLES})
delegations = st.dictionaries(people, people, max_size=4).map(
    lambda found: {holder: other for holder, other in found.items() if holder != other}
)
few = st.sets(people, max_size=3)


def by_hand(holders, stand_ins):
    return City(
        TODAY,
        [Tenure(role.value, each, TODAY) for role, held in holders.items() for each in held],
        [Tenure(holder, stand_in, TODAY) for holder, stand_in in stand_ins.items()],
    )


def told(questions):
    return {(q.person, q.post, q.on_behalf_of, q.because) for q in questions}


@given(rosters, delegations, few, few, st.sampled_from(ROLES))
def test_whoever_is_asked_is_whom_one_finds_by_hand(holders, stand_ins, excluded, but, role):
    here = circle(holders, stand_ins=stand_ins, excluded=excluded)

    found = here.whom(role, but=but)

    assert asked(found) == told(by_hand(holders, stand_ins).whom(role, excluded, but))
    assert len(found) == len({each.person_id for each in found})
    assert not {each.person_id for each in found} & (excluded | but)
    assert {each.role for each in found} <= {role}


@given(rosters, delegations, few, st.sampled_from(ROLES), st.sampled_from(ROLES))
def test_whoever_is_above_is_whom_one_finds_by_hand(holders, stand_ins, excluded, role, post):
    here = circle(holders, stand_ins=stand_ins, excluded=excluded)

    found = here.above(role, post_of(post, HERE), AskedBecause.OVERDUE)

    city = by_hand(holders, stand_ins)
    assert asked(found) == told(city.above(role, post, "overdue", excluded))


@given(rosters, delegations, few, st.sampled_from(ROLES))
def test_whoever_is_asked_may_decide_and_nobody_who_is_excluded_ever_may(
    holders, stand_ins, excluded, role
):
    here = circle(holders, stand_ins=stand_ins, excluded=excluded)

    assert all(here.may_decide(each.person_id, each.post) for each in here.whom(role))
    assert not any(here.may_decide(each, post_of(role, HERE)) for each in excluded)


@given(rosters, delegations, few, few, st.sampled_from(ROLES))
def test_who_certified_the_funds_gives_way_only_to_others_of_the_same_post(
    holders, stand_ins, excluded, spared, role
):
    strict = circle(holders, stand_ins=stand_ins, excluded=excluded).whom(role)
    found = circle(holders, stand_ins=stand_ins, excluded=excluded, spared=spared).whom(role)

    assert {each.post for each in found} == {each.post for each in strict}
    if any(each.person_id in spared for each in found):
        # The post has no other holder, and they or their stand-ins answer as if nobody were spared.
        assert {each.answerer.on_behalf_of or each.person_id for each in found} <= spared
        assert found == strict


some_steps = st.lists(
    st.builds(
        lambda asks, needs, veto: Step(
            asks=tuple(asks), needs=min(needs, len(asks)) if isinstance(needs, int) else needs,
            veto=veto,
        ),
        st.lists(st.sampled_from(ROLES), min_size=1, max_size=3, unique=True),
        st.sampled_from([Quorum.ALL, Quorum.ANY, 1, 2, 3]),
        st.booleans(),
    ),
    min_size=1,
    max_size=3,
)  # fmt: skip


def plainly(step):
    needs = step.needs.value if isinstance(step.needs, Quorum) else step.needs
    return plain.Step(tuple(role.value for role in step.asks), needs, step.veto)


def refusal(steps, here, persons):
    try:
        refuse_unanswerable(steps, here, persons=persons)
    except NobodyToAsk:
        return "nobody_to_ask"
    except QuorumOutOfReach:
        return "quorum_out_of_reach"
    return ""


@given(rosters, delegations, few, some_steps, st.sampled_from([1, 2]))
def test_a_round_is_refused_if_and_only_if_nobody_could_ever_agree_to_it(
    holders, stand_ins, excluded, steps, persons
):
    here = circle(holders, stand_ins=stand_ins, excluded=excluded)
    city = by_hand(holders, stand_ins)

    by_counting = plain.unanswerable(city, [*map(plainly, steps)], excluded, persons)

    assert refusal(steps, here, persons) == by_counting


def test_the_post_that_nobody_answers_for_is_named():
    here = circle({LEADER: [A]})

    with pytest.raises(NobodyToAsk) as refused:
        refuse_unanswerable([Step(asks=(LEADER,)), Step(asks=(LEADER, DIRECTOR))], here, persons=1)

    assert refused.value.role is DIRECTOR


def test_the_step_whose_quorum_is_out_of_reach_is_named_with_how_many_could_answer():
    here = circle({LEADER: [A], TEAM: [B], CENTER: [B]})
    vote = Step(asks=(LEADER, TEAM, CENTER), needs=3)

    with pytest.raises(QuorumOutOfReach) as refused:
        refuse_unanswerable([Step(asks=(LEADER,)), vote], here, persons=1)

    assert (refused.value.step, refused.value.needed, refused.value.eligible) == (2, 3, 2)


def test_two_persons_are_not_to_be_had_where_one_holds_every_post():
    steps = [Step(asks=(LEADER,)), Step(asks=(DIRECTOR,))]

    refuse_unanswerable(steps, circle({LEADER: [A], DIRECTOR: [A]}), persons=1)
    refuse_unanswerable(steps, circle({LEADER: [A], DIRECTOR: [A], MAYOR: [B]}), persons=2)
    with pytest.raises(NobodyToAsk) as refused:
        refuse_unanswerable(steps, circle({LEADER: [A], DIRECTOR: [A]}), persons=2)

    assert refused.value.role is DIRECTOR
