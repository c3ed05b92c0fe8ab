from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state_machines.facts import Manufacturing
from state_machines.stages import Stage
from use_cases.importing.problems import LONGEST_QUOTE, CellRefused
from use_cases.importing.values import (
    read_date,
    read_manufacturing,
    read_number,
    read_stage,
    read_text,
    read_yes_no,
)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("晶澳光伏", "晶澳光伏"),
        ("  晶澳\u3000 光伏\n", "晶澳 光伏"),
        ("晶\u200b澳\ufeff", "晶澳"),
        ("Cafe\u0301", "Café"),
        (20230001.0, "20230001"),
        (13800000000, "13800000000"),
        ("+86 579-8246-0000", "+86 579-8246-0000"),
        (datetime(2022, 9, 21), "2022-09-21"),  # noqa: DTZ001 (Excel knows no time zones)
        ("", None),
        ("  ", None),
        ("—", None),
        ("/", None),
        ("N/A", None),
    ],
)
def test_text_comes_clean(cell, text):
    assert read_text(cell) == text


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("=1+1", "is a formula"),
        ('=HYPERLINK("http://evil.test","晶澳")', "is a formula"),
        ("+cmd|' /C calc'!A0", "is a formula"),
        ("-1+1|cmd", "is a formula"),
        ("@SUM(A1:A9)", "is a formula"),
        ("晶澳\n光伏", "line break"),
        ("晶澳\r\n光伏", "line break"),
        ("晶澳\x00光伏", "control character"),
        ("晶澳\u2028光伏", "line break"),
        ("晶澳\u202egnipgnap", "reading direction"),
        ("\u2066晶澳\u2069", "reading direction"),
        ("长" * 301, "Shorten it"),
    ],
)
def test_text_that_would_harm_or_mislead_is_refused(cell, reason):
    with pytest.raises(CellRefused) as refused:
        read_text(cell)

    assert reason in refused.value.message.msgid
    assert len(str(refused.value.message.values["value"])) <= LONGEST_QUOTE


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("2022-09-21", "2022-09-21"),
        ("2022/9/21", "2022-09-21"),
        ("2022.9.21", "2022-09-21"),
        ("2022年9月21日", "2022-09-21"),
        ("2022 年 9 月 21 日", "2022-09-21"),
        ("２０２２年９月２１日", "2022-09-21"),
        ("20220921", "2022-09-21"),
        ("2022-09-21 00:00:00", "2022-09-21"),
        ("2022-09-21T00:00", "2022-09-21"),
        ("2020-03", "2020-03"),
        ("2020/3", "2020-03"),
        ("2020年3月", "2020-03"),
        ("202003", "2020-03"),
        (44825, "2022-09-21"),
        (44825.0, "2022-09-21"),
        ("44825", "2022-09-21"),
        (date(2022, 9, 21), "2022-09-21"),
        (datetime(2022, 9, 21), "2022-09-21"),  # noqa: DTZ001 (Excel knows no time zones)
    ],
)
def test_a_date_keeps_the_precision_it_was_written_with(cell, text):
    assert read_date(cell).text == text


@pytest.mark.parametrize(
    "cell",
    ["2022", 2022, "2022年", "2022-13", "2022-02-30", "22/9/21", "9/21/2022", "2022年三季度",
     "2022年9月底", "2022-09-21 08:30", "明年", "0000-01-01", 1.5, True, time(9)],
)  # fmt: skip
def test_what_is_no_date_is_refused(cell):
    with pytest.raises(CellRefused, match="is not a date"):
        read_date(cell)


@pytest.mark.parametrize("cell", ["1022-09-21", "2922年9月", date(1900, 1, 1), 99999])
def test_a_year_nobody_means_is_refused(cell):
    with pytest.raises(CellRefused, match="Check the year"):
        read_date(cell)


@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)))
def test_every_way_of_writing_a_day_means_that_day(day):
    ways = [
        day,
        day.isoformat(),
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}/{day.month}/{day.day}",
        day.strftime("%Y%m%d"),
        (day - date(1899, 12, 30)).days,
    ]

    assert {read_date(way).text for way in ways} == {day.isoformat()}


@pytest.mark.parametrize(
    ("cell", "stage"),
    [
        ("lead", Stage.LEAD),
        ("线索", Stage.LEAD),
        ("Negotiation", Stage.NEGOTIATION),
        ("在谈", Stage.NEGOTIATION),
        ("signed", Stage.SIGNED),
        (" 已签约 ", Stage.SIGNED),
        ("factory_leased", Stage.FACTORY_LEASED),
        ("Factory leased", Stage.FACTORY_LEASED),
        ("租赁厂房", Stage.FACTORY_LEASED),
        ("started", Stage.STARTED),
        ("开工", Stage.STARTED),
        ("在建", Stage.STARTED),
        ("in_production", Stage.STARTED),
        ("In production", Stage.STARTED),
        ("投产", Stage.STARTED),
    ],
)
def test_a_stage_goes_by_its_chinese_or_english_word(cell, stage):
    assert read_stage(cell) is stage


@pytest.mark.parametrize("cell", ["谈得差不多了", "cancelled", "5", 5, "", True])
def test_an_unknown_stage_is_refused(cell):
    with pytest.raises(CellRefused, match="is not a stage"):
        read_stage(cell)


@pytest.mark.parametrize("cell", ["lost", "流失", "已终止"])
def test_a_lost_project_is_refused_with_the_way_to_record_it(cell):
    with pytest.raises(CellRefused, match="the stage it was lost from"):
        read_stage(cell)


@pytest.mark.parametrize(
    ("cell", "answer"),
    [("是", True), ("yes", True), ("Y", True), ("TRUE", True), (True, True), (1, True), (1.0, True),
     ("需要", True), ("否", False), ("No", False), (False, False), ("0", False), ("不需要", False)],
)  # fmt: skip
def test_yes_and_no_go_by_many_words(cell, answer):
    assert read_yes_no(cell) is answer


@pytest.mark.parametrize("cell", ["mixed", "可能", 2, "?"])
def test_what_is_neither_yes_nor_no_is_refused(cell):
    with pytest.raises(CellRefused, match="neither yes nor no"):
        read_yes_no(cell)


@pytest.mark.parametrize(
    ("cell", "answer"),
    [("是", Manufacturing.YES), ("yes", Manufacturing.YES), ("制造业", Manufacturing.YES),
     ("否", Manufacturing.NO), ("no", Manufacturing.NO), (False, Manufacturing.NO),
     ("mixed", Manufacturing.MIXED), ("混合", Manufacturing.MIXED)],
)  # fmt: skip
def test_manufacturing_can_be_mixed(cell, answer):
    assert read_manufacturing(cell) is answer


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("JH-2026-0042", "JH-2026-0042"),
        (" jh-2026-0042 ", "JH-2026-0042"),
        (42.0, "42"),
        ("", None),
    ],
)
def test_a_number_is_read_in_capitals(cell, number):
    assert read_number(cell) == number


@pytest.mark.parametrize("cell", ["金招〔2022〕15号", "JH/2026/1", "A" * 41, "-JH", "JH 1"])
def test_a_number_that_no_address_could_carry_is_refused(cell):
    with pytest.raises(CellRefused):
        read_number(cell)
