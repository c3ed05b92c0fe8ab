"""What changes from one policy to another, whatever the way in which the two are written."""

from pathlib import Path

import pytest

from state_machines.approvals import Subject
from state_machines.gates import RequirementKey
from state_machines.ladder import RungKey
from state_machines.policy import Policy
from state_machines.policy_changes import (
    GateChanged,
    ListChanged,
    OverrideChanged,
    RungChanged,
    SettingChanged,
    StepsChanged,
    SuperiorChanged,
    TiersChanged,
    TiersDecideChanged,
)
from state_machines.policy_diff import changes
from state_machines.posts import Role
from state_machines.stages import Stage
from state_machines.steps import Step

SHIPPED = (Path(__file__).parents[2] / "policies" / "jinhua.toml").read_text("utf-8")
JINHUA = Policy.parse(SHIPPED, file="jinhua.toml")
SIGN_ITSELF = SHIPPED.partition("[approvals.sign]\n")[2].partition("[approvals.")[0]
BILLION = 1_000_000_000
LIKE_SIGN = (Subject.SIGN, Subject.LEASE_FACTORY, Subject.START, Subject.LOSE, Subject.REVIVE)
LEADER, DIRECTOR, MAYOR, INTAKE = (
    Step(asks=(role,))
    for role in (
        Role.UNIT_LEADER,
        Role.GENERAL_HEADQUARTERS_DIRECTOR,
        Role.DEPUTY_MAYOR,
        Role.INTAKE,
    )
)


def changed(*replaced: tuple[str, str]):
    text = SHIPPED
    for said, instead in replaced:
        assert said in text
        text = text.replace(said, instead)
    return changes(JINHUA, Policy.parse(text, file="draft.toml"))


def test_a_policy_changes_nothing_of_itself():
    assert changes(JINHUA, JINHUA) == ()


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("link_days = 10", "link_days = 10 # as ever"),
        ('[approvals.start]\nlike = "sign"', f"[approvals.start]\n{SIGN_ITSELF}"),
        (
            'under_1bn = ["unit_leader"]',
            'under_1bn = [{ asks = ["unit_leader"], needs = "all", veto = true }]',
        ),
        ('"name_zh", "name_en"', '"name_en", "name_zh"'),
        ("[pauses]\nextensions = 2\n", "[pauses]\n"),  # what is not said is the default
    ],
    ids=["a comment", "said again", "spelled out", "in another order", "left out"],
)
def test_what_is_only_written_otherwise_changes_nothing(said, instead):
    assert changed((said, instead)) == ()


@pytest.mark.parametrize(
    ("said", "instead", "key", "before", "after"),
    [
        ('name = "jinhua"', 'name = "jinhua 2027"', "name", "jinhua", "jinhua 2027"),
        ("link_days = 10", "link_days = 8", "link_days", 10, 8),
        (
            "major_from_yuan = 5_000_000_000",
            "major_from_yuan = 3_000_000_000",
            "major_from_yuan",
            5 * BILLION,
            3 * BILLION,
        ),
        ("remind = [2, 4]", "remind = [3]", "deadlines.remind", (2, 4), (3,)),
        ("step = 5", "step = 6", "deadlines.step", 5, 6),
        ("request = 15", "request = 20", "deadlines.request", 15, 20),
        ("hold_days = 60", "hold_days = 0", "pauses.hold_days", 60, 0),
        ("silence = 20", "silence = 15", "clocks.silence", 20, 15),
        ("lead = 10\n", "lead = 5\n", "clocks.stages.lead", 10, 5),
        ("[3, 4]", "[1, 2]", "clocks.priority_share", (3, 4), (1, 2)),
        (
            'red_at = "municipality"',
            'red_at = "unit"',
            "ladder.red_at",
            RungKey.MUNICIPALITY,
            RungKey.UNIT,
        ),
    ],
)
def test_a_value_is_named_by_its_key(said, instead, key, before, after):
    assert changed((said, instead)) == (SettingChanged(key, before, after),)


def test_facts_and_industries_are_compared_as_sets():
    assert changed(
        ('"name_zh", "name_en", "investor"', '"name_zh", "name_en", "owner_id"'),
        ('"新能源", "光伏"', '"光伏"'),
    ) == (
        ListChanged("material_facts", ("owner_id",), ("investor",)),
        ListChanged("leading_industries", (), ("新能源",)),
    )


def test_moves_that_change_alike_are_named_together():
    assert changed(('under_1bn = ["unit_leader"]', 'under_1bn = ["unit_leader", "intake"]')) == (
        StepsChanged(LIKE_SIGN, 0, BILLION, (LEADER,), (LEADER, INTAKE)),
    )


def test_a_move_of_its_own_is_named_whatever_the_amount():
    said = '[approvals.annul_start]\nevery_tier = ["general_headquarters_director"]'

    assert changed((said, said.replace("general_headquarters_director", "deputy_mayor"))) == (
        StepsChanged((Subject.ANNUL_START,), 0, None, (DIRECTOR,), (MAYOR,)),
    )


