"""Dates as precisely as they are known."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state_machines.dates import PartialDate

days = st.dates(date(1, 1, 1), date(9999, 12, 30))


@given(days)
def test_a_day_stays_the_day_that_it_is(day):
    known = PartialDate.of(day)

    assert (known.first_day, known.last_day, known.month_only) == (day, day, False)
    assert PartialDate.parse(str(known)) == known


@given(days)
def test_a_month_begins_on_its_first_day_and_ends_before_the_next_month(day):
    month = PartialDate.parse(day.isoformat()[:7])

    assert month.month_only
    assert month.first_day == day.replace(day=1)
    assert month.first_day <= day <= month.last_day
    assert (month.last_day + timedelta(days=1)).day == 1


@given(days, days)
def test_dates_sort_by_their_first_day_and_a_month_stands_before_its_days(one, other):
    known = sorted([PartialDate.of(one), PartialDate.of(other)])
    month = PartialDate(one.isoformat()[:7])

    assert [each.first_day for each in known] == sorted([one, other])
    assert month < PartialDate.of(month.first_day)


def test_a_leap_day_is_a_day_in_leap_years_alone():
    assert PartialDate("2024-02").last_day == date(2024, 2, 29)
    assert PartialDate("2026-02").last_day == date(2026, 2, 28)


def test_blanks_around_a_date_do_not_matter():
    assert PartialDate.parse(" 2026-03 ") == PartialDate("2026-03")


@pytest.mark.parametrize(
    "text",
    [
        *("", "2026", "2026-3", "2026-3-1", "26-03-01", "2026-03-01T00:00", "2026/03/01"),
        *("2026-13", "2026-00", "2026-02-30", "2026-03-00", "0000-01", "2026-03-01\n", "٢٠٢٦-٠٣"),
        "next month",
    ],
)
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError, match=r"neither|must be in|is out of range|year 0|month"):
        PartialDate(text)
