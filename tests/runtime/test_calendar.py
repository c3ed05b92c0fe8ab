"""The city's calendar, checked against the packages and announcements that it comes from."""

from datetime import date, timedelta

import pytest
from chinese_calendar import is_workday
from holidays import country_holidays

from runtime.calendar import STATUTORY_DAYS_OFF, city_calendar

CALENDAR = city_calendar()
NEW_YEARS_EVE = date(2026, 12, 31)


def days_of(year: int) -> list[date]:
    return [date(year, 1, 1) + timedelta(days=n) for n in range(365 + (year % 4 == 0))]


@pytest.mark.parametrize("year", range(2004, 2027))
def test_every_announced_day_is_as_chinesecalendar_has_it(year):
    assert [d for d in days_of(year) if CALENDAR.is_working(d) != is_workday(d)] == []


@pytest.mark.parametrize(("year", "count"), [(2022, 249), (2025, 248), (2026, 248)])
def test_the_years_have_their_number_of_working_days(year, count):
    assert CALENDAR.between(date(year - 1, 12, 31), date(year, 12, 31)) == count


@pytest.mark.parametrize("day", ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"])
def test_make_up_days_of_2026_are_working_days(day):
    assert date.fromisoformat(f"2026-{day}").weekday() >= 5
    assert CALENDAR.is_working(date.fromisoformat(f"2026-{day}"))


def test_three_working_days_can_last_over_the_spring_festival():
    assert CALENDAR.add(date(2026, 2, 13), 3) == date(2026, 2, 25)


def test_years_not_announced_yet_follow_the_law_and_say_so():
    spring_festival = date(2027, 2, 8)

    assert not CALENDAR.is_working(spring_festival)
    assert CALENDAR.is_provisional(spring_festival)
    assert not CALENDAR.is_provisional(NEW_YEARS_EVE)
    assert CALENDAR.is_provisional(CALENDAR.add(NEW_YEARS_EVE, 1))


@pytest.mark.parametrize("year", STATUTORY_DAYS_OFF)
def test_the_table_of_statutory_days_is_what_the_holidays_package_computes(year):
    computed = [d for d in sorted(country_holidays("CN", years=year)) if d.year == year]

    assert STATUTORY_DAYS_OFF[year] == " ".join(f"{d:%m-%d}" for d in computed if d.weekday() < 5)


def test_the_citys_own_days_lie_on_top():
    overrides = {date(2026, 11, 2): False, date(2026, 11, 7): True, date(2027, 2, 8): True}
    own = city_calendar(overrides)

    assert [own.is_working(day) for day in overrides] == list(overrides.values())
    assert [CALENDAR.is_working(day) for day in overrides] == [True, False, False]


@pytest.mark.parametrize("day", [date(2003, 12, 31), date(2046, 1, 1)])
def test_an_own_day_outside_the_calendar_is_refused(day):
    with pytest.raises(ValueError, match="2004 to 2045"):
        city_calendar({day: True})


def test_a_calendar_is_built_once():
    assert city_calendar({}) is CALENDAR
