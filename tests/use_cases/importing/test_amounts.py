from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from use_cases.importing.amounts import read_area, read_yuan, square_metres_per, yuan_per
from use_cases.importing.problems import CellRefused

YI, WAN = 10**8, 10**4


@pytest.mark.parametrize(
    ("cell", "unit", "yuan"),
    [
        ("52", YI, 5_200_000_000),
        ("52亿", None, 5_200_000_000),
        ("5.2亿元", None, 520_000_000),
        ("3,200万元", None, 32_000_000),
        ("120000000元", None, 120_000_000),
        ("５２亿元", None, 5_200_000_000),
        ("１２，０００万", None, 120_000_000),
        ("￥3200万", None, 32_000_000),
        ("人民币 5 亿元", None, 500_000_000),
        ("5亿元人民币", None, 500_000_000),
        ("1.2 billion", None, 1_200_000_000),
        ("RMB 320 million", None, 320_000_000),
        ("800万元", YI, 8_000_000),  # the cell's own unit goes before the heading's
        (52, YI, 5_200_000_000),
        (10.2, YI, 1_020_000_000),
        (50.83, YI, 5_083_000_000),
        (10.200000000000001, YI, 1_020_000_000),
        (0, None, 0),
        ("0", YI, 0),
        ("0.5元", None, 1),
    ],
)
def test_an_amount_is_read_as_whole_yuan(cell, unit, yuan):
    assert read_yuan(cell, unit) == yuan


@pytest.mark.parametrize(
    ("cell", "unit", "reason"),
    [
        ("-5", YI, "negative"),
        (-0.1, YI, "negative"),
        ("-5亿元", None, "negative"),
        ("52", None, "no unit"),
        (52.0, None, "no unit"),
        ("5亿美元", None, "not in yuan"),
        ("USD 500 million", None, "not in yuan"),
        ("$5亿", YI, "not in yuan"),
        ("3亿欧元", None, "not in yuan"),
        ("2亿港币", None, "not in yuan"),
        ("5亿元+2亿美元", None, "not in yuan"),
        ("约52亿元", None, "not an amount"),
        ("50-60亿元", None, "not an amount"),
        ("五亿元", None, "not an amount"),
        ("3,5亿", None, "not an amount"),
        ("1.2.3亿", None, "not an amount"),
        ("5亩", YI, "not an amount"),
        ("待定", YI, "not an amount"),
        (True, YI, "not an amount"),
        (float("nan"), YI, "not an amount"),
        (float("inf"), YI, "not an amount"),
        ("100001亿元", None, "larger than any project"),
        (5_200_000_000, YI, "larger than any project"),
    ],
)
def test_what_is_no_amount_is_refused_with_its_reason(cell, unit, reason):
    with pytest.raises(CellRefused) as refused:
        read_yuan(cell, unit)

    assert reason in refused.value.message.msgid


@given(st.integers(0, 10**13))
def test_an_amount_written_in_any_unit_comes_back_to_the_yuan(yuan):
    assert read_yuan(f"{yuan:,}元", None) == yuan
    assert read_yuan(f"{Decimal(yuan) / WAN:f}", WAN) == yuan
    assert read_yuan(f"{Decimal(yuan) / YI:f}亿元", None) == yuan


@pytest.mark.parametrize(
    ("unit", "yuan"),
    [("亿元", YI), ("亿", YI), ("万元", WAN), ("元", 1), ("CNY", 1), ("100 million CNY", YI),
     ("人民币", 1), ("亿元人民币", YI), ("亿美元", None), ("吨", None), ("", None)],
)  # fmt: skip
def test_a_unit_is_worth_so_many_yuan(unit, yuan):
    assert yuan_per(unit) == yuan


@pytest.mark.parametrize(
    ("cell", "unit", "square_metres"),
    [("12000", None, 12_000), ("1.2万平方米", None, 12_000), ("12,000㎡", None, 12_000),
     (12000.0, None, 12_000), ("18亩", None, 12_000), (18, square_metres_per("亩"), 12_000),
     ("3公顷", None, 30_000)],
)  # fmt: skip
def test_an_area_is_read_as_whole_square_metres(cell, unit, square_metres):
    assert read_area(cell, unit) == square_metres


@pytest.mark.parametrize("cell", ["-1", "12立方米", "一层", "1e9", 2 * 10**9])
def test_what_is_no_area_is_refused(cell):
    with pytest.raises(CellRefused):
        read_area(cell, None)
