"""Every way in which a policy file can be wrong is refused by file, key and expectation."""

import re
from pathlib import Path

import pytest

from state_machines.approvals import Subject
from state_machines.errors import PolicyInvalid
from state_machines.policy import Policy
from words.refusals import sentence
from words.translations import Language, speaking

SHIPPED = (Path(__file__).parents[2] / "policies" / "jinhua.toml").read_text("utf-8")
TWO_POSTS = '["special_team_lead", "promotion_center_head"], needs = "all"'
SIGN_UNDER_1BN = 'under_1bn = ["unit_leader"]'

WRONG = [
    # what the file says, what it says instead, the key that is named, what it expects
    ('name = "jinhua"', "name = jinhua", "TOML", "TOML; line 4 is none"),
    ('name = "jinhua"', "name = 3", "name", "text in quotation marks"),
    ('name = "jinhua"\n', "", "name", "a value, which is missing"),
    ('name = "jinhua"', 'name = "jinhua"\ncolour = "red"', "colour", "no such key"),
    ("link_days = 10", "link_days = 0", "link_days", "1 or more"),
    ("link_days = 10", 'link_days = "ten"', "link_days", "a whole number"),
    ("major_from_yuan = 5_000_000_000", "major_from_yuan = -1", "major_from_yuan", "0 or more"),
    ("material_facts = [", 'material_facts = "site"\nx = [', "material_facts", "a list"),
    ('"name_zh", "name_en", "inv', '"colour", "name_en", "inv', "material_facts", "colour"),
    ('key = "under_1bn"\nfrom_yuan = 0', 'key = "under_1bn"\nfrom_yuan = 1', "tiers", "= 0"),
    ("\nfrom_yuan = 5_000_000_000", "\nfrom_yuan = 1_000_000_000", "tiers", "rise"),
    ("\nfrom_yuan = 5_000_000_000", "\nfrom_yuan = 999", "tiers", "rise"),
    ("\nfrom_yuan = 5_000_000_000", "\nfrom_yuan = 5.5", "tiers.3.from_yuan", "a whole number"),
    (
        "[approvals.sign]",
        '[approvals.dance]\nlike = "sign"\n[approvals.sign]',
        "approvals.dance",
        "one of these keys: open_negotiation, sign",
    ),
    (
        'like = "sign"\n[approvals.start]',
        'like = "dance"\n[approvals.start]',
        "approvals.lease_factory.like",
        "names its tiers itself",
    ),
    (
        '[approvals.start]\nlike = "sign"',
        '[approvals.start]\nlike = "lose"',
        "approvals.start.like",
        "names its tiers itself",
    ),
    (
        '[approvals.start]\nlike = "sign"',
        '[approvals.start]\nlike = "sign"\nfrom_1bn = []',
        "approvals.start",
        "not both",
    ),
    (SIGN_UNDER_1BN, f"{SIGN_UNDER_1BN}\nhuge = []", "approvals.sign", "every_tier alone"),
    (SIGN_UNDER_1BN, 'under_1bn = ["mayor"]', "approvals.sign.under_1bn.1", "unit_leader"),
    (SIGN_UNDER_1BN, "under_1bn = [3]", "approvals.sign.under_1bn.1", "a table"),
    (SIGN_UNDER_1BN, 'under_1bn = "unit_leader"', "approvals.sign.under_1bn", "a list"),
    (
        SIGN_UNDER_1BN,
        'under_1bn = [{ asks = ["unit_leader", "unit_leader"] }]',
        "approvals.sign.under_1bn.1.asks",
        "each once",
    ),
    (
        TWO_POSTS,
        TWO_POSTS.replace('"all"', '"most"'),
        "approvals.sign.from_5bn.1.needs",
        "one of all, any, or a whole number of 1 or more",
    ),
    (
        TWO_POSTS,
        TWO_POSTS.replace('"all"', "0"),
        "approvals.sign.from_5bn.1.needs",
        "one of all, any, or a whole number of 1 or more",
    ),
    (
        TWO_POSTS,
        TWO_POSTS.replace('"all"', "3"),
        "approvals.sign.from_5bn.1.needs",
        "a whole number of 2 or less",
    ),
    (
        TWO_POSTS,
        f'{TWO_POSTS}, veto = "perhaps"',
        "approvals.sign.from_5bn.1.veto",
        "true or",
    ),
    (
        TWO_POSTS,
        f'{TWO_POSTS}, colour = "red"',
        "approvals.sign.from_5bn.1.colour",
        "no such key",
    ),
    (
        TWO_POSTS,
        TWO_POSTS.replace('"promotion_center_head"', '"mayor"'),
        "approvals.sign.from_5bn.1.asks.2",
        "one of",
    ),
    ("asks = " + TWO_POSTS, 'needs = "all"', "approvals.sign.from_5bn.1.asks", "missing"),
    (
        'steps = ["general_headquarters_director"]',
        'steps = [{ asks = ["unit_leader"], needs = 2 }]',
        "override.steps.1.needs",
        "a whole number of 1 or less",
    ),
    ("hold_days = 60", "hold_days = -1", "pauses.hold_days", "0 or more"),
    ("two_persons_from_yuan = 1", "two_persons_from_yuan = -1", "two_persons_from_yuan", "0 or"),
    (
        '[approvals.hold]\nevery_tier = ["unit_leader"]',
        "[approvals.hold]\nevery_tier = []",
        "approvals.hold",
        "nobody gives themselves time",
    ),
    (
        'steps = ["general_headquarters_director"]',
        "steps = []",
        "override.steps",
        "a list of at least 1",
    ),
    ("step = 5", "step = 15", "deadlines.step", "14 or less"),
    ("remind = [2, 4]", "remind = [2, 0]", "deadlines.remind.2", "1 or more"),
    ('intake = "unit_leader"', 'intake = "mayor"', "superiors.intake", "unit_leader"),
    ('intake = "unit_leader"', 'mayor = "unit_leader"', "superiors.mayor", "these keys"),
    ("[gates.negotiation]", "[gates.dreaming]", "gates.dreaming", "negotiation"),
    ('requires = ["site", ', 'requires = ["view", ', "gates.factory_leased.requires.1", "site"),
    ("{ 1_000_000_000 = ", "{ much = ", "gates.signed.from_yuan.much", "a whole number"),
    ("{ signed = [", "{ dreaming = [", "gates.started.coming_from.dreaming", "signed"),
    ("silence = 20", "silence = 0", "clocks.silence", "1 or more"),
    ("silence = 20", "silence = -20", "clocks.silence", "1 or more"),
    ("priority_share = [3, 4]", "priority_share = [3, 0]", "clocks.priority_share.2", "1 or more"),
    ("priority_share = [3, 4]", "priority_share = [5, 4]", "clocks.priority_share", "whole"),
    ("priority_share = [3, 4]", "priority_share = [3]", "clocks.priority_share.2", "missing"),
    ("priority_share = [3, 4]", "priority_share = [3, 4, 5]", "clocks.priority_share", "most 2"),
    ("lead = 10\n", "", "clocks.stages", "exactly these keys: lead, negotiation"),
    ("lead = 10\n", "lead = -10\n", "clocks.stages.lead", "1 or more"),
    ("lead = 10\n", "lead = 10\nstarted = 5\n", "clocks.stages", "exactly these keys"),
    ('red_at = "municipality"', 'red_at = "moon"', "ladder.red_at", "municipality"),
    ('key = "deputy_mayor"', 'key = "moon"', "ladder.rungs.4.key", "municipality"),
    ("after = 5", "after = -5", "ladder.rungs.2.after", "0 or more"),
    ("after = 5", "after = 5\nonly_after_told = true", "ladder.rungs", "but the last"),
    ("only_after_told = true", "only_after_told = 3", "ladder.rungs.4.only_after_told", "true or"),
    ('tells = ["deputy_mayor"]', 'tells = ["mayor"]', "ladder.rungs.4.tells.1", "one of owner"),
    ('tells = ["deputy_mayor"]', "tells = []", "ladder.rungs.4.tells", "a list of at least 1"),
]


