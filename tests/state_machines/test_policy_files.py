"""Every way in which a policy file can be wrong is refused by file, key and expectation."""

from pathlib import Path

import pytest

from state_machines.errors import PolicyInvalid
from state_machines.policy import Policy

SHIPPED = (Path(__file__).parents[2] / "policies" / "jinhua.toml").read_text("utf-8")

WRONG = [
    # what the file says, what it says instead, the key that is named, a word of the expectation
    ('name = "jinhua"', "name = jinhua", "TOML", "line 4"),
    ('name = "jinhua"', "name = 3", "name", "string"),
    ('name = "jinhua"\n', "", "name", "required"),
    ('name = "jinhua"', 'name = "jinhua"\ncolour = "red"', "colour", "not permitted"),
    ("link_days = 10", "link_days = 0", "link_days", "greater"),
    ("link_days = 10", 'link_days = "ten"', "link_days", "integer"),
    ("major_from_yuan = 5_000_000_000", "major_from_yuan = -1", "major_from_yuan", "greater"),
    ('"name_zh", "name_en", "inv', '"colour", "name_en", "inv', "material_facts", "colour"),
    ('key = "under_1bn"\nfrom_yuan = 0', 'key = "under_1bn"\nfrom_yuan = 1', "tiers", "= 0"),
    ("\nfrom_yuan = 5_000_000_000", "\nfrom_yuan = 1_000_000_000", "tiers", "rise"),
    ("\nfrom_yuan = 5_000_000_000", "\nfrom_yuan = 999", "tiers", "rise"),
    ('key = "from_5bn"', 'key = "from_1bn"', "tiers", "once"),
    ("\nfrom_yuan = 5_000_000_000", "\nfrom_yuan = 5.5", "tiers.2.from_yuan", "integer"),
    (
        "[approvals.sign]",
        '[approvals.dance]\nlike = "sign"\n[approvals.sign]',
        "approvals.dance",
        "open_neg",
    ),
    (
        'like = "sign"\n[approvals.start]',
        'like = "dance"\n[approvals.start]',
        "approvals.lease_factory.like",
        "dance",
    ),
    (
        '[approvals.start]\nlike = "sign"',
        '[approvals.start]\nlike = "lose"',
        "approvals.start.like",
        "itself",
    ),
    ('under_1bn = ["unit_leader"]\n', "", "approvals.sign", "every tier"),
    (
        'under_1bn = ["unit_leader"]',
        'under_1bn = ["unit_leader"]\nhuge = []',
        "approvals.sign",
        "every tier",
    ),
    (
        'under_1bn = ["unit_leader"]',
        'under_1bn = ["mayor"]',
        "approvals.sign.under_1bn.0",
        "unit_leader",
    ),
    (
        'approvers = ["general_headquarters_director"]',
        "approvers = []",
        "override.approvers",
        "at least 1",
    ),
    ('intake = "unit_leader"', 'intake = "mayor"', "superiors.intake", "unit_leader"),
    ('intake = "unit_leader"', 'mayor = "unit_leader"', "superiors.mayor", "unit_leader"),
    ("[gates.negotiation]", "[gates.dreaming]", "gates.dreaming", "negotiation"),
    ('requires = ["site", ', 'requires = ["view", ', "gates.factory_leased.requires.0", "site"),
    ("{ 1_000_000_000 = ", "{ much = ", "gates.signed.from_yuan.much", "integer"),
    ("{ signed = [", "{ dreaming = [", "gates.started.coming_from.dreaming", "signed"),
    ("silence = 20", "silence = 0", "clocks.silence", "greater"),
    ("silence = 20", "silence = -20", "clocks.silence", "greater"),
    ("priority_share = [3, 4]", "priority_share = [3, 0]", "clocks.priority_share.1", "greater"),
    ("priority_share = [3, 4]", "priority_share = [5, 4]", "clocks.priority_share", "whole"),
    ("priority_share = [3, 4]", "priority_share = [3]", "clocks.priority_share.1", "required"),
    ("lead = 10\n", "", "clocks.stages", "lead"),
    ("lead = 10\n", "lead = -10\n", "clocks.stages.lead", "greater"),
    ("lead = 10\n", "lead = 10\nstarted = 5\n", "clocks.stages", "started"),
    ('red_at = "municipality"', 'red_at = "moon"', "ladder.red_at", "municipality"),
    ('key = "unit"', 'key = "owner"', "ladder", "once"),
    ('key = "deputy_mayor"', 'key = "moon"', "ladder.rungs.3.key", "municipality"),
    ("after = 5", "after = -5", "ladder.rungs.1.after", "greater"),
    ("after = 5", "after = 5\nonly_after_told = true", "ladder", "last rung"),
    ('tells = ["deputy_mayor"]', 'tells = ["mayor"]', "ladder.rungs.3.tells.0", "owner"),
    ('tells = ["deputy_mayor"]', "tells = []", "ladder.rungs.3.tells", "at least 1"),
]


def test_the_shipped_file_is_a_policy():
    assert Policy.parse(SHIPPED, file="jinhua.toml").name == "jinhua"


@pytest.mark.parametrize(("said", "instead", "key", "expectation"), WRONG)
def test_a_wrong_policy_is_refused_by_file_key_and_expectation(said, instead, key, expectation):
    assert said in SHIPPED
    text = SHIPPED.replace(said, instead, 1)

    with pytest.raises(PolicyInvalid) as refused:
        Policy.parse(text, file="draft.toml")

    assert refused.value.file == "draft.toml"
    assert refused.value.key.startswith(key)
    assert expectation in refused.value.expected
    assert "Value error" not in refused.value.expected


def test_an_empty_file_is_refused_too():
    with pytest.raises(PolicyInvalid) as refused:
        Policy.parse("", file="empty.toml")

    assert refused.value.key == "name"
