"""Every change from one policy to another is said in words, in both languages."""

import re

import pytest

from state_machines.approvals import Subject
from state_machines.gates import RequirementKey
from state_machines.ladder import Rung, RungKey
from state_machines.policy import Clocks, Policy
from state_machines.policy_changes import (
    Change,
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
from state_machines.posts import Reader, Role
from state_machines.stages import CLOCKED, Stage
from state_machines.steps import Quorum, Step
from tests.words.ours import subclasses
from use_cases.seeding.seed import DEFAULT_POLICY
from words.policy_changes import SETTINGS, change_said, steps_said
from words.translations import Language, speaking

BILLION = 1_000_000_000
LEADER, MAYOR = Step(asks=(Role.UNIT_LEADER,)), Step(asks=(Role.DEPUTY_MAYOR,))
OWNER_RUNG = Rung(key=RungKey.OWNER, after=0, tells=(Reader.OWNER,))
TOP_RUNG = Rung(
    key=RungKey.DEPUTY_MAYOR, after=15, tells=(Role.DEPUTY_MAYOR,), only_after_told=True
)

EVERY_KIND = [
    SettingChanged("link_days", 10, 8),
    SettingChanged("clocks.stages.lead", 10, 5),
    SettingChanged("major_from_yuan", 5 * BILLION, 3 * BILLION),
    SettingChanged("deadlines.remind", (2, 4), ()),
    SettingChanged("ladder.red_at", RungKey.MUNICIPALITY, RungKey.UNIT),
    ListChanged("material_facts", ("site",), ("area",)),
    ListChanged("material_facts", ("site",), ()),
    ListChanged("leading_industries", (), ("光伏",)),
    TiersChanged((0,), (0, BILLION + 1)),
    StepsChanged((Subject.SIGN, Subject.HOLD), BILLION, 5 * BILLION, (LEADER,), ()),
    TiersDecideChanged(Subject.HOLD, True),
    TiersDecideChanged(Subject.SIGN, False),
    OverrideChanged((LEADER,), (LEADER, MAYOR)),
    SuperiorChanged(Role.INTAKE, None, Role.UNIT_LEADER),
    GateChanged(Stage.SIGNED, BILLION, None, (RequirementKey.SITE,), ()),
    GateChanged(Stage.STARTED, None, Stage.SIGNED, (), (RequirementKey.SITE,)),
    GateChanged(Stage.STARTED, None, None, (RequirementKey.AREA,), (RequirementKey.SITE,)),
    RungChanged(RungKey.OWNER, OWNER_RUNG, None, 1, None),
    RungChanged(RungKey.DEPUTY_MAYOR, TOP_RUNG, TOP_RUNG, 4, 3),
]


def test_every_kind_of_change_is_said_here():
    assert {type(each) for each in EVERY_KIND} == set(subclasses(Change))


@pytest.mark.parametrize("change", EVERY_KIND, ids=lambda each: type(each).__name__)
def test_every_change_is_said_in_both_languages(change):
    chinese = change_said(change)
    with speaking(Language.EN):
        english = change_said(change)

    assert not re.search(r"[A-Za-z]", chinese)
    assert not re.search(r"[\u4e00-\u9fff]", english.replace("光伏", ""))


def test_every_value_that_can_change_has_a_name():
    policy = Policy.parse(DEFAULT_POLICY.read_text("utf-8"), file="jinhua.toml")
    clocks = Clocks(stages=dict.fromkeys(CLOCKED, 1), silence=1, priority_share=(1, 1))
    other = policy.model_copy(
        update={
            "name": "other",
            "major_from_yuan": 1,
            "two_persons_from_yuan": 1,
            "step_up_from_yuan": 1,
            "link_days": 1,
            "deadlines": policy.deadlines.model_copy(
                update={"remind": (1,), "step": 1, "request": 2}
            ),
            "pauses": policy.pauses.model_copy(update={"extensions": 0, "hold_days": 0}),
            "clocks": clocks,
            "ladder": policy.ladder.model_copy(update={"red_at": RungKey.OWNER}),
            "material_facts": frozenset({"site"}),
            "leading_industries": (),
        }
    )

    found = changes(policy, other)

    assert SETTINGS.keys() <= {each.key for each in found}
    with speaking(Language.EN):
        said = [change_said(each) for each in found]
    assert len({*said}) == len(said) == len(SETTINGS) + len(CLOCKED)


@pytest.mark.parametrize(
    ("start", "below", "said"),
    [
        (0, None, "whatever the amount"),
        (0, BILLION, "below CNY 1 bn"),
        (BILLION, None, "from CNY 1 bn"),
        (BILLION, 5 * BILLION, "from CNY 1 bn, below CNY 5 bn"),
        (5 * BILLION, 10 * BILLION + 1, "from CNY 5 bn, up to CNY 10 bn"),
        (10 * BILLION + 1, None, "more than CNY 10 bn"),
    ],
)
def test_amounts_are_said_as_a_person_would(start, below, said):
    with speaking(Language.EN):
        assert f"({said})" in change_said(
            StepsChanged((Subject.SIGN,), start, below, (LEADER,), ())
        )


TWO = (Role.UNIT_LEADER, Role.DEPUTY_MAYOR)


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ((), "nobody"),
        ((LEADER, MAYOR), "Leader of the host unit → Deputy mayor"),
        ((Step(asks=TWO),), "(Leader of the host unit, Deputy mayor at once)"),
        ((Step(asks=TWO, needs=Quorum.ANY),), "any one of Leader of the host unit, Deputy mayor"),
        (
            (Step(asks=TWO, needs=2, veto=False),),
            "(2 of Leader of the host unit, Deputy mayor by vote)",
        ),
    ],
)
def test_steps_are_said_in_their_order(steps, said):
    with speaking(Language.EN):
        assert steps_said(steps) == said