def refused(text: str) -> PolicyInvalid:
    with pytest.raises(PolicyInvalid) as refusal:
        Policy.parse(text, file="draft.toml")
    assert refusal.value.file == "draft.toml"
    return refusal.value


def test_the_shipped_file_is_a_policy():
    assert Policy.parse(SHIPPED, file="jinhua.toml").name == "jinhua"


@pytest.mark.parametrize(("said", "instead", "key", "expectation"), WRONG)
def test_a_wrong_policy_is_refused_by_file_key_and_expectation(said, instead, key, expectation):
    assert said in SHIPPED

    refusal = refused(SHIPPED.replace(said, instead, 1))

    assert key in [fault.key for fault in refusal.faults]
    with speaking(Language.EN):
        lines = [line for line in sentence(refusal).splitlines() if line.startswith(f"{key}: ")]
    assert [line for line in lines if expectation in line] == lines != []


@pytest.mark.parametrize(("said", "instead", "key", "expectation"), WRONG)
def test_no_english_stands_inside_the_chinese(said, instead, key, expectation):
    refusal = refused(SHIPPED.replace(said, instead, 1))

    words_of_the_file = {"draft", "toml", "TOML", "like", "every_tier", "approvals", "from_yuan"}
    words_of_the_file |= {"only_after_told", "true", "false"} | {*key.split(".")}
    for fault in refusal.faults:
        words_of_the_file |= {*fault.key.split(".")}
        words_of_the_file |= {str(each) for each in fault.facts.get("choices", ())}
        words_of_the_file |= {*fault.facts.get("unknown", ())}
    assert {*re.findall(r"[A-Za-z_][A-Za-z_0-9]*", sentence(refusal))} <= words_of_the_file


