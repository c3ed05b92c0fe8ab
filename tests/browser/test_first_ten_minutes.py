"""The README's first ten minutes, by a person with a browser and nothing else."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, act_as
from tests.live import Luodi

SAMPLE = "样例·义乌高效电池组件项目"
IN_A_MOMENT = 15_000  # milliseconds: a mail leaves within seconds of its click


def open_sample(page: Page, luodi: Luodi) -> None:
    page.goto(f"{luodi.address}/projects")
    act_as(page, "俞子昂")
    page.get_by_label("编号或名称").fill("义乌高效电池")
    page.get_by_role("button", name="筛选").click()
    row = page.get_by_role("row", name=re.compile(SAMPLE))
    row.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(SAMPLE)


def open_letter(page: Page, luodi: Luodi, subject: str, reader: str) -> None:
    """Open the newest letter to `reader`, once it has left."""
    letter = page.get_by_role("row").filter(has_text=reader).filter(has_text=subject).first
    for _ in range(30):
        page.goto(f"{luodi.address}/mailbox")
        if letter.is_visible():
            break
        page.wait_for_timeout(500)
    letter.get_by_role("link").click()


def approve_by_link(page: Page) -> None:
    """Follow the link of the letter that is open, and say yes."""
    page.locator("pre.letter").get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(SAMPLE)
    assert re.fullmatch(r".*/a/open/\d+", page.url), "the token is still in the address"
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    page.get_by_role("radio", name="同意", exact=True).check()
    page.get_by_role("button", name="提交答复").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("您的答复已记录")


def the_main_job(page: Page, luodi: Luodi) -> None:
    open_sample(page, luodi)
    way = page.get_by_role("region", name="下一阶段：签约")
    expect(way.get_by_role("link")).to_have_text(["合同编号", "计划开工时间"])
    way.get_by_role("button", name="提请审批：签约").click()
    expect(page.get_by_role("alert")).to_contain_text("合同编号")
    expect(page.get_by_role("alert")).to_contain_text("计划开工时间")

    page.get_by_label("合同编号").fill("YW-2026-088")
    page.get_by_label("计划开工时间").fill("2027-03")
    page.get_by_role("button", name="保存项目信息").click()
    way.get_by_role("button", name="提请审批：签约").click()
    requests = page.get_by_role("region", name="审批")
    expect(requests).to_contain_text("待答复")

    readers = requests.locator(".answers, table, ul").first
    expect(readers).to_be_visible()
    for email in ("gong.yaohui@yiwu.example", "fang.zhiyuan@general-headquarters.example"):
        open_letter(page, luodi, SAMPLE[:6], email)
        approve_by_link(page)

    open_sample(page, luodi)
    expect(page.locator("[aria-current=step]")).to_have_text("签约")
    history = page.get_by_role("region", name="阶段历程")
    expect(history).to_contain_text("签约")
    expect(history).to_contain_text("俞子昂")


def stalled_projects_and_their_mails(page: Page, luodi: Luodi) -> None:
    luodi.type("escalate")
    luodi.type("deliver")
    page.goto(f"{luodi.address}/orders")
    for rung in ("项目负责人", "县市区级", "市级"):
        expect(page.get_by_role("main")).to_contain_text(rung)
    page.get_by_role("link", name=re.compile("电动工具")).first.click()
    told = page.get_by_role("region", name="督办单")
    expect(told).to_contain_text("方志远")
    open_letter(page, luodi, "督办", "fang.zhiyuan@general-headquarters.example")
    expect(page.locator("pre.letter")).to_contain_text("样例·电动工具产业园项目")


@pytest.mark.parametrize(
    "window",
    [
        pytest.param({}, id="at a desk"),
        pytest.param({"java_script_enabled": False}, id="without JavaScript"),
        pytest.param({"viewport": PHONE}, id="on a phone"),
    ],
)
@pytest.mark.needs("chromium", "cjk-fonts")
def test_a_project_is_signed_and_stalled_ones_are_seen_with_the_browser_alone(
    page: Page, luodi: Luodi
) -> None:
    the_main_job(page, luodi)

    stalled_projects_and_their_mails(page, luodi)
