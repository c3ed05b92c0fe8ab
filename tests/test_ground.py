"""Promises of the ground that all other tests stand on."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from db.base import Base
from db.migrations import check
from db.session import Database
from tests.clock import WallClock
from tests.databases import on_postgresql, on_sqlite
from tests.needs import require

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("turn", [1, 2])
def test_every_test_starts_with_an_empty_migrated_database(database: Database, turn: int) -> None:
    tables = set(inspect(database.engine).get_table_names())

    with database.writing() as session:
        found = session.scalar(text("SELECT count(*) FROM units"))
        session.execute(text("INSERT INTO number_series (series, last) VALUES ('JH', 1)"))

    assert tables == {*Base.metadata.tables, "alembic_version"}
    assert found == 0


def test_the_migrations_make_what_the_models_say(database: Database) -> None:
    check(database)


@on_sqlite
def test_a_test_may_ask_for_sqlite_alone(database: Database) -> None:
    assert database.engine.dialect.name == "sqlite"


@on_postgresql
def test_a_test_may_ask_for_postgresql_alone(database: Database) -> None:
    assert database.engine.dialect.name == "postgresql"


def test_the_clock_stands_on_a_monday_morning_until_it_is_turned(clock: WallClock) -> None:
    before = clock()
    clock.forward(days=1, hours=2)

    assert before == datetime(2026, 3, 2, 1, tzinfo=UTC)
    assert clock() == datetime(2026, 3, 3, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("all_required", "outcome"), [("", pytest.skip.Exception), ("1", pytest.fail.Exception)]
)
def test_what_the_machine_lacks_is_said_and_fails_only_where_all_is_required(
    monkeypatch: pytest.MonkeyPatch, all_required: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("LUODI_REQUIRE_ALL", all_required)
    monkeypatch.setenv("PATH", "")

    with pytest.raises(outcome, match="Chromium is missing: apt-get install chromium"):
        require("chromium")


def test_a_test_that_needs_something_says_so_with_a_mark(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUODI_REQUIRE_ALL", "")
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # they take seconds to load
    pytester.makepyfile("import pytest\n@pytest.mark.needs('chromium')\ndef test_page(): ...")

    result = pytester.runpytest_inprocess("-p", "tests.needs", "-rs")

    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED *Chromium is missing: apt-get install chromium"])


def test_developers_test_the_very_versions_that_users_run() -> None:
    users, developers = (
        {line for line in (ROOT / lock).read_text().splitlines() if "==" in line}
        for lock in ("requirements.lock", "requirements-dev.lock")
    )

    assert users <= developers
