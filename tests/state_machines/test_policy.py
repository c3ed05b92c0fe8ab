"""The shipped policy means what product.md says: tiers, approvers, budgets, ladder, what counts."""

from dataclasses import replace
from pathlib import Path

import pytest

from state_machines.dates import PartialDate
from state_machines.facts import FACT_NAMES, EvidenceKind, Manufacturing, ProjectFacts
from state_machines.ladder import Clock
from state_machines.policy import Policy
from state_machines.stages import CLOCKED, Move, Stage

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
ASKED = {
    "under_1bn": {"unit_leader"},
    "from_1bn": {"unit_leader", "general_headquarters_director"},
    "from_5bn": {
        *("unit_leader", "general_headquarters_director"),
        *("special_team_lead", "promotion_center_head"),
    },
    "above_10bn": {
        *("unit_leader", "general_headquarters_director"),
        *("special_team_lead", "promotion_center_head", "deputy_mayor"),
    },
}
LIKE_SIGN = ("sign", "lease_factory", "start", "lose", "revive")


@pytest.mark.parametrize("investment", TIERS)
def test_an_investment_is_of_the_tier_that_product_names(investment):
    assert JINHUA.tier(investment).key == TIERS[investment]


@pytest.mark.parametrize("move", LIKE_SIGN)
@pytest.mark.parametrize("investment", TIERS)
def test_a_move_asks_everybody_its_tier_names_and_nobody_twice(move, investment):
    asked = JINHUA.approvers(Move(move), investment)

    assert {*asked} == ASKED[TIERS[investment]]
    assert len(asked) == len({*asked})


@pytest.mark.parametrize("investment", TIERS)
def test_opening_a_negotiation_asks_nobody(investment):
    assert JINHUA.approvers(Move.OPEN_NEGOTIATION, investment) == ()


@pytest.mark.parametrize("move", [Move.STEP_BACK, Move.ANNUL_START])
@pytest.mark.parametrize("investment", TIERS)
def test_stepping_back_and_annulling_a_start_take_a_second_person_whatever_the_amount(
    move, investment
):
    assert len(JINHUA.approvers(move, investment)) == 1


@pytest.mark.parametrize("move", Move)
@pytest.mark.parametrize("investment", TIERS)
def test_an_override_asks_the_director_besides(move, investment):
    plain = JINHUA.approvers(move, investment)

    asked = JINHUA.approvers(move, investment, override=True)

    assert {*asked} == {*plain, "general_headquarters_director"}


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
    superior = JINHUA.superiors
    asked = {
        role for tiers in JINHUA.approvals.values() for roles in tiers.values() for role in roles
    }

    assert superior["unit_leader"] == "general_headquarters_director"
    assert superior["general_headquarters_director"] == "deputy_mayor"
    assert superior["deputy_mayor"] == "general_headquarters_director"
    assert {*asked, *JINHUA.override.approvers} <= {*superior}


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
