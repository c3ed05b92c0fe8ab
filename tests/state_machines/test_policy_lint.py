"""A policy is looked over before it is adopted: by itself, and in the city as it is today."""

from pathlib import Path

import pytest

from state_machines.facts import MOST_YUAN
from state_machines.policy import Policy
from state_machines.policy_findings import (
    AmountOutOfReach,
    CircleOfSuperiors,
    NeverAsked,
    NobodyAnswers,
    NoSuchPost,
    NoSuperior,
    OnePersonForTwo,
    OnePostForTwo,
    RungTellsNobody,
    TooFewPersons,
)
from state_machines.policy_lint import findings_in_file, findings_today
from state_machines.posts import Places, PostKey, Role, Roster, post_of

SHIPPED = (Path(__file__).parents[2] / "policies" / "jinhua.toml").read_text("utf-8")
SIGN_FROM_1BN = 'from_1bn = ["unit_leader", "general_headquarters_director"]'
LANXI = Places(unit_code="330781", headquarters_key=None, special_team_key="team-3")
YIWU = Places(unit_code="330782", headquarters_key="beijing", special_team_key="team-4")
HOSTS = (LANXI, YIWU)
POSTS = frozenset(post for host in HOSTS for role in Role if (post := post_of(role, host)))
EVERYBODY = {post: (number,) for number, post in enumerate(sorted(POSTS), 1)}
"""Each post held by a person of its own."""


def policy(*replaced: tuple[str, str]) -> Policy:
    text = SHIPPED
    for said, instead in replaced:
        assert said in text
        text = text.replace(said, instead, 1)
    return Policy.parse(text, file="draft.toml")


def today(policy: Policy, *, vacant: tuple[PostKey, ...] = (), **held: tuple[int, ...]):
    holders = {post: people for post, people in EVERYBODY.items() if post not in vacant}
    holders |= {PostKey.parse(post): people for post, people in held.items()}
    return findings_today(policy, HOSTS, POSTS, Roster(holders))


DIRECTOR = post_of(Role.GENERAL_HEADQUARTERS_DIRECTOR, LANXI)
MAYOR = post_of(Role.DEPUTY_MAYOR, LANXI)
LEADER = post_of(Role.UNIT_LEADER, LANXI)
TEAM_LEAD = post_of(Role.SPECIAL_TEAM_LEAD, LANXI)
CENTER = post_of(Role.PROMOTION_CENTER_HEAD, LANXI)


def test_the_shipped_policy_is_clean_where_every_post_is_held():
    assert findings_in_file(policy()) == ()
    assert today(policy()) == ()


def test_a_tier_or_a_standard_beyond_any_amount_is_out_of_reach():
    draft = policy(
        ("from_yuan = 10_000_000_001", f"from_yuan = {MOST_YUAN + 1}"),
        ("{ 1_000_000_000 = ", f"{{ {MOST_YUAN + 1} = "),
    )

    assert findings_in_file(draft) == (
        AmountOutOfReach("tiers.4.from_yuan", MOST_YUAN),
        AmountOutOfReach(f"gates.signed.from_yuan.{MOST_YUAN + 1}", MOST_YUAN),
    )


def test_the_largest_amount_itself_is_within_reach():
    draft = policy(("from_yuan = 10_000_000_001", f"from_yuan = {MOST_YUAN}"))

    assert findings_in_file(draft) == ()


def test_a_standard_that_no_move_leads_to_is_never_asked():
    draft = policy(
        ("[gates.negotiation]", "[gates.lost]\nrequires = []\n[gates.negotiation]"),
        ("coming_from = { signed", "coming_from = { lead = [], signed"),
    )

    assert findings_in_file(draft) == (
        NeverAsked("gates.lost"),
        NeverAsked("gates.started.coming_from.lead"),
    )


def test_two_posts_of_the_whole_city_may_name_each_other():
    draft = policy(
        (
            'general_headquarters_director = "deputy_mayor"',
            'general_headquarters_director = "promotion_center_head"',
        )
    )

    assert findings_in_file(draft) == ()


@pytest.mark.parametrize(
    ("said", "instead", "circle"),
    [
        ('intake = "unit_leader"', 'intake = "intake"', (Role.INTAKE,)),
        (
            'unit_leader = "general_headquarters_director"',
            'unit_leader = "intake"',
            (Role.UNIT_LEADER, Role.INTAKE),
        ),
        (
            'general_headquarters_director = "deputy_mayor"',
            'general_headquarters_director = "unit_leader"',
            (Role.UNIT_LEADER, Role.GENERAL_HEADQUARTERS_DIRECTOR),
        ),
        (
            'deputy_mayor = "general_headquarters_director"',
            'deputy_mayor = "unit_leader"',
            (Role.UNIT_LEADER, Role.GENERAL_HEADQUARTERS_DIRECTOR, Role.DEPUTY_MAYOR),
        ),
    ],
    ids=["itself", "two of a unit", "a unit and the top", "three"],
)
def test_any_other_circle_of_superiors_is_found_once(said, instead, circle):
    found = findings_in_file(policy((said, instead)))

    assert found == (CircleOfSuperiors(f"superiors.{circle[0]}", circle),)


