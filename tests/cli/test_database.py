"""`luodi db upgrade`, `luodi sample load`, and what `luodi up` makes ready."""

import pytest

from cli.database import made_ready
from cli.opening import opened
from use_cases.seeding import seed


def counts(answer):
    return len(answer("project", "list"))


def test_upgrading_seeds_and_upgrading_again_adds_nothing(here, luodi):
    first, second = luodi("db", "upgrade"), luodi("db", "upgrade")

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "New: 12 units, 11 teams, 50 posts" in first.stdout
    assert "New: 0 units, 0 teams, 0 posts" in second.stdout


def test_upgrading_makes_the_tables_of_a_database_that_has_none(luodi, answer):
    luodi("db", "upgrade")

    checks = {each["name"]: each["ok"] for each in answer("doctor")["checks"]}

    assert checks["migrations"]


def test_upgrading_says_that_a_changed_policy_file_is_not_adopted(
    here, luodi, monkeypatch, tmp_path
):
    luodi("db", "upgrade")
    changed = tmp_path / "jinhua.toml"
    changed.write_text(seed.DEFAULT_POLICY.read_text("utf-8") + "\n# changed\n")
    monkeypatch.setattr(seed.seed, "__kwdefaults__", {"policy_file": changed})

    again = luodi("db", "upgrade")

    assert again.exit_code == 0
    assert "The file is not adopted by itself" in again.stdout


def test_samples_load_twice_with_the_same_result(seeded, luodi, answer):
    first, second = luodi("sample", "load"), luodi("sample", "load")

    assert "48 people, 45 projects reported by the press" in first.stdout
    assert "0 people, 0 projects reported by the press" in second.stdout
    assert counts(answer) == 58


def test_a_database_that_was_never_set_up_is_a_sentence_with_the_remedy(luodi):
    result = luodi("project", "list")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "luodi db upgrade" in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["sample load", "escalate", "import x.csv"])
def test_a_database_without_a_seed_is_a_sentence_with_the_remedy(here, luodi, tmp_path, command):
    (tmp_path / "x.csv").write_text("name_zh,host_unit,stage\n甲,义乌市,签约\n")

    result = luodi(*command.split())

    assert (result.exit_code, result.stdout) == (1, "")
    assert "luodi db upgrade" in result.stderr


def test_starting_fills_an_empty_database_and_only_that(here, luodi, answer, capsys):
    with opened() as runtime:
        made_ready(runtime)
        filled = counts(answer)
        made_ready(runtime)

    assert (filled, counts(answer)) == (58, 58)
    assert capsys.readouterr().out.count("人员 48 名") == 1


def test_starting_loads_no_samples_where_somebody_works_already(seeded, luodi, answer, tmp_path):
    (tmp_path / "own.csv").write_text("name_zh,host_unit,stage\n自己的项目,义乌市,签约\n")
    luodi("import", "own.csv")

    with opened() as runtime:
        made_ready(runtime)

    assert counts(answer) == 1
