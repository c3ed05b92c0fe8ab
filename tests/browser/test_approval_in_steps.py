"""A large project is signed in steps: at a desk, and by link on a phone with a code."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PHONE, act_as
from tests.browser.test_first_ten_minutes import open_letter
from tests.live import Luodi

SAMPLE = "样例·固态电池生产基地项目"  # 6 bn: three steps, and a link alone does not decide
TEAM_LEAD, UNIT_LEADER = "jiang.lihua@special-teams.example", "yu.haiyan@jinyi.example"


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A phone whose browser runs no scripts."""
    context = browser.new_context(locale="zh-CN", viewport=PHONE, java_script_enabled=False)
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def ask_to_sign(page: Page, luodi: Luodi) -> None:
    page.goto(f"{luodi.address}/projects")
    act_as(page, "邓嘉敏")
    page.get_by_label("编号或名称").fill("固态电池")
    page.get_by_role("button", name="筛选").click()
    page.get_by_role("row", name=re.compile(SAMPLE)).get_by_role("link").first.click()
    way = page.get_by_role("region", name="下一阶段：签约")
    expect(way.get_by_role("listitem").filter(has_text="总指挥部主任")).to_be_visible()
    way.get_by_role("button", name="提请审批：签约").click()
    expect(page.get_by_role("region", name="审批", exact=True)).to_contain_text("待答复")


def answer_at_desk(page: Page, luodi: Luodi, name: str) -> None:
    """Find what waits in the list of one's own, and agree to it there."""
    page.goto(f"{luodi.address}/approvals")
    act_as(page, name)
    page.goto(f"{luodi.address}/approvals")
    waiting = page.get_by_role("region", name="待我答复")
    expect(waiting).to_contain_text("个工作日")
    waiting.get_by_role("link", name=re.compile("签约")).click()
    page.get_by_role("radio", name="同意", exact=True).check()
    page.get_by_role("button", name="提交答复").click()
    expect(page.get_by_role("status")).to_contain_text("您的答复已记录")


def answer_by_phone(phone: Page, luodi: Luodi, reader: str) -> None:
    """Follow the link, choose, ask for the code, and come back with it: nothing is lost."""
    open_letter(phone, luodi, "请您审批", reader)
    phone.locator("pre.letter").get_by_role("link").first.click()
    phone.get_by_role("radio", name="同意", exact=True).check()
    phone.get_by_label("意见（不同意或退回时必填）").fill("支持")
    phone.get_by_role("button", name="给我发送验证码").click()
    expect(phone.get_by_role("radio", name="同意", exact=True)).to_be_checked()

    mail = phone.context.new_page()
    open_letter(mail, luodi, "审批验证码", reader)
    [code] = re.findall(r"(?<!\d)\d{6}(?!\d)", mail.locator("pre.letter").inner_text())
    mail.close()
    phone.get_by_label("六位验证码").fill(code)
    phone.get_by_role("button", name="提交答复").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("您的答复已记录")


@pytest.mark.needs("chromium", "cjk-fonts")
def test_a_large_project_is_signed_step_by_step_at_a_desk_and_on_a_phone(
    page: Page, phone: Page, luodi: Luodi
) -> None:
    ask_to_sign(page, luodi)

    answer_by_phone(phone, luodi, TEAM_LEAD)
    answer_at_desk(page, luodi, "何静怡")
    answer_by_phone(phone, luodi, UNIT_LEADER)
    answer_at_desk(page, luodi, "方志远")

    expect(page.get_by_role("heading", level=1)).to_contain_text("已同意")
    steps = page.get_by_role("region", name="审批步骤")
    expect(steps).to_contain_text("支持")
    page.get_by_role("link", name=re.compile(SAMPLE)).click()
    expect(page.locator("[aria-current=step]")).to_have_text("签约")


@pytest.mark.needs("chromium", "cjk-fonts")
def test_an_answer_that_was_not_mine_stops_the_project_until_it_is_looked_into(
    page: Page, phone: Page, luodi: Luodi
) -> None:
    ask_to_sign(page, luodi)
    answer_at_desk(page, luodi, "何静怡")

    open_letter(phone, luodi, "您的审批", "he.jingyi@promotion-center.example")
    phone.locator("pre.letter").get_by_role("link").first.click()
    phone.get_by_role("checkbox").check()
    phone.get_by_role("button", name="冻结项目").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("项目已暂停")

    act_as(page, "卢晓岚")
    page.goto(f"{luodi.address}/projects")
    page.get_by_label("编号或名称").fill("固态电池")
    page.get_by_role("button", name="筛选").click()
    page.get_by_role("row", name=re.compile(SAMPLE)).get_by_role("link").first.click()
    freeze = page.get_by_role("region", name="本项目已冻结")
    expect(freeze).to_contain_text("何静怡")
    freeze.get_by_role("radio", name=re.compile("撤销决定")).check()
    freeze.get_by_label(re.compile("理由")).fill("经核实，答复并非本人所为")
    freeze.get_by_role("button", name="解除冻结").click()

    expect(page.get_by_role("status")).to_contain_text("冻结已解除")
    expect(page.get_by_role("region", name="审批", exact=True)).to_contain_text("已撤销")
