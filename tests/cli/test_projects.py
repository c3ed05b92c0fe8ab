"""`luodi project`: list, show, advance."""

from datetime import date

import pytest
from sqlalchemy import select

from db.models import Project

OWNER = "yu.ziang@hangzhou.example"


def test_the_list_says_of_each_project_where_it_stands(city, answer):
    lines = {each["name_zh"]: each for each in answer("project", "list")}

    assert lines["样例·电动工具产业园项目"] == {
        "number": lines["样例·电动工具产业园项目"]["number"],
        "name_zh": "样例·电动工具产业园项目",
        "name_en": "Sample: power-tool industrial park",
        "unit": "330784",
        "stage": "negotiation",
        "light": "red",
        "investment": 1_500_000_000,
        "owner": "daniel.weber@shanghai.example",
    }


def test_no_clock_no_light(city, answer):
    lights = {each["light"] for each in answer("project", "list", "--stage", "started")}

    assert lights == {None}


def test_the_list_and_the_page_of_a_project_tell_the_light_of_the_web(city, answer, database):
    yesterday = date(2026, 3, 1)
    with database.writing() as session:
        leased = session.scalars(select(Project).where(Project.stage == "factory_leased")).all()
        for project in leased:
            project.yellow_at = project.red_at = None
            project.funds_required, project.funds_certificate_until = 1, yesterday
        numbers = {project.number for project in leased}

    listed = {each["number"]: each["light"] for each in answer("project", "list")}
    shown = {number: answer("project", "show", number)["light"] for number in numbers}

    assert numbers
    assert {listed[number] for number in numbers} == set(shown.values()) == {"yellow"}


def test_the_list_can_be_that_of_a_unit_or_a_stage(city, answer):
    of_lanxi = answer("project", "list", "--unit", "330781")
    leads = answer("project", "list", "--stage", "lead")

    assert {each["unit"] for each in of_lanxi} == {"330781"}
    assert {each["stage"] for each in leads} == {"lead"}


def test_a_person_reads_names_amounts_and_lights(city, luodi):
    english = luodi("project", "list", "--unit", "330784").stdout
    chinese = luodi("--language", "zh-Hans", "project", "list", "--unit", "330784").stdout

    assert "■ Red light" in english
    assert "Sample: power-tool industrial park" in english
    assert "15亿元" in chinese
    assert "样例·电动工具产业园项目" in chinese


def test_columns_line_up_however_wide_the_characters(city, luodi):
    def width(text):
        return sum(1 + ("\u2e80" <= each <= "\uffef") for each in text)

    heading, *rows = luodi("--language", "zh-Hans", "project", "list").stdout.splitlines()
    name_at = width(heading[: heading.index("名称")])

    for row in rows:
        before = [n for n in range(len(row)) if width(row[:n]) == name_at]
        assert before, row
        assert row[before[0] - 2 : before[0]] == "  "


def test_what_is_missing_is_shown_for_every_way_on(city, answer, number):
    story = answer("project", "show", number("义乌高效电池组件"))
    signed = answer("project", "show", number("磁性材料"))

    assert story["missing"] == {"sign": ["contract_number", "planned_start"]}
    assert set(signed["missing"]) == {"lease_factory", "start"}
    assert signed["missing"]["start"] == ["start_date", "permit_number", "site_proof"]


def test_a_project_is_shown_with_its_facts_and_its_history(city, answer, number):
    shown = answer("project", "show", number("水晶"))

    assert shown["facts"]["contract_number"] == "样例-2026-021"
    assert shown["facts"]["evidence"] == ["contract"]
    assert (shown["request"], shown["order"]) == (None, None)
    assert [(each["move"], each["after"], each["by"]) for each in shown["history"]] == [
        (None, "negotiation", None)
    ]


@pytest.mark.parametrize("json", [(), ("--json",)])
def test_a_number_that_nobody_gave_is_bad_input(city, luodi, json):
    result = luodi("project", "show", "JH-1999-0001", *json)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "JH-1999-0001" in result.stderr


def test_a_move_that_needs_nobody_is_made_at_once(city, answer, number):
    lead = number("户外家具")

    done = answer("project", "advance", lead, "open_negotiation", "--as", OWNER)

    assert done == {"project": lead, "moved": True, "request": None}
    assert answer("project", "show", lead)["stage"] == "negotiation"


def test_a_move_that_needs_agreement_opens_a_request(city, luodi, answer, number):
    ready = number("固态电池")

    done = answer("project", "advance", ready, "sign", "--as", "deng.jiamin@shenzhen.example")

    shown = answer("project", "show", ready)
    assert done == {"project": ready, "moved": False, "request": shown["request"]}
    assert shown["stage"] == "negotiation"
    assert "Waits for approval: “Sign”" in luodi("project", "show", ready).stdout


def test_all_that_a_gate_lacks_is_said_and_nothing_moves(city, luodi, answer, number):
    story = number("义乌高效电池组件")

    result = luodi("project", "advance", story, "sign", "--as", OWNER, "--json")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "Contract number, Planned start" in result.stderr
    assert answer("project", "show", story)["request"] is None


def test_an_override_takes_a_reason_and_asks_a_second_person(city, luodi, answer, number):
    story = number("义乌高效电池组件")
    against = ("project", "advance", story, "sign", "--as", OWNER, "--override")

    without = luodi(*against)
    with_reason = answer(*against, "--reason", "合同编号待补")

    assert without.exit_code == 2
    assert with_reason["request"] is not None


@pytest.mark.parametrize("stranger", ["nobody@nowhere.example", ""])
def test_who_acts_has_to_exist(city, luodi, number, stranger):
    result = luodi("project", "advance", number("户外家具"), "open_negotiation", "--as", stranger)

    assert (result.exit_code, result.stdout) == (2, "")


def test_who_acts_has_to_be_allowed_to(city, luodi, number):
    elsewhere = "jin.qiaoyun@wucheng.example"

    result = luodi("project", "advance", number("户外家具"), "open_negotiation", "--as", elsewhere)

    assert (result.exit_code, result.stdout) == (1, "")
