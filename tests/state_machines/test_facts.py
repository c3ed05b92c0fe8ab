"""Facts as they are frozen: the same facts, the same hash, on any day and any database."""

import json
from dataclasses import replace
from datetime import date

from state_machines.dates import PartialDate
from state_machines.facts import EvidenceKind, Manufacturing, ProjectFacts, digest

FACTS = ProjectFacts(
    name_zh="光伏组件项目",
    investment=0,
    needs_factory=False,
    manufacturing=Manufacturing.MIXED,
    contract_date=PartialDate("2026-02"),
    funds_certified_on=date(2026, 3, 2),
    evidence=frozenset({EvidenceKind.SITE_PROOF, EvidenceKind.CONTRACT}),
)


def test_frozen_facts_are_json_and_come_back_the_same():
    frozen = FACTS.as_json()

    assert json.loads(json.dumps(frozen)) == frozen
    assert frozen["contract_date"] == "2026-02"
    assert frozen["funds_certified_on"] == "2026-03-02"
    assert frozen["evidence"] == ["contract", "site_proof"]
    assert (frozen["investment"], frozen["needs_factory"], frozen["site"]) == (0, False, None)


def test_the_hash_is_of_the_facts_and_not_of_their_order():
    frozen = FACTS.as_json()

    assert digest(dict(reversed(frozen.items()))) == digest(frozen)
    assert digest(json.loads(json.dumps(frozen))) == digest(frozen)


def test_any_other_fact_has_another_hash():
    others = [
        replace(FACTS, investment=None),
        replace(FACTS, needs_factory=None),
        replace(FACTS, contract_date=PartialDate("2026-02-01")),
        replace(FACTS, evidence=frozenset()),
    ]

    assert len({digest(each.as_json()) for each in [FACTS, *others]}) == 5
