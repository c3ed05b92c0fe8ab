"""Counting working days, checked against a model that walks the days one by one."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state_machines.working_days import WorkCalendar, local_day

FRIDAY = date(2026, 1, 2)
FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)
SPAN = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]


def calendar_of(working: set[date]) -> WorkCalendar:
    return WorkCalendar(FIRST, LAST, date(2026, 2, 28), tuple(sorted(working)))


PLAIN = calendar_of({day for day in SPAN if day.weekday() < 5})


class Walking:
    """The same answers, one day at a time: too slow for the city and too simple to be wrong."""

    def __init__(self, working: set[date]) -> None:
        self.working = working

    def is_working(self, day: date) -> bool:
        return day in self.working if FIRST <= day <= LAST else day.weekday() < 5

    def add(self, day: date, n: int) -> date:
        left = n
        if n == 0:
            day, left = day - timedelta(days=1), 1
        while left:
            day += timedelta(days=1)
            left -= self.is_working(day)
        return day

    def between(self, a: date, b: date) -> int:
        days = (a + timedelta(days=n) for n in range(1, (b - a).days + 1))
        return sum(self.is_working(day) for day in days)


around = st.dates(FIRST - timedelta(days=60), LAST + timedelta(days=60))


@given(st.sets(st.sampled_from(SPAN)), around, around, st.integers(0, 90))
def test_every_answer_is_that_of_walking_the_days_one_by_one(working, day, other, n):
    calendar, walking = calendar_of(working), Walking(working)

    assert calendar.is_working(day) == walking.is_working(day)
    assert calendar.add(day, n) == walking.add(day, n)
    assert calendar.between(day, other) == walking.between(day, other)


@given(around, st.integers(1, 90))
def test_adding_and_counting_back_agree(day, n):
    assert PLAIN.between(day, PLAIN.add(day, n)) == n


def test_the_day_itself_is_day_nought():
    assert PLAIN.add(FRIDAY, 1) == date(2026, 1, 5)
    assert PLAIN.between(FRIDAY, FRIDAY) == 0


def test_adding_nothing_waits_for_the_next_working_day():
    assert PLAIN.add(FRIDAY, 0) == FRIDAY
    assert PLAIN.add(date(2026, 1, 3), 0) == date(2026, 1, 5)


def test_going_back_is_refused():
    with pytest.raises(ValueError, match="3 working days"):
        PLAIN.add(FRIDAY, -3)


def test_a_span_that_runs_backwards_holds_no_working_day():
    assert PLAIN.between(date(2026, 1, 9), FRIDAY) == 0


@pytest.mark.parametrize("year", [1, 1999, 2100, 9000])
def test_no_year_is_ever_an_error(year):
    monday = next(
        day for day in map(date(year, 1, 1).replace, [1] * 7, range(1, 8)) if not day.weekday()
    )

    assert PLAIN.is_working(monday)
    assert PLAIN.add(monday, 5) == monday + timedelta(weeks=1)
    assert PLAIN.between(monday, monday + timedelta(weeks=52)) == 260


def test_days_after_the_last_announcement_are_provisional():
    assert not PLAIN.is_provisional(date(2026, 2, 28))
    assert PLAIN.is_provisional(date(2026, 3, 1))


def test_offices_open_at_nine_in_shanghai():
    assert PLAIN.opening(FRIDAY) == datetime(2026, 1, 2, 1, tzinfo=UTC)
    assert PLAIN.opening(FRIDAY).tzinfo is UTC


def test_the_city_is_a_day_ahead_of_utc_in_the_evening():
    assert local_day(datetime(2026, 1, 1, 15, 59, tzinfo=UTC)) == date(2026, 1, 1)
    assert local_day(datetime(2026, 1, 1, 16, tzinfo=UTC)) == date(2026, 1, 2)


def test_an_instant_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="no time zone"):
        local_day(datetime(2026, 1, 1))  # noqa: DTZ001 (that is the point)
