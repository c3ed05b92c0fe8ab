"""The world a test runs in: real databases, a clock turned by hand, no settings but its own."""

import os
from pathlib import Path

import pytest

from tests.clock import WallClock

pytest_plugins = ["tests.databases", "tests.needs", "tests.prefect_server"]

FOR_THE_TESTS = {"LUODI_REQUIRE_ALL", "LUODI_TEST_DATABASE_URL", "LUODI_TEST_WALKS"}
WITH_SERVERS = ("browser", "flows", "stories")
"""Folders whose tests start servers that they share: a folder stays on one worker."""


def pytest_configure() -> None:
    for name in {*os.environ} - FOR_THE_TESTS:
        if name.startswith("LUODI_"):
            del os.environ[name]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        folder = item.path.relative_to(Path(__file__).parent).parts[0]
        if folder in WITH_SERVERS:
            item.add_marker(pytest.mark.xdist_group(folder))


@pytest.fixture
def clock() -> WallClock:
    return WallClock()
