"""Takes the pictures in `docs/pictures` anew, of a Luodi of its own with the samples loaded."""

from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, FloatRect, Locator, Page

from tests.browser.conftest import DESK, PHONE, act_as, chromium
from tests.browser.test_first_ten_minutes import SAMPLE, open_letter, open_sample
from tests.live import Luodi, installed

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
AROUND = 12  # pixels left free around what a picture shows
LEADER = "gong.yaohui@yiwu.example"


def take_top(page: Page, name: str, *, height: int) -> None:
    """Take the top of the window, so many pixels of it."""
    page.wait_for_load_state("networkidle")
    page.evaluate("scrollTo(0, 0)")
    clip = FloatRect(x=0, y=0, width=DESK["width"], height=height)
    page.screenshot(path=PICTURES / f"{name}.png", clip=clip)


def take_around(page: Page, name: str, *shown: Locator) -> None:
    """Take the piece of the page that holds all of these."""
    page.evaluate("scrollTo(0, 0)")
    boxes = [box for each in shown if (box := each.bounding_box())]
    left = max(0, min(box["x"] for box in boxes) - AROUND)
    top = max(0, min(box["y"] for box in boxes) - AROUND)
    right = max(box["x"] + box["width"] for box in boxes) + AROUND
    bottom = max(box["y"] + box["height"] for box in boxes) + AROUND
    clip = FloatRect(x=left, y=top, width=right - left, height=bottom - top)
    page.screenshot(path=PICTURES / f"{name}.png", clip=clip, full_page=True)


def at_a_desk(browser: Browser, luodi: Luodi) -> None:
    page = browser.new_page(locale="zh-CN", viewport=DESK)
    page.goto(f"{luodi.address}/projects")
    act_as(page, "俞子昂")
    page.goto(f"{luodi.address}/projects")
    take_top(page, "projects", height=640)

    open_sample(page, luodi)
    page.reload()  # without the sentence about the last click
    take_top(page, "project", height=760)
    way = page.get_by_role("region", name="下一阶段：签约")
    way.get_by_role("button", name="提请审批：签约").click()
    take_around(page, "gate", page.get_by_role("alert"), way)

    page.get_by_label("合同编号").fill("YW-2026-088")
    page.get_by_label("计划开工时间").fill("2027-03")
    page.get_by_role("button", name="保存项目信息").click()
    way.get_by_role("button", name="提请审批：签约").click()
    open_letter(page, luodi, SAMPLE[:6], LEADER)
    take_top(page, "letter", height=640)

    page.goto(f"{luodi.address}/orders")
    take_top(page, "orders", height=340)
    page.get_by_role("link", name="样例·电动工具产业园项目").click()
    take_around(page, "order", page.get_by_role("region", name="督办单"))


def on_a_phone(browser: Browser, luodi: Luodi) -> None:
    page = browser.new_page(locale="zh-CN", viewport=PHONE)
    open_letter(page, luodi, SAMPLE[:6], LEADER)
    page.locator("pre.letter").get_by_role("link").first.click()
    take_around(page, "link", page.locator("p.brand"), page.locator("form.decision"))


def in_english(browser: Browser, luodi: Luodi) -> None:
    page = browser.new_page(locale="en-GB", viewport=DESK)
    page.goto(f"{luodi.address}/projects")
    act_as(page, "Daniel Weber")  # reads English
    page.goto(f"{luodi.address}/projects")
    take_top(page, "projects-en", height=640)


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder, chromium() as browser:
        luodi = installed(Path(folder))
        luodi.type("sample", "load")
        luodi.type("escalate")
        luodi.type("deliver")
        with luodi.serving():
            at_a_desk(browser, luodi)
            on_a_phone(browser, luodi)
            in_english(browser, luodi)


if __name__ == "__main__":
    main()