def test_all_that_is_wrong_is_named_at_once_and_each_place_once():
    text = SHIPPED.replace("link_days = 10", "link_days = 0").replace("silence = 20", "")

    assert sorted(fault.key for fault in refused(text).faults) == ["clocks.silence", "link_days"]


def test_what_other_moves_take_over_is_named_where_it_stands():
    text = SHIPPED.replace(SIGN_UNDER_1BN, 'under_1bn = ["mayor"]')

    assert [fault.key for fault in refused(text).faults] == ["approvals.sign.under_1bn.1"]


def test_tiers_that_contradict_one_another_are_named_with_all_that_hangs_on_them():
    text = SHIPPED.replace('key = "from_5bn"', 'key = "from_1bn"')

    faults = [(fault.key, fault.expected) for fault in refused(text).faults]

    assert ("tiers", "each once") in faults
    assert ("approvals.sign", "every tier") in faults


def test_a_file_cut_off_is_refused():
    [fault] = refused('name = "jin').faults

    assert (fault.key, fault.expected) == ("TOML", "TOML to its end")


def test_an_empty_file_is_refused_too():
    assert refused("").faults[0].key == "name"


NEW_KEYS = re.compile(
    r"^(two_persons_from_yuan|step_up_from_yuan) = .*\n"
    r"|^\[(deadlines|pauses|approvals\.hold|approvals\.extension)\]\n(?:\w+ = .*\n)+",
    re.MULTILINE,
)


def test_a_version_adopted_before_there_were_steps_reads_as_posts_that_are_asked_one_by_one():
    older = NEW_KEYS.sub("", re.sub(" *#.*", "", SHIPPED)).replace(
        f"{{ asks = {TWO_POSTS} }}", '"special_team_lead", "promotion_center_head"'
    )
    older = older.replace('steps = ["general', 'approvers = ["general')
    assert not re.search(r"\b(asks|needs|steps|deadlines|pauses|hold|extension)\b", older)

    policy, shipped = (Policy.parse(text, file="jinhua#1") for text in (older, SHIPPED))

    for subject in Subject:
        for investment in (0, 1_000_000_000, 5_000_000_000, 10_000_000_001):
            asked, asked_now = (
                [role for step in each.steps(subject, investment, override=True)
                 for role in step.asks]
                for each in (policy, shipped)
            )  # fmt: skip
            assert asked == asked_now
            assert {len(step.asks) for step in policy.steps(subject, investment)} <= {1}
    same = ("deadlines", "pauses", "override", "two_persons_from_yuan", "step_up_from_yuan")
    assert [getattr(policy, key) for key in same] == [getattr(shipped, key) for key in same]
