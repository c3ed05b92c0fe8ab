"""Commands run as a person types them, on a database of the test's own, at a time that stands."""

import json
from collections.abc import Callable

import pytest
import time_machine
from typer.testing import CliRunner

from cli.main import app
from runtime.calendar import city_calendar
from use_cases.samples.load import load_samples
from use_cases.seeding.seed import seed


@pytest.fixture
def told(monkeypatch, tmp_path, clock):
    """No settings but these: English, and a folder that the test throws away."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LUODI_LANGUAGE", "en")
    monkeypatch.setenv("LUODI_DATA_FOLDER", str(tmp_path / "var"))
    with time_machine.travel(clock(), tick=False):
        yield


@pytest.fixture
def luodi(told) -> Callable:
    """Run a command: `luodi("project", "list")` gives its exit code, stdout and stderr.

    `said` is what a person says when asked; by default nobody is there to say anything.
    """
    runner = CliRunner()
    return lambda *typed, said="": runner.invoke(
        app, [str(each) for each in typed], input=said, prog_name="luodi"
    )


@pytest.fixture
def answer(luodi):
    """Run a command that prints JSON, and read it."""

    def run(*typed):
        result = luodi(*typed, "--json")
        assert result.stderr == ""
        return json.loads(result.stdout)

    return run


@pytest.fixture
def here(told, monkeypatch, database_url):
    """The commands' database: migrated, and empty."""
    monkeypatch.setenv("LUODI_DATABASE_URL", database_url)


@pytest.fixture
def seeded(here, database, clock):
    with database.writing() as session:
        seed(session, now=clock())


@pytest.fixture
def city(seeded, database, clock):
    """The commands' database with the sample city in it."""
    with database.writing() as session:
        load_samples(session, now=clock(), calendar=city_calendar())


@pytest.fixture
def number(city, answer):
    """The number of the sample project whose name contains these words."""

    def find(part):
        [line] = [each for each in answer("project", "list") if part in (each["name_zh"] or "")]
        return line["number"]

    return find