def test_a_move_that_needed_nobody_is_named_too():
    said = "[approvals.sign]"

    assert changed((said, f'[approvals.open_negotiation]\nevery_tier = ["intake"]\n{said}')) == (
        StepsChanged((Subject.OPEN_NEGOTIATION,), 0, None, (), (INTAKE,)),
    )


def test_a_tier_that_begins_elsewhere_changes_only_the_amounts_between():
    found = changed(
        (
            'key = "from_1bn"\nfrom_yuan = 1_000_000_000',
            'key = "from_1bn"\nfrom_yuan = 2_000_000_000',
        )
    )

    tiers, steps = found
    assert tiers == TiersChanged(
        (0, BILLION, 5 * BILLION, 10 * BILLION + 1), (0, 2 * BILLION, 5 * BILLION, 10 * BILLION + 1)
    )
    assert steps == StepsChanged(LIKE_SIGN, BILLION, 2 * BILLION, (LEADER, DIRECTOR), (LEADER,))


def test_tiers_that_change_alike_side_by_side_are_one_range():
    found = changed(('    "general_headquarters_director",\n', '    "deputy_mayor",\n'))

    ranges = [(each.from_yuan, each.below_yuan) for each in found]
    assert ranges == [(5 * BILLION, 10 * BILLION + 1), (10 * BILLION + 1, None)]


def test_a_tier_of_another_name_changes_nothing():
    assert changed(("from_5bn", "five_and_more")) == ()


def test_a_move_that_goes_by_tiers_from_now_on_says_so_though_the_same_post_is_asked():
    said = '[approvals.hold]\nevery_tier = ["unit_leader"]'
    tiers = "".join(
        f'{key} = ["unit_leader"]\n' for key in ("under_1bn", "from_1bn", "from_5bn", "above_10bn")
    )

    assert changed((said, f"[approvals.hold]\n{tiers}")) == (
        TiersDecideChanged(Subject.HOLD, True),
    )


def test_who_agrees_to_an_override_is_compared():
    assert changed(('steps = ["general_headquarters_director"]', 'steps = ["deputy_mayor"]')) == (
        OverrideChanged((DIRECTOR,), (MAYOR,)),
    )


def test_superiors_come_go_and_change():
    assert changed(
        ('case_officer = "unit_leader"\n', ""),
        ('intake = "unit_leader"', 'intake = "deputy_mayor"\nadministrator = "deputy_mayor"'),
    ) == (
        SuperiorChanged(Role.CASE_OFFICER, Role.UNIT_LEADER, None),
        SuperiorChanged(Role.INTAKE, Role.UNIT_LEADER, Role.DEPUTY_MAYOR),
        SuperiorChanged(Role.ADMINISTRATOR, None, Role.DEPUTY_MAYOR),
    )


def test_standards_are_compared_by_when_they_are_asked():
    assert changed(
        ('"owner", "industry", "investment"]', '"owner", "industry", "site"]'),
        ("{ 1_000_000_000 = ", "{ 2_000_000_000 = "),
        ('{ signed = ["no_factory_needed"], ', "{ "),
    ) == (
        GateChanged(
            Stage.NEGOTIATION, None, None, (RequirementKey.SITE,), (RequirementKey.INVESTMENT,)
        ),
        GateChanged(Stage.SIGNED, BILLION, None, (), (RequirementKey.JOINT_REVIEW_MINUTES,)),
        GateChanged(Stage.SIGNED, 2 * BILLION, None, (RequirementKey.JOINT_REVIEW_MINUTES,), ()),
        GateChanged(Stage.STARTED, None, Stage.SIGNED, (), (RequirementKey.NO_FACTORY_NEEDED,)),
    )


def test_a_rung_that_goes_moves_those_above_it():
    unit = SHIPPED[SHIPPED.index('[[ladder.rungs]]\nkey = "unit"') :].partition("\n\n")[0]
    unit = "[[ladder.rungs]]" + unit.split("[[ladder.rungs]]")[1]

    found = changed((unit, ""))

    assert [(each.rung, each.place_before, each.place_after) for each in found] == [
        (RungKey.UNIT, 2, None),
        (RungKey.MUNICIPALITY, 3, 2),
        (RungKey.DEPUTY_MAYOR, 4, 3),
    ]
    assert all(isinstance(each, RungChanged) for each in found)
    assert found[0].after is None


def test_a_rung_that_tells_others_is_shown_before_and_after():
    [change] = changed(('tells = ["owner", "origin_head"]', 'tells = ["owner"]'))

    assert (change.rung, change.before.tells, change.after.tells) == (
        RungKey.OWNER,
        ("owner", "origin_head"),
        ("owner",),
    )
