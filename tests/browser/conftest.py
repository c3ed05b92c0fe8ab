"""A real Chromium over a real Luodi with its samples loaded, as `make run` shows it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from tests.live import Luodi, installed
from tests.needs import require

QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
DESK = ViewportSize(width=1280, height=900)
PHONE = ViewportSize(width=390, height=844)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the machine's own Chromium; it is closed at the end."""
    require("chromium", "cjk-fonts")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=[*QUIET]
        )
        yield browser
        browser.close()


@pytest.fixture
def browser() -> Iterator[Browser]:
    """One for each test: while Playwright runs, no other test here could run an event loop."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def window() -> dict[str, Any]:
    """What is special about the browser window; a test's parameters may say."""
    return {}


@pytest.fixture
def context(browser: Browser, window: dict[str, Any], luodi: Luodi) -> Iterator[BrowserContext]:
    """A fresh browser window of a reader of Chinese, closed before the pages are.

    Whatever the browser complains about on any page (an error, a violated policy) fails the test.
    """
    context = browser.new_context(**{"locale": "zh-CN", "viewport": DESK} | window)
    context.set_default_timeout(20_000)
    complaints: list[str] = []
    context.on("console", lambda said: complaints.append(f"{said.type}: {said.text}"))
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield context
    context.close()
    # A form that came back with what is missing answers 422, which Chromium calls an error.
    assert [each for each in complaints if "status of 422" not in each] == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def luodi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Luodi]:
    """A Luodi of the test's own, samples loaded, its pages served."""
    require("chromium", "cjk-fonts")
    luodi = installed(tmp_path_factory.mktemp("luodi"))
    luodi.type("sample", "load")
    with luodi.serving():
        yield luodi


def act_as(page: Page, name: str) -> None:
    """Choose who is acting, at the top of the page."""
    choice = page.get_by_label("操作身份")
    value = choice.locator("option").filter(has_text=name).first.get_attribute("value")
    choice.select_option(value)
    page.get_by_role("button", name="切换").click()
