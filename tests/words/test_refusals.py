"""Every refusal is one clear sentence in both languages."""

import ast
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

import cli
import runs
import web
from state_machines import errors
from state_machines.approvals import Answer, RequestState
from state_machines.gates import RequirementKey
from state_machines.policy_faults import Fault
from state_machines.posts import Role
from state_machines.stages import Move, Stage
from tests.words.ours import PACKAGES, subclasses
from words.fields import EXPECTATIONS
from words.policy_faults import POLICY_EXPECTS
from words.refusals import ACTS, KINDS, sentence
from words.translations import Language, speaking

REFUSALS = [
    errors.NotFound("project", "JH-2026-0042"),
    errors.IllegalMove(Stage.LEAD, Move.SIGN),
    errors.GateNotMet(Stage.SIGNED, [RequirementKey.CONTRACT_FILE, RequirementKey.PLANNED_START]),
    errors.ValueRefused("area", "a whole number"),
    errors.ValueRefused("area", "a whole number", "-5"),
    errors.ReasonRequired(Move.LOSE),
    errors.EditedMeanwhile({"investment": 1, "site": "x"}),
    errors.NotAllowed("edit"),
    errors.RequestPending("JH-2026-0042"),
    errors.NobodyToAsk(Role.DEPUTY_MAYOR),
    errors.QuorumOutOfReach(2, 3, 1),
    errors.NotTheApprover(),
    errors.RequestClosed(RequestState.SUPERSEDED),
    errors.AnsweredOtherwise(Answer.REJECT),
    errors.CodeRequired(),
    errors.CodeWrong(4),
    errors.CodeExpired(),
    errors.NotEligible("Wang Fang"),
    errors.NudgedToday(),
    errors.ProjectFrozen("JH-2026-0042"),
    errors.OnHoldAlready(date(2026, 12, 1)),
    errors.HoldTooLong(2026, 12),
    errors.ExtensionsSpent(2026),
    errors.LinkUnknown(),
    errors.LinkExpired(),
    errors.LinkDead(),
    errors.PolicyInvalid("jinhua.toml", [Fault("tiers.1.from_yuan", "a whole number")]),
    errors.FutureAsOf(),
    errors.NaiveTime("2026-12-01T09:00"),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: type(refusal).__name__)
def test_every_refusal_is_said_in_both_languages(refusal):
    chinese = sentence(refusal)
    with speaking(Language.EN):
        english = sentence(refusal)

    assert re.search(r"[\u4e00-\u9fff].*。$", chinese)
    assert re.fullmatch(r"[^\u4e00-\u9fff]+\.", english)


def test_every_refusal_of_the_rules_is_tested():
    of_the_rules = {
        each for each in subclasses(errors.Refusal) if each.__module__ == errors.__name__
    }

    assert {type(refusal) for refusal in REFUSALS} == of_the_rules


@pytest.mark.parametrize("refusal", subclasses(errors.Refusal), ids=lambda each: each.__name__)
def test_every_refusal_wherever_it_is_made_has_a_sentence_of_its_own(refusal):
    assert sentence.dispatch(refusal) is not sentence.dispatch(errors.Refusal)


def test_what_is_missing_is_named_all_at_once():
    missing = errors.GateNotMet(Stage.SIGNED, [RequirementKey.SITE, RequirementKey.AREA])

    assert "“签约”" in sentence(missing)
    assert "项目选址、面积" in sentence(missing)
    with speaking(Language.EN):
        assert "Site, Area" in sentence(missing)


def test_a_novel_in_a_field_is_quoted_by_its_beginning():
    novel = errors.ValueRefused("title", "text", "line\n" * 500)

    assert "line line" in sentence(novel)
    assert len(sentence(novel)) < 200


@pytest.mark.parametrize(
    ("call", "position", "table"),
    [
        ("NotFound", 0, KINDS),
        ("ValueRefused", 1, EXPECTATIONS),
        ("NotAllowed", 0, ACTS),
        ("Fault", 1, POLICY_EXPECTS),
        ("project_to_work_on", 2, ACTS),
    ],
)
def test_every_key_that_the_code_refuses_with_has_a_word(call, position, table):
    used = set(keys_in_calls_of(call, position))

    assert used - table.keys() == set()
    assert used


def keys_in_calls_of(name: str, position: int) -> Iterator[str]:
    """Yield what stands literally at a position of every call of `name` in our code."""
    for call in calls():
        if ast.unparse(call.func).split(".")[-1] == name:
            arguments = call.args[position : position + 1]
            yield from (str(a.value) for a in arguments if isinstance(a, ast.Constant))


@cache
def calls() -> list[ast.Call]:
    paths = (p for package in (*PACKAGES, cli, runs, web) for p in files_of(package))
    trees = (ast.parse(path.read_text()) for path in paths)
    return [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]


def files_of(package: ModuleType) -> Iterator[Path]:
    return Path(package.__path__[0]).rglob("*.py")
