"""Reminders and deadlines, checked by waiting day by day through the city's own calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from runtime.calendar import city_calendar
from state_machines.deadlines import Deadlines, Wait, next_chase_day, reminder_due

CALENDAR = city_calendar()
DEFAULT = Deadlines()
DAY = timedelta(days=1)
NEVER = date(2027, 12, 31)

# The Spring Festival of 2026 (15 to 23 February) and two weekends around it that are worked.
days = st.dates(date(2026, 1, 1), date(2026, 4, 30))
deadlines = st.builds(
    lambda remind, step, more: Deadlines(remind=tuple(remind), step=step, request=step + more),
    st.lists(st.integers(1, 9), max_size=3, unique=True).map(sorted),
    st.integers(1, 8),
    st.integers(1, 12),
)
waits = st.builds(Wait, days, st.integers(0, 12))


def walked(origin, today):
    """The working days after one day, up to and including another."""
    count, day = 0, origin
    while day < today:
        day += DAY
        count += CALENDAR.is_working(day)
    return count


def first_morning(since, holds):
    """The first working day from `since` on, on which something holds."""
    day = since
    while not (CALENDAR.is_working(day) and holds(day)):
        day += DAY
        assert day < NEVER
    return day


def spent(wait, day):
    return wait.used + walked(wait.origin, day)


@given(waits, days)
def test_a_wait_has_lasted_as_many_working_days_as_one_walks_through(wait, today):
    assert wait.spent(today, CALENDAR) == spent(wait, today)


@given(waits, st.integers(0, 20))
def test_the_last_day_is_the_first_on_which_the_days_are_full_and_it_is_a_working_day(wait, n):
    full = first_morning(wait.origin, lambda day: spent(wait, day) >= n)

    assert wait.last_day(n, CALENDAR) == full


@given(waits, st.integers(1, 20))
def test_a_deadline_is_missed_only_on_the_working_day_after_its_last(wait, n):
    missed = wait.day_after(n, CALENDAR)

    assert missed == first_morning(wait.origin, lambda day: spent(wait, day) > n)
    assert wait.used >= n or missed > wait.last_day(n, CALENDAR)


def test_the_deadlines_are_those_of_product():
    assert (DEFAULT.remind, DEFAULT.step, DEFAULT.request) == ((2, 4), 5, 15)


ASKED_ON = [
    # asked on; reminders; the superior is asked besides; the request expires: the machine's days
    ("2026-03-02", "2026-03-04", "2026-03-06", "2026-03-10", "2026-03-24"),
    ("2026-03-07", "2026-03-10", "2026-03-12", "2026-03-16", "2026-03-30"),  # a Saturday off
    # A Saturday before the Spring Festival that is worked, as is the one after it.
    ("2026-02-13", "2026-02-24", "2026-02-26", "2026-02-28", "2026-03-13"),
]


@pytest.mark.parametrize(("asked", "first", "second", "overdue", "expired"), ASKED_ON)
def test_the_days_of_a_request_that_nobody_answers(asked, first, second, overdue, expired):
    wait = Wait(date.fromisoformat(asked))
    chases = []
    reminded, superior_added = 0, False
    for _ in range(4):
        day = next_chase_day(
            wait, wait, DEFAULT, CALENDAR, reminded=reminded, superior_added=superior_added
        )
        chases.append(day.isoformat())
        due = reminder_due(wait, DEFAULT, CALENDAR, today=day, reminded=reminded)
        superior_added = superior_added or due is None
        reminded = due or reminded

    assert chases == [first, second, overdue, expired]


@settings(deadline=None)
@given(waits, waits, deadlines, st.integers(0, 9), st.booleans())
def test_the_machine_wakes_on_the_first_working_day_on_which_there_is_something_to_do(
    step, request, limits, reminded, superior_added
):
    def has_work(day):
        missed = spent(request, day) > limits.request
        overdue = not superior_added and spent(step, day) > limits.step
        remind = any(reminded < n <= spent(step, day) for n in limits.remind)
        # What has not begun yet is due to nothing: a hold stands before it.
        return (
            (missed and day >= request.origin)
            or (overdue and day >= step.origin)
            or (remind and day >= step.origin)
        )

    found = next_chase_day(
        step, request, limits, CALENDAR, reminded=reminded, superior_added=superior_added
    )

    assert found == first_morning(min(step.origin, request.origin), has_work)


@given(waits, deadlines, st.integers(0, 9), days)
def test_of_the_reminders_that_were_missed_only_the_last_is_sent(step, limits, reminded, today):
    due = reminder_due(step, limits, CALENDAR, today=today, reminded=reminded)

    missed = {n for n in limits.remind if reminded < n <= spent(step, today)}
    assert due == (max(missed) if missed else None)
    if due is not None:
        assert reminder_due(step, limits, CALENDAR, today=today, reminded=due) is None


@settings(deadline=None)
@given(days, st.lists(st.tuples(st.integers(0, 9), st.integers(0, 20), st.integers(0, 20))))
def test_whatever_stands_still_goes_on_with_the_time_that_was_left(origin, holds):
    """Each hold: granted so many days later, to last so many, and ended after so many."""
    wait, today, counted, until = Wait(origin), origin, 0, origin
    for later, lasts, ended_after in holds[:4]:
        for _ in range(later):
            today += DAY
            counted += CALENDAR.is_working(today) and today > until
        assert wait.spent(today, CALENDAR) == counted
        until = max(today + lasts * DAY, until)
        wait = wait.standing_still(today, until, CALENDAR)
        for _ in range(min(ended_after, (until - today).days)):
            today += DAY
            assert wait.spent(today, CALENDAR) == counted
        until = min(until, today)
        wait = wait.going_on(today)

    for _ in range(15):
        today += DAY
        counted += CALENDAR.is_working(today) and today > until
        assert wait.spent(today, CALENDAR) == counted


@given(waits, days, st.integers(0, 30), deadlines)
def test_a_hold_never_brings_a_deadline_forward(wait, today, lasts, limits):
    assume(wait.origin <= today)
    still = wait.standing_still(today, today + lasts * DAY, CALENDAR)
    open_still = not wait.spent(today, CALENDAR) > limits.request

    assert still.day_after(limits.request, CALENDAR) >= wait.day_after(limits.request, CALENDAR)
    if open_still:
        assert still.day_after(limits.request, CALENDAR) > today


@given(waits, days)
def test_what_does_not_stand_still_is_not_changed_by_going_on(wait, today):
    assume(wait.origin <= today)

    assert wait.going_on(today) == wait


@pytest.mark.parametrize(
    "wrong", [{"remind": [0]}, {"step": 0}, {"request": -1}, {"remind": 2}, {"colour": 1}]
)
def test_deadlines_are_whole_days_of_one_and_more(wrong):
    with pytest.raises(ValidationError):
        Deadlines.model_validate(wrong)
