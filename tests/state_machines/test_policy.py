"""The shipped policy means what product.md says: tiers, steps, budgets, ladder, what counts."""

from dataclasses import replace
from pathlib import Path

import pytest

from state_machines.approvals import Subject
from state_machines.dates import PartialDate
from state_machines.deadlines import Deadlines
from state_machines.facts import FACT_NAMES, EvidenceKind, Manufacturing, ProjectFacts
from state_machines.ladder import Clock
from state_machines.policy import Policy
from state_machines.stages import CLOCKED, Stage
from tests.reference.approvals import BY_TIER, DIRECTOR, Step, tier_of
from tests.reference.posts import SUPERIORS

SHIPPED = Path(__file__).parents[2] / "policies" / "jinhua.toml"
JINHUA = Policy.parse(SHIPPED.read_text("utf-8"), file=SHIPPED.name)
BILLION = 1_000_000_000

TIERS = {
    None: "under_1bn",  # an unknown investment is of the lowest tier
    0: "under_1bn",
    BILLION - 1: "under_1bn",
    BILLION: "from_1bn",
    5 * BILLION - 1: "from_1bn",
    5 * BILLION: "from_5bn",
    10 * BILLION: "from_5bn",  # the deputy mayor is asked above 10 bn
    10 * BILLION + 1: "above_10bn",
    2**62: "above_10bn",
}
LIKE_SIGN = (Subject.SIGN, Subject.LEASE_FACTORY, Subject.START, Subject.LOSE, Subject.REVIVE)
ALONE = {
    Subject.STEP_BACK: "unit_leader",
    Subject.ANNUL_START: "general_headquarters_director",
    Subject.HOLD: "unit_leader",
    Subject.EXTENSION: "unit_leader",
}
"""What one further person decides, whatever the amount."""


def written(steps):
    """The steps in the words of the model: posts, what they need, whether a no is a veto."""
    return [Step(tuple(role.value for role in e.asks), str(e.needs), e.veto) for e in steps]


@pytest.mark.parametrize("investment", TIERS)
def test_an_investment_is_of_the_tier_that_product_names(investment):
    assert JINHUA.tier(investment).key == TIERS[investment] == tier_of(investment)


@pytest.mark.parametrize("subject", LIKE_SIGN)
@pytest.mark.parametrize("investment", TIERS)
def test_a_move_asks_the_posts_of_its_tier_in_the_order_of_product(subject, investment):
    assert written(JINHUA.steps(subject, investment)) == BY_TIER[TIERS[investment]]


@pytest.mark.parametrize("investment", TIERS)
def test_opening_a_negotiation_asks_nobody(investment):
    assert JINHUA.steps(Subject.OPEN_NEGOTIATION, investment) == ()


@pytest.mark.parametrize("subject", ALONE)
@pytest.mark.parametrize("investment", TIERS)
def test_going_back_and_more_time_take_one_further_person_whatever_the_amount(subject, investment):
    assert written(JINHUA.steps(subject, investment)) == [Step((ALONE[subject],))]
    assert JINHUA.persons(subject, investment) == 1


def test_everything_that_can_be_asked_is_in_one_of_these_tables():
    assert {*LIKE_SIGN, *ALONE, Subject.OPEN_NEGOTIATION} == {*Subject}


@pytest.mark.parametrize("subject", Subject)
@pytest.mark.parametrize("investment", TIERS)
def test_an_override_asks_the_director_last_unless_they_must_agree_anyway(subject, investment):
    plain = written(JINHUA.steps(subject, investment))

    steps = written(JINHUA.steps(subject, investment, override=True))

    assert steps == (plain if DIRECTOR in plain else [*plain, DIRECTOR])


def test_a_director_among_several_who_need_not_all_agree_is_asked_by_an_override_all_the_same():
    either = {"asks": ["unit_leader", "general_headquarters_director"], "needs": "any"}
    approvals = {**JINHUA.model_dump(mode="json")["approvals"], "lose": {"every_tier": [either]}}
    policy = Policy.model_validate(JINHUA.model_dump() | {"approvals": approvals})

    assert written(policy.steps(Subject.LOSE, None, override=True))[1:] == [DIRECTOR]


@pytest.mark.parametrize("subject", LIKE_SIGN)
@pytest.mark.parametrize(
    ("investment", "persons"), [(None, 1), (BILLION - 1, 1), (BILLION, 2), (11 * BILLION, 2)]
)
def test_from_one_billion_up_two_distinct_persons_must_agree(subject, investment, persons):
    assert JINHUA.persons(subject, investment) == persons


@pytest.mark.parametrize(
    ("investment", "needed"), [(None, False), (5 * BILLION - 1, False), (5 * BILLION, True)]
)
def test_from_five_billion_up_a_link_alone_is_not_enough(investment, needed):
    assert JINHUA.needs_code(investment) is needed


def test_deadlines_and_pauses_are_those_of_product():
    assert JINHUA.deadlines == Deadlines(remind=(2, 4), step=5, request=15)
    assert (JINHUA.pauses.extensions, JINHUA.pauses.hold_days) == (2, 60)


BUDGETS = {
    # stage: (working days, three quarters of them, rounded up)
    Stage.LEAD: (10, 8),
    Stage.NEGOTIATION: (40, 30),
    Stage.SIGNED: (60, 45),
    Stage.FACTORY_LEASED: (40, 30),
}


@pytest.mark.parametrize("stage", CLOCKED)
@pytest.mark.parametrize("priority", [False, True])
def test_budgets_are_those_of_product_and_priority_has_three_quarters(stage, priority):
    clocks = JINHUA.clocks

    assert clocks.budget(Clock.STAGE, stage, priority=priority) == BUDGETS[stage][priority]
    assert clocks.budget(Clock.SILENCE, stage, priority=priority) == (15 if priority else 20)


