"""Help in both languages and quickly, refusals in one sentence, exit codes that scripts rely on."""

import os
import re
import subprocess
import sys

import pytest
import typer
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

from cli import speech
from cli.main import app
from state_machines import errors
from tests.words.test_refusals import REFUSALS
from words.refusals import sentence
from words.translations import Language, speaking

CHINESE = re.compile(r"[\u4e00-\u9fff]")
HEAVY = {"alembic", "babel", "jinja2", "prefect", "pydantic", "rich", "sqlalchemy", "transitions"}
HELP_TAKES_AT_MOST = 1.0
"""Seconds of computing. Half of one is promised, on a machine not busy with other tests."""


def commands(command, path=()):
    yield path
    if isinstance(command, TyperGroup):
        for name, each in command.commands.items():
            yield from commands(each, (*path, name))


ALL = sorted(commands(get_command(app)))


def test_the_commands_are_those_that_are_promised():
    assert [" ".join(path) for path in ALL] == [
        "",
        "approvals",
        "approvals chase",
        "approvals decide",
        "approvals disown",
        "approvals fresh-link",
        "approvals list",
        "approvals nudge",
        "approvals reassign",
        "approvals show",
        "approvals withdraw",
        "db",
        "db upgrade",
        "delegations",
        "delegations add",
        "delegations end",
        "delegations list",
        "deliver",
        "doctor",
        "escalate",
        "import",
        "people",
        "people leave",
        "people list",
        "policy",
        "policy adopt",
        "policy check",
        "policy diff",
        "policy reissue",
        "posts",
        "posts appoint",
        "posts list",
        "posts vacate",
        "project",
        "project advance",
        "project extend",
        "project hold",
        "project list",
        "project show",
        "project unfreeze",
        "sample",
        "sample load",
        "up",
        "web",
    ]


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_help_is_chinese_unless_english_is_asked_for(luodi, monkeypatch, path):
    english = luodi("--language", "en", *path, "--help")
    monkeypatch.delenv("LUODI_LANGUAGE")
    chinese = luodi(*path, "--help")

    assert (english.exit_code, chinese.exit_code) == (0, 0)
    assert not CHINESE.search(english.stdout)
    assert re.findall(r"[A-Z][a-z]+ [a-z]+", chinese.stdout) == []
    assert chinese.stdout.startswith("用法：luodi")


@pytest.mark.parametrize("asked", [("--language", "en"), ("--language=en",)])
def test_the_option_goes_before_the_environment(luodi, monkeypatch, asked):
    monkeypatch.setenv("LUODI_LANGUAGE", "zh-Hans")

    assert luodi(*asked, "--help").stdout.startswith("Usage: luodi")


def test_a_command_line_without_a_command_shows_the_help(luodi):
    assert luodi().stdout == luodi("--help").stdout


def test_help_waits_for_no_database_and_no_server():
    before = os.times()
    loaded = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "cli", "--help"],
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    after = os.times()

    took = after.children_user - before.children_user
    took += after.children_system - before.children_system
    assert HEAVY & {line.split("|")[-1].strip() for line in loaded.splitlines()} == set()
    assert took < HELP_TAKES_AT_MOST


MISUSES = {
    "no such command": (["fly"], "There is no such command"),
    "a group alone": (["project"], "There is no such command"),
    "no such option": (["deliver", "--fast"], "--fast is no option here"),
    "an option without its value": (["escalate", "--as-of"], "--as-of is no option here"),
    "an argument that is missing": (["project", "show"], "NUMBER is missing"),
    "an option that is missing": (["project", "advance", "JH-1", "sign"], "--as is missing"),
    "no such language": (["--language", "fr", "doctor"], "--language 的值无效"),
    "no such file": (["import", "nowhere.csv"], "FILE cannot be that"),
    "no such number": (["import", "x.csv", "--spread", "-1"], "cannot be that"),
    "no such move": (
        ["project", "advance", "JH-1", "jump", "--as", "a@b.example"],
        "MOVE cannot be",
    ),
    "no such stage": (["project", "list", "--stage", "limbo"], "--stage cannot be “limbo”"),
    "no such answer": (["approvals", "decide", "1", "yes", "--as", "me"], "ANSWER cannot"),
    "no such clock": (["import", "x.csv", "--clock", "never"], "--clock cannot be “never”"),
    "no time": (["escalate", "--as-of", "tomorrow"], "--as-of cannot be “tomorrow”"),
}


@pytest.mark.parametrize(("typed", "said"), MISUSES.values(), ids=MISUSES)
def test_bad_usage_is_one_sentence_on_stderr_and_exit_code_2(luodi, tmp_path, typed, said):
    (tmp_path / "x.csv").write_text("name_zh,host_unit,stage\n")

    result = luodi(*typed)

    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1


EXIT_CODES = {
    errors.NotFound: 2,
    errors.ValueRefused: 2,
    errors.ReasonRequired: 2,
    errors.PolicyInvalid: 2,
    errors.FutureAsOf: 2,
    errors.NaiveTime: 2,
    errors.LinkUnknown: 2,
    errors.LinkExpired: 2,
    errors.CodeRequired: 2,
    errors.CodeWrong: 2,
    errors.CodeExpired: 2,
    errors.NotEligible: 2,
    errors.HoldTooLong: 2,
    errors.IllegalMove: 1,
    errors.GateNotMet: 1,
    errors.EditedMeanwhile: 1,
    errors.NotAllowed: 1,
    errors.RequestPending: 1,
    errors.NobodyToAsk: 1,
    errors.NotTheApprover: 1,
    errors.RequestClosed: 1,
    errors.AnsweredOtherwise: 1,
    errors.ExtensionsSpent: 1,
    errors.LinkDead: 1,
    errors.NudgedToday: 1,
    errors.OnHoldAlready: 1,
    errors.ProjectFrozen: 1,
    errors.QuorumOutOfReach: 1,
}
"""2: type something else. 1: what was typed is right, but things stand otherwise."""


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: type(refusal).__name__)
def test_a_refusal_is_its_sentence_and_its_exit_code_never_a_traceback(refusal):
    def refuse() -> None:
        raise refusal

    tried = typer.Typer(cls=speech.Spoken, rich_markup_mode=None, help="Commands")
    tried.callback()(lambda: None)
    tried.command("refuse", help="Options")(refuse)

    result = CliRunner().invoke(tried, ["refuse"])

    with speaking(Language.EN):
        assert result.stderr == sentence(refusal) + "\n"
    assert (result.exit_code, result.stdout) == (EXIT_CODES[type(refusal)], "")
