"""Holds and extensions by rule, against walking through the city's own calendar day by day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.calendar import city_calendar
from state_machines.deadlines import Wait
from state_machines.gates import RequirementKey
from state_machines.pauses import (
    PauseLimit,
    Standstill,
    extended,
    lack,
    waiting_since,
    year_overdrawn,
)

CALENDAR = city_calendar()
DAY = timedelta(days=1)

# Two Spring Festivals and a National Day, with the weekends around them that are worked.
days = st.dates(date(2025, 9, 1), date(2026, 4, 30))
lengths = st.integers(1, 60).map(timedelta)
standstills = st.builds(lambda day, length: Standstill(day, day + length), days, lengths)
budgets = st.integers(1, 60)


def working(after, until):
    """The working days after one day, up to and including another."""
    span = (after + DAY * n for n in range(1, (until - after).days + 1))
    return [day for day in span if CALENDAR.is_working(day)]


@given(standstills)
def test_a_standstill_has_the_working_days_that_one_walks_through_in_each_year(still):
    for year in (2024, 2025, 2026, 2027):
        walked = [day for day in working(still.since, still.until) if day.year == year]
        assert still.days_in(year, CALENDAR) == len(walked)


@given(standstills, st.lists(standstills, max_size=3), st.integers(0, 80))
def test_a_hold_is_too_long_in_the_first_year_that_has_fewer_days_left(asked, earlier, allowed):
    def left(year):
        spent = [day for each in earlier for day in working(each.since, each.until)]
        return allowed - sum(day.year == year for day in spent)

    def wanted(year):
        return sum(day.year == year for day in working(asked.since, asked.until))

    years = (asked.since.year, asked.until.year)
    first = next((year for year in dict.fromkeys(years) if wanted(year) > left(year)), None)

    found = year_overdrawn(asked, earlier, allowed, CALENDAR)

    assert found == (None if first is None else (first, max(left(first), 0)))


@given(days, st.lists(standstills, max_size=4), st.integers(0, 90))
def test_a_wait_counts_the_days_on_which_nothing_stood_still(begun, stood_still, later):
    today = begun + timedelta(days=later)
    ended = [each for each in stood_still if each.until <= today]
    walked = [
        day
        for day in working(begun, today)
        if not any(each.since < day <= each.until for each in ended)
    ]

    assert waiting_since(begun, ended, CALENDAR).spent(today, CALENDAR) == len(walked)


@given(days, st.integers(0, 40), budgets, lengths)
def test_a_hold_moves_every_due_day_that_lies_ahead_by_just_its_working_days(
    origin, ran, budget, length
):
    today = CALENDAR.add(origin, ran)
    until = today + length
    held = Wait(origin).standing_still(today, until, CALENDAR)

    for more in (budget, budget + 5, budget + 15, budget + 30):
        before = CALENDAR.add(origin, more)
        after = CALENDAR.add(held.origin, max(0, more - held.used))
        if before > today:
            assert after == CALENDAR.add(before, len(working(today, until)))


@given(
    st.dates(date(2025, 9, 1), date(2025, 12, 31)),
    budgets,
    st.lists(
        st.tuples(st.integers(0, 20), st.one_of(lengths, st.integers(1, 60))),
        max_size=6,
    ),
)
def test_holds_and_extensions_in_any_order_never_bring_a_due_day_forward(origin, budget, pauses):
    wait, today = Wait(origin), origin
    for later, pause in pauses:
        today += timedelta(days=later)
        before = [wait.last_day(budget + more, CALENDAR) for more in (0, 5, 15, 30)]
        left = budget - wait.spent(today, CALENDAR)
        if isinstance(pause, timedelta):
            wait = wait.standing_still(today, today + pause, CALENDAR)
        else:
            days = min(pause, budget)
            wait = extended(wait, budget=budget, days=days, today=today, calendar=CALENDAR)
            assert budget - wait.spent(today, CALENDAR) == max(days, left)
        after = [wait.last_day(budget + more, CALENDAR) for more in (0, 5, 15, 30)]
        assert all(old <= new for old, new in zip(before, after, strict=True))


@pytest.mark.parametrize("key", [*PauseLimit, *RequirementKey])
def test_what_was_lacking_is_read_back_as_what_it_was(key):
    assert lack(str(key)) is key