@pytest.mark.parametrize(
    ("days", "share", "budget"), [(1, (3, 4), 1), (5, (1, 3), 2), (0, (3, 4), 0)]
)
def test_a_part_of_a_day_counts_as_a_whole_one(days, share, budget):
    clocks = JINHUA.clocks.model_copy(update={"silence": days, "priority_share": share})

    assert clocks.budget(Clock.SILENCE, Stage.LEAD, priority=True) == budget


def test_the_ladder_is_that_of_product():
    rungs = [(rung.key, rung.after, {*rung.tells}) for rung in JINHUA.ladder.rungs]

    assert rungs == [
        ("owner", 0, {"owner", "origin_head"}),
        ("unit", 5, {"unit_leader", "special_team_lead"}),
        ("municipality", 10, {"general_headquarters_director", "promotion_center_head"}),
        ("deputy_mayor", 15, {"deputy_mayor"}),
    ]
    assert [rung.key for rung in JINHUA.ladder.rungs if rung.only_after_told] == ["deputy_mayor"]
    assert JINHUA.ladder.red_at == "municipality"


def test_every_post_that_can_be_asked_has_a_superior_and_the_top_ones_an_alternate():
    tables = [*JINHUA.approvals.values(), {"override": JINHUA.override.steps}]
    asked = {
        role for tiers in tables for steps in tiers.values() for step in steps for role in step.asks
    }

    assert asked <= {*JINHUA.superiors}
    assert JINHUA.superiors == SUPERIORS


MAJOR = [
    ({"investment": 5 * BILLION}, True),
    ({"investment": 5 * BILLION - 1}, False),
    ({"investment": None}, False),
    ({"investment": None, "marked_major": True}, True),
]


@pytest.mark.parametrize(("facts", "major"), MAJOR)
def test_major_is_from_five_billion_or_as_marked(facts, major):
    assert JINHUA.is_major(ProjectFacts(**facts)) is major
    assert JINHUA.is_priority(ProjectFacts(**facts)) is major


@pytest.mark.parametrize(
    ("industry", "leading"),
    [
        *(("新能源汽车零部件", True), ("光伏组件", True), ("New Energy vehicles", True)),
        *(("BATTERY cells", True), ("半导体材料", True)),
        *(("纺织", False), ("tourism", False), ("", False), (None, False)),
    ],
)
def test_free_text_is_mapped_to_the_leading_industries(industry, leading):
    assert JINHUA.is_priority(ProjectFacts(industry=industry)) is leading


BEFORE = ProjectFacts(
    name_zh="项目", investor="甲", unit_code="330781", owner_id=1, investment=2 * BILLION,
    planned_start=PartialDate("2026-06"), manufacturing=Manufacturing.YES,
)  # fmt: skip
OTHERWISE = {
    "name_zh": "另一项目",
    "name_en": "Another",
    "investor": "乙",
    "investor_contact": "李女士",
    "unit_code": "330782",
    "headquarters_key": "beijing",
    "special_team_key": "special-team-1",
    "owner_id": 2,
    "industry": "纺织",
    "manufacturing": Manufacturing.NO,
    "investment": 3 * BILLION,
    "marked_major": True,
    "needs_factory": False,
    "contract_number": "HT-2",
    "contract_date": PartialDate("2026-02-01"),
    "planned_start": PartialDate("2026-07"),
    "site": "二号地块",
    "area": 0,
    "funds_required": 0,
    "funds_ready": 9,
    "funds_certified_on": PartialDate("2026-02-01").first_day,
    "funds_certificate_until": PartialDate("2026-12-01").first_day,
    "start_date": PartialDate("2026-03-01"),
    "permit_number": "2",
}
MATERIAL = {
    *("name_zh", "name_en", "investor", "unit_code", "industry", "investment", "needs_factory"),
    *("contract_number", "contract_date", "site", "area", "funds_required", "start_date"),
    "permit_number",
}


def test_no_fact_is_left_out_of_this_table():
    assert {*OTHERWISE} == {*FACT_NAMES}


@pytest.mark.parametrize("name", FACT_NAMES)
def test_a_change_is_material_if_the_policy_lists_the_field(name):
    after = replace(BEFORE, **{name: OTHERWISE[name]})

    assert JINHUA.is_material(BEFORE, after) is (name in MATERIAL)


def test_certifying_funds_and_adding_evidence_are_not_material():
    after = replace(
        BEFORE,
        funds_certified_on=OTHERWISE["funds_certified_on"],
        funds_certificate_until=OTHERWISE["funds_certificate_until"],
        evidence=frozenset(EvidenceKind),
    )

    assert not JINHUA.is_material(BEFORE, after)


@pytest.mark.parametrize(
    ("before", "after", "material"),
    [
        (2 * BILLION, 2 * BILLION + 1, True),  # rises
        (2 * BILLION, 2 * BILLION - 1, False),  # falls within its tier
        (BILLION, BILLION - 1, True),  # falls across a tier
        (10 * BILLION + 1, 10 * BILLION, True),
        (None, 1, True),
        (None, 0, False),  # known now, but neither higher nor of another tier
        (5 * BILLION, None, True),
        (2 * BILLION, 2 * BILLION, False),
    ],
)
def test_investment_counts_when_it_rises_or_crosses_a_tier(before, after, material):
    one, other = (replace(BEFORE, investment=amount) for amount in (before, after))

    assert JINHUA.is_material(one, other) is material


def test_an_investment_that_does_not_count_hides_no_other_change():
    after = replace(BEFORE, investment=2 * BILLION - 1, site="二号地块")

    assert JINHUA.is_material(BEFORE, after)
