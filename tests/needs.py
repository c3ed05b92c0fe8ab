"""What a test needs of the machine, and what becomes of the test where the machine lacks it.

    @pytest.mark.needs("chromium", "cjk-fonts")

It is skipped, with a sentence that says what is missing and how to get it, and listed at the end.
With LUODI_REQUIRE_ALL=1, as in CI, it fails instead.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from ctypes.util import find_library
from functools import cache
from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared"


def command(name: str) -> Callable[[], bool]:
    return lambda: shutil.which(name) is not None


@cache
def has_cjk_fonts() -> bool:
    if not shutil.which("fc-list"):
        return False
    return bool(subprocess.check_output(["fc-list", ":lang=zh-cn", "family"]))


@cache
def has_pango() -> bool:
    return find_library("pangoft2-1.0") is not None


NEEDS: dict[str, tuple[Callable[[], bool], str]] = {
    "chromium": (command("chromium"), "Chromium is missing: apt-get install chromium"),
    "cjk-fonts": (
        has_cjk_fonts,
        "Chinese fonts are missing: apt-get install fontconfig fonts-noto-cjk",
    ),
    "node": (command("node"), "Node.js is missing: apt-get install nodejs"),
    "pango": (
        has_pango,
        "Pango is missing: apt-get install libpango-1.0-0 libpangoft2-1.0-0",
    ),
    "shared": (
        SHARED.is_dir,
        "The folder of shared material is missing: put it beside the project, as ../shared",
    ),
}


def require(*names: str) -> None:
    """Go on if the machine has all of these; else skip, or fail where everything is required."""
    for name in names:
        is_there, sentence = NEEDS[name]
        if not is_there():
            if os.environ.get("LUODI_REQUIRE_ALL") == "1":
                pytest.fail(sentence, pytrace=False)
            pytest.skip(sentence)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"needs(*names): of the machine: {', '.join(NEEDS)}")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("needs"):
        require(*mark.args)