def test_a_post_that_is_asked_needs_a_superior():
    draft = policy(('special_team_lead = "general_headquarters_director"\n', ""))

    assert findings_in_file(draft) == (
        NoSuperior("superiors.special_team_lead", Role.SPECIAL_TEAM_LEAD),
    )


@pytest.mark.parametrize(
    ("steps", "is_found"),
    [
        ('["unit_leader"]', True),
        ('["unit_leader", "unit_leader"]', True),
        ('["unit_leader", "deputy_mayor"]', False),
        ('[{ asks = ["unit_leader", "deputy_mayor"], needs = "any" }]', False),
        ("[]", False),  # nobody has to agree: that is a decision, not a slip
    ],
)
def test_where_two_must_agree_one_post_alone_is_too_few(steps, is_found):
    found = findings_in_file(policy((SIGN_FROM_1BN, f"from_1bn = {steps}")))

    expected = OnePostForTwo("approvals.sign.from_1bn", Role.UNIT_LEADER)
    assert found == ((expected,) if is_found else ())


def test_a_tier_that_only_ends_above_the_amount_for_two_is_looked_at_as_well():
    draft = policy(("two_persons_from_yuan = 1_000_000_000", "two_persons_from_yuan = 999_999_999"))

    assert findings_in_file(draft) == (OnePostForTwo("approvals.sign.under_1bn", Role.UNIT_LEADER),)


def test_a_post_that_no_place_has_is_named_with_the_places():
    found = findings_today(policy(), HOSTS, POSTS - {LEADER, CENTER}, Roster(EVERYBODY))

    named = {(each.key, each.role, each.places) for each in found if isinstance(each, NoSuchPost)}
    assert {
        ("approvals.sign.under_1bn.1", Role.UNIT_LEADER, ("330781",)),
        ("approvals.sign.from_5bn.1", Role.PROMOTION_CENTER_HEAD, ("promotion-center",)),
        ("superiors.intake", Role.UNIT_LEADER, ("330781",)),
        ("ladder.rungs.2.tells", Role.UNIT_LEADER, ("330781",)),
    } <= named


def test_a_unit_without_a_special_team_has_no_lead_to_ask():
    alone = Places(unit_code="330783", headquarters_key=None, special_team_key=None)
    posts = POSTS | {PostKey(Role.UNIT_LEADER, "330783")}

    found = findings_today(policy(), [alone], posts, Roster(EVERYBODY))

    assert NoSuchPost("approvals.sign.from_5bn.1", ("330783",), Role.SPECIAL_TEAM_LEAD) in found


def test_an_empty_post_is_nothing_to_find_while_somebody_above_answers():
    assert today(policy(), vacant=(LEADER, TEAM_LEAD)) != ()
    assert today(policy(), vacant=(LEADER,)) == ()


def test_a_post_with_nobody_up_the_line_is_found_where_it_is_asked():
    found = today(policy(), vacant=(LEADER, DIRECTOR, MAYOR))

    assert NobodyAnswers("approvals.sign.under_1bn.1", ("330781",), Role.UNIT_LEADER) in found
    assert (
        NobodyAnswers("override.steps.1", ("330781", "330782"), Role.GENERAL_HEADQUARTERS_DIRECTOR)
        in found
    )


def test_a_rung_with_nobody_to_tell_is_found_but_for_the_owners():
    found = today(policy(), vacant=(LEADER, TEAM_LEAD))

    assert found == (RungTellsNobody("ladder.rungs.2.tells", ("330781",)),)


def test_a_step_is_found_that_needs_more_persons_than_there_are():
    both = '[{ asks = ["unit_leader", "intake"], needs = 2 }]'
    draft = policy((SIGN_FROM_1BN, f"from_1bn = {both}"))
    two_hats = {str(LEADER): (7,), f"intake@{LANXI.unit_code}": (7,)}

    assert today(draft) == ()
    assert today(draft, **two_hats) == (
        TooFewPersons("approvals.sign.from_1bn.1", ("330781",), needed=2, eligible=1),
    )


def test_a_tier_is_found_that_one_person_alone_could_decide():
    everywhere = {str(post): (7,) for post in POSTS}

    found = today(policy(), **everywhere)

    assert {each.key for each in found} == {
        "approvals.sign.from_1bn",
        "approvals.sign.from_5bn",
        "approvals.sign.above_10bn",
    }
    assert all(isinstance(each, OnePersonForTwo) for each in found)
    assert all(each.places == ("330781", "330782") for each in found)
