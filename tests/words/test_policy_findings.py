"""Every finding in a policy is one clear sentence in both languages."""

import re

import pytest

from state_machines.policy_findings import (
    AmountOutOfReach,
    CircleOfSuperiors,
    Finding,
    NeverAsked,
    NobodyAnswers,
    NoSuchPost,
    NoSuperior,
    OnePersonForTwo,
    OnePostForTwo,
    RungTellsNobody,
    TooFewPersons,
)
from state_machines.posts import Role
from tests.words.ours import subclasses
from words.policy_findings import finding_said
from words.translations import Language, speaking

BILLION = 1_000_000_000
EVERY_KIND = [
    AmountOutOfReach("tiers.4.from_yuan", 10 * BILLION),
    NeverAsked("gates.lost"),
    CircleOfSuperiors("superiors.intake", (Role.INTAKE, Role.UNIT_LEADER)),
    NoSuperior("superiors.intake", Role.INTAKE),
    OnePostForTwo("approvals.sign.from_1bn", Role.UNIT_LEADER),
    NoSuchPost("superiors.intake", ("330781",), Role.UNIT_LEADER),
    NobodyAnswers("override.steps.1", ("330781", "330782"), Role.UNIT_LEADER),
    TooFewPersons("approvals.sign.from_1bn.1", ("330781",), 2, 1),
    OnePersonForTwo("approvals.sign.from_1bn", ("330781",)),
    RungTellsNobody("ladder.rungs.2.tells", ("330781",)),
]


def test_every_kind_of_finding_is_said_here():
    kinds = {each for each in subclasses(Finding) if not each.__subclasses__()}

    assert {type(each) for each in EVERY_KIND} == kinds


@pytest.mark.parametrize("finding", EVERY_KIND, ids=lambda each: type(each).__name__)
def test_every_finding_is_said_in_both_languages(finding):
    chinese = finding_said(finding, {"330781": "兰溪市", "330782": "义乌市"})
    with speaking(Language.EN):
        english = finding_said(finding, {"330781": "Lanxi", "330782": "Yiwu"})

    assert re.fullmatch(r"[^A-Za-z]+。", chinese)
    assert re.fullmatch(r"[^\u4e00-\u9fff]+\.", english)
    assert ("Lanxi" in english) is bool(getattr(finding, "places", ()))


def test_a_place_that_has_no_name_goes_by_its_key():
    finding = RungTellsNobody("ladder.rungs.2.tells", ("special-team-9",))

    assert "special-team-9" in finding_said(finding, {})
