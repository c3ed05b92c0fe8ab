"""The ladder of Jinhua on plain weeks: dates that one can count on one's fingers."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from state_machines.ladder import (
    Clock,
    RungKey,
    RunningClock,
    climbing_day,
    due_day,
    firing_on,
    light_days,
    next_due_day,
    next_working_day,
)
from state_machines.policy import Policy
from state_machines.working_days import WorkCalendar

SHIPPED = Path(__file__).parents[2] / "policies" / "jinhua.toml"
LADDER = Policy.parse(SHIPPED.read_text("utf-8"), file=SHIPPED.name).ladder
FIRST = date(2026, 3, 2)
DAYS = [FIRST + timedelta(days=n) for n in range(300)]
WEEKS = WorkCalendar(FIRST, DAYS[-1], DAYS[-1], tuple(day for day in DAYS if day.weekday() < 5))

OWNER, UNIT, MUNICIPALITY, DEPUTY_MAYOR = RungKey
STAGE = RunningClock(Clock.STAGE, FIRST, budget=10)
SILENCE = RunningClock(Clock.SILENCE, FIRST, budget=20)


def on(working_day):
    """The n-th working day after the clocks began."""
    return WEEKS.add(FIRST, working_day)


def fire(working_day, *clocks, standing_on=None, nobody_at=()):
    return firing_on(
        on(working_day),
        clocks or (STAGE, SILENCE),
        LADDER,
        WEEKS,
        standing_on=standing_on,
        nobody_at=nobody_at,
    )


def test_nothing_fires_before_the_budget_is_used_up():
    assert fire(9) is None
    assert next_due_day((STAGE, SILENCE), LADDER, WEEKS) == on(10)


@pytest.mark.parametrize(
    ("working_day", "rung", "below"),
    [
        (10, OWNER, []),
        (14, OWNER, []),
        (15, UNIT, [OWNER]),
        (24, UNIT, [OWNER]),
        (25, MUNICIPALITY, [OWNER, UNIT]),
        (200, MUNICIPALITY, [OWNER, UNIT]),
    ],
)
def test_missed_nights_end_in_one_firing_at_the_right_rung(working_day, rung, below):
    firing = fire(working_day, STAGE)

    assert firing.fired == ((Clock.STAGE, rung),)
    assert firing.passed_over == tuple((Clock.STAGE, key) for key in below)
    assert firing.order_rung is rung


def test_the_deputy_mayor_waits_until_the_municipality_was_told_fifteen_days_ago():
    told = replace(STAGE, fired=[OWNER, UNIT, MUNICIPALITY], told={MUNICIPALITY: on(100)})

    assert due_day(told, LADDER, WEEKS) == (DEPUTY_MAYOR, on(115))
    assert fire(114, told, standing_on=MUNICIPALITY) is None
    assert fire(115, told, standing_on=MUNICIPALITY).order_rung is DEPUTY_MAYOR


def test_the_deputy_mayor_is_never_told_of_what_the_municipality_never_heard_of():
    passed_over = replace(STAGE, fired=[OWNER, UNIT, MUNICIPALITY], told={})

    assert due_day(passed_over, LADDER, WEEKS) is None


def test_at_the_top_nothing_more_is_due():
    told = dict.fromkeys(RungKey, on(50))

    assert due_day(replace(STAGE, fired=[*RungKey], told=told), LADDER, WEEKS) is None
    assert next_due_day([replace(STAGE, fired=[*RungKey], told=told)], LADDER, WEEKS) is None


def test_a_rung_with_nobody_goes_to_the_next_at_once():
    firing = fire(10, STAGE, nobody_at=[OWNER])

    assert firing.fired == ((Clock.STAGE, UNIT),)
    assert firing.passed_over == ((Clock.STAGE, OWNER),)


def test_an_empty_municipality_never_hands_on_to_the_deputy_mayor():
    below = replace(STAGE, fired=[OWNER, UNIT], told={UNIT: on(15)})

    assert fire(25, below, standing_on=UNIT, nobody_at=[MUNICIPALITY]) is None
    assert fire(90, below, standing_on=UNIT, nobody_at=[MUNICIPALITY]) is None


def test_an_empty_rung_that_was_due_is_tried_again_and_not_written_off():
    below = replace(STAGE, fired=[OWNER, UNIT], told={UNIT: on(15)})

    assert fire(26, below, standing_on=UNIT).fired == ((Clock.STAGE, MUNICIPALITY),)


def test_where_nobody_can_be_told_nothing_fires():
    assert fire(10, nobody_at=[*RungKey]) is None


def test_two_clocks_that_are_due_make_one_order_at_the_higher_rung():
    firing = fire(20)

    assert firing.fired == ((Clock.STAGE, UNIT), (Clock.SILENCE, OWNER))
    assert firing.order_rung is UNIT


def test_a_clock_that_is_due_later_never_lowers_the_order():
    climbed = replace(STAGE, fired=[OWNER, UNIT, MUNICIPALITY], told={MUNICIPALITY: on(25)})

    firing = fire(26, climbed, SILENCE, standing_on=MUNICIPALITY)

    assert firing.fired == ((Clock.SILENCE, UNIT),)
    assert firing.order_rung is MUNICIPALITY


def test_silence_after_a_note_climbs_again_from_the_first_rung():
    noted = RunningClock(Clock.SILENCE, on(30), budget=20)

    firing = fire(50, noted, standing_on=MUNICIPALITY)

    assert firing.fired == ((Clock.SILENCE, OWNER),)


def test_days_already_used_count_on():
    resumed = replace(STAGE, used=7)

    assert due_day(resumed, LADDER, WEEKS) == (OWNER, on(3))
    assert resumed.spent(on(3), WEEKS) == 10


def test_a_clock_that_is_over_its_budget_when_it_resumes_is_due_on_the_first_working_day():
    saturday = FIRST + timedelta(days=5)
    resumed = replace(STAGE, origin=saturday, used=50)

    assert due_day(resumed, LADDER, WEEKS) == (OWNER, saturday + timedelta(days=2))


def test_yellow_comes_at_the_budget_and_red_at_the_municipality():
    lights = light_days((STAGE, SILENCE), LADDER, WEEKS, today=FIRST)

    assert (lights.yellow, lights.red) == (on(10), on(25))


def test_without_clocks_nothing_is_due_and_no_light_changes():
    assert next_due_day((), LADDER, WEEKS) is None
    assert light_days((), LADDER, WEEKS, today=FIRST).yellow is None


def test_the_next_working_day_is_never_today():
    friday = FIRST + timedelta(days=4)

    assert next_working_day(FIRST, WEEKS) == FIRST + timedelta(days=1)
    assert next_working_day(friday, WEEKS) == FIRST + timedelta(days=7)


def test_an_order_climbs_when_the_first_clock_reaches_the_rung_above():
    silent = replace(SILENCE, budget=2, fired=[OWNER, UNIT])

    # The stage clock's own first rung is due on the tenth day, but is no climb.
    assert next_due_day((STAGE, silent), LADDER, WEEKS) == on(10)
    assert climbing_day((STAGE, silent), LADDER, WEEKS, standing_on=UNIT, today=FIRST) == on(
        2 + 5 + 10
    )


def test_an_order_at_the_top_or_before_a_rung_that_waits_has_no_deadline():
    assert (
        climbing_day((STAGE, SILENCE), LADDER, WEEKS, standing_on=DEPUTY_MAYOR, today=FIRST) is None
    )
    assert (
        climbing_day((STAGE, SILENCE), LADDER, WEEKS, standing_on=MUNICIPALITY, today=FIRST) is None
    )
    told = replace(STAGE, fired=[OWNER, UNIT, MUNICIPALITY], told={MUNICIPALITY: on(25)})
    assert climbing_day(
        (told, SILENCE), LADDER, WEEKS, standing_on=MUNICIPALITY, today=FIRST
    ) == on(25 + 15)


def test_a_rung_above_that_nobody_could_be_told_of_is_tried_the_next_working_day():
    climbs = climbing_day((STAGE,), LADDER, WEEKS, standing_on=UNIT, today=on(30))

    assert climbs == on(31)
