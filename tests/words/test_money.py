"""Amounts as people say them, to the last yuan."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from words.money import amount
from words.translations import Language, speaking


@pytest.mark.parametrize(
    ("yuan", "chinese", "english"),
    [
        (5_200_000_000, "52亿元", "CNY 5.2 bn"),
        (105_000_000, "1.05亿元", "CNY 105 m"),
        (100_000_000, "1亿元", "CNY 100 m"),
        (99_999_999, "9,999.9999万元", "CNY 99.999999 m"),
        (32_000_000, "3,200万元", "CNY 32 m"),
        (10_000, "1万元", "CNY 10,000"),
        (9_999, "9,999元", "CNY 9,999"),
        (800, "800元", "CNY 800"),
        (0, "0元", "CNY 0"),
        (-32_000_000, "-3,200万元", "CNY -32 m"),
        (123_456_700_000_000, "1,234,567亿元", "CNY 123,456.7 bn"),
        (None, "未知", "unknown"),
    ],
)
def test_an_amount_is_said_in_the_largest_unit_that_fits(yuan, chinese, english):
    assert amount(yuan) == chinese
    with speaking(Language.EN):
        assert amount(yuan) == english


@given(st.integers(0, 10**13))
def test_no_yuan_is_rounded_away(yuan):
    said = amount(yuan).replace(",", "")
    number, unit = next((said.removesuffix(u), n) for u, n in UNITS.items() if said.endswith(u))
    whole, _, fraction = number.partition(".")

    assert int(whole) * 10**unit + int(fraction.ljust(unit, "0") or 0) == yuan


UNITS = {"亿元": 8, "万元": 4, "元": 0}
