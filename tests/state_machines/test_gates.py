"""Every requirement, met and unmet; every stage's gate, by amount and by where one comes from."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from state_machines.dates import PartialDate
from state_machines.facts import EvidenceKind, ProjectFacts
from state_machines.gates import RequirementKey, holds, missing
from state_machines.policy import Policy
from state_machines.stages import Stage

TODAY = date(2026, 3, 2)
GATES = Policy.parse(
    (Path(__file__).parents[2] / "policies" / "jinhua.toml").read_text("utf-8"), file="jinhua.toml"
).gates
NOTHING = ProjectFacts()
BILLION = 1_000_000_000


def proven(kind):
    return {"evidence": frozenset({kind})}


MET_AND_UNMET = {
    "investor_contact": ([{"investor_contact": "王先生"}], []),
    "host_unit": ([{"unit_code": "330781"}], []),
    "owner": ([{"owner_id": 7}], []),
    "industry": ([{"industry": "纺织"}], []),
    # 0 is an answer.
    "investment": ([{"investment": 0}, {"investment": BILLION}], []),
    "contract_number": ([{"contract_number": "HT-1"}], []),
    "contract_date": ([{"contract_date": PartialDate("2026-02")}], []),
    "contract_file": (
        [proven(EvidenceKind.CONTRACT)],
        [proven(EvidenceKind.LEASE_CONTRACT), proven(EvidenceKind.OTHER)],
    ),
    "planned_start": ([{"planned_start": PartialDate("2026-06")}], []),
    # No is an answer.
    "needs_factory": ([{"needs_factory": False}, {"needs_factory": True}], []),
    "joint_review_minutes": (
        [proven(EvidenceKind.JOINT_REVIEW_MINUTES)],
        [proven(EvidenceKind.CONTRACT)],
    ),
    "site": ([{"site": "一号地块"}], []),
    "area": ([{"area": 0}, {"area": 120}], []),
    "lease_contract": ([proven(EvidenceKind.LEASE_CONTRACT)], [proven(EvidenceKind.CONTRACT)]),
    "funds_required": ([{"funds_required": 0}, {"funds_required": 5}], []),
    "funds_ready": (
        [
            {"funds_required": 5, "funds_ready": 5},
            {"funds_required": 5, "funds_ready": 6},
            {"funds_required": 0, "funds_ready": 0},
        ],
        [{"funds_required": 5, "funds_ready": 4}, {"funds_required": 5}, {"funds_ready": 5}],
    ),
    "funds_certified": ([{"funds_certified_on": TODAY}], []),
    "funds_certificate_valid": (
        [
            {"funds_certificate_until": TODAY},
            {"funds_certificate_until": date(2026, 3, 3)},
            {"funds_required": 0},  # the need has gone
        ],
        [{"funds_certificate_until": date(2026, 3, 1)}, {"funds_required": 5}],
    ),
    "no_factory_needed": ([{"needs_factory": False}], [{"needs_factory": True}]),
    "start_date": ([{"start_date": PartialDate("2026-03-02")}], []),
    "permit_number": ([{"permit_number": "330781202603020101"}], []),
    "site_proof": ([proven(EvidenceKind.SITE_PROOF)], [proven(EvidenceKind.OTHER)]),
}
"""Each requirement: facts that meet it, and facts that do not, besides knowing nothing."""


def test_no_requirement_is_left_out_of_this_table():
    assert {*MET_AND_UNMET} == {key.value for key in RequirementKey}


@pytest.mark.parametrize(
    ("key", "facts"), [(key, facts) for key, (met, _) in MET_AND_UNMET.items() for facts in met]
)
def test_a_requirement_is_met(key, facts):
    assert holds(RequirementKey(key), ProjectFacts(**facts), on=TODAY)


@pytest.mark.parametrize(
    ("key", "facts"),
    [(key, facts) for key, (_, unmet) in MET_AND_UNMET.items() for facts in [{}, *unmet]],
)
def test_a_requirement_is_not_met(key, facts):
    assert not holds(RequirementKey(key), ProjectFacts(**facts), on=TODAY)


NEGOTIATION = ["investor_contact", "host_unit", "owner", "industry", "investment"]
SIGNED = ["contract_number", "contract_date", "contract_file", "investment", "planned_start"]
SIGNED += ["needs_factory"]
LEASED = ["site", "area", "lease_contract", "funds_required", "funds_ready"]
LEASED += ["funds_certified", "funds_certificate_valid"]
STARTED = ["start_date", "permit_number", "site_proof"]

ASKED = {
    ("lead", None): [],
    ("lost", None): [],
    ("negotiation", None): NEGOTIATION,
    ("signed", None): SIGNED,
    ("signed", BILLION - 1): SIGNED,
    ("signed", BILLION): [*SIGNED, "joint_review_minutes"],
    ("signed", 20 * BILLION): [*SIGNED, "joint_review_minutes"],
    ("factory_leased", None): LEASED,
    ("factory_leased", 20 * BILLION): LEASED,
}
"""What a stage asks, by amount, wherever one comes from."""


@pytest.mark.parametrize(("stage", "investment"), ASKED)
def test_a_stage_asks_what_product_says_and_names_all_of_it_at_once(stage, investment):
    facts = replace(NOTHING, investment=investment)
    known = {"investment"} if investment is not None else set()

    lacking = missing(GATES.get(Stage(stage)), facts, coming_from=Stage.LOST, on=TODAY)

    assert {*lacking} == {*ASKED[stage, investment]} - known
    assert len(lacking) == len({*lacking})


@pytest.mark.parametrize(
    ("coming_from", "more"),
    [("signed", "no_factory_needed"), ("factory_leased", "funds_certificate_valid")],
)
def test_starting_asks_more_by_where_the_project_comes_from(coming_from, more):
    lacking = missing(GATES[Stage.STARTED], NOTHING, coming_from=Stage(coming_from), on=TODAY)

    assert {*lacking} == {*STARTED, more}


def test_a_certificate_that_has_run_out_refuses_the_start_until_the_need_has_gone():
    facts = ProjectFacts(
        start_date=PartialDate("2026-03-02"),
        permit_number="1",
        evidence=frozenset({EvidenceKind.SITE_PROOF}),
        funds_required=5,
        funds_certificate_until=date(2026, 3, 1),
    )
    gate = GATES[Stage.STARTED]

    assert missing(gate, facts, coming_from=Stage.FACTORY_LEASED, on=TODAY) == (
        "funds_certificate_valid",
    )
    no_need = replace(facts, funds_required=0)
    assert missing(gate, no_need, coming_from=Stage.FACTORY_LEASED, on=TODAY) == ()


def test_what_is_waived_is_let_pass_and_nothing_else():
    waived = frozenset({RequirementKey.SITE, RequirementKey.AREA})

    lacking = missing(
        GATES[Stage.FACTORY_LEASED], NOTHING, coming_from=Stage.SIGNED, on=TODAY, waived=waived
    )

    assert {*lacking} == {*LEASED} - {"site", "area"}
