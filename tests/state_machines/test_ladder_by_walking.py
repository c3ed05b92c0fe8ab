"""The ladder against a model that walks day by day: any origin, budget, outage, note and roster."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from state_machines.ladder import (
    Clock,
    Ladder,
    Rung,
    RungKey,
    RunningClock,
    due_day,
    firing_on,
    light_days,
    next_due_day,
)
from state_machines.posts import Role
from state_machines.working_days import WorkCalendar
from tests.reference.ladder import Episode, Step, first_day, is_due, night

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
SPAN = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
FAR = LAST + timedelta(days=300)
KEYS = [*RungKey]


@st.composite
def calendars(draw):
    """Weeks with days off in the middle of them, and weekends that are worked."""
    swapped = draw(st.sets(st.sampled_from(SPAN), max_size=40))
    working = {day for day in SPAN if (day.weekday() < 5) != (day in swapped)}
    return WorkCalendar(FIRST, LAST, LAST, tuple(sorted(working))), (
        lambda day: day in working if FIRST <= day <= LAST else day.weekday() < 5
    )


@st.composite
def ladders(draw):
    count = draw(st.integers(1, 4))
    waits = draw(st.booleans()) and count > 1
    steps = [
        Step(draw(st.integers(0, 16)), waits and number == count - 1) for number in range(count)
    ]
    rungs = tuple(
        Rung(key=key, after=step.after, tells=(Role.UNIT_LEADER,), only_after_told=step.waits)
        for key, step in zip(KEYS, steps, strict=False)
    )
    return Ladder(rungs=rungs, red_at=draw(st.sampled_from(KEYS[:count]))), steps


origins = st.sampled_from(SPAN[:120])
episodes = st.builds(Episode, origins, st.integers(1, 30), st.integers(0, 40))


def as_clock(name, episode):
    return RunningClock(
        Clock(name),
        episode.origin,
        episode.budget,
        episode.used,
        fired=[KEYS[rung] for rung in episode.climbed],
        told={KEYS[rung]: day for rung, day in episode.told.items()},
    )


def keyed(pairs):
    return {(Clock(name), KEYS[rung]) for name, rung in pairs}


def settle(outcome, clocks, day):
    for name, rung in outcome.fires | outcome.passes_over:
        clocks[name].climbed.add(rung)
    for name, rung in outcome.fires:
        clocks[name].told[rung] = day


@given(
    calendars(),
    ladders(),
    st.fixed_dictionaries({"stage": episodes, "silence": episodes}),
    st.lists(st.tuples(st.integers(1, 12), st.booleans(), st.booleans()), max_size=14),
    st.sets(st.integers(0, 3), max_size=2),
)
@settings(max_examples=150, deadline=None)
def test_every_night_fires_what_walking_day_by_day_says(calendar, ladder, clocks, nights, nobody):
    calendar, is_working = calendar
    ladder, steps = ladder
    nobody = {rung for rung in nobody if rung < len(steps)}
    day, order = max(each.origin for each in clocks.values()), None

    for gap, noted, filled in nights:  # nights that were missed lie between
        day += timedelta(days=gap)
        if noted:
            clocks["silence"] = Episode(day, clocks["silence"].budget)
        if filled:
            nobody = set()
        expected = night(day, clocks, steps, is_working, order=order, nobody_at=nobody)
        fired = firing_on(
            day,
            [as_clock(name, each) for name, each in clocks.items()],
            ladder,
            calendar,
            standing_on=None if order is None else KEYS[order],
            nobody_at=[KEYS[rung] for rung in nobody],
        )

        assert (fired is None) == (expected is None)
        if expected is None:
            continue
        assert {*fired.fired} == keyed(expected.fires)
        assert {*fired.passed_over} == keyed(expected.passes_over)
        assert fired.order_rung is KEYS[expected.order]
        assert len(fired.fired) == len({clock for clock, _ in fired.fired})

        settle(expected, clocks, day)
        again = firing_on(
            day,
            [as_clock(name, each) for name, each in clocks.items()],
            ladder,
            calendar,
            standing_on=fired.order_rung,
            nobody_at=[KEYS[rung] for rung in nobody],
        )
        waiting_no_longer = steps[-1].waits and steps[-1].after == 0
        assert again is None or waiting_no_longer, "what has fired never fires again"
        assert order is None or expected.order >= order
        order = expected.order


@given(calendars(), ladders(), episodes, st.data())
@settings(max_examples=80, deadline=None)
def test_the_next_rung_is_due_on_the_first_working_day_on_which_it_may_fire(
    calendar, ladder, episode, data
):
    calendar, is_working = calendar
    ladder, steps = ladder
    episode.climbed = set(range(data.draw(st.integers(0, len(steps)))))
    episode.told = {
        rung: episode.origin + timedelta(days=data.draw(st.integers(0, 60)))
        for rung in episode.climbed
        if data.draw(st.booleans())
    }
    rung = len(episode.climbed)
    # Nothing that waits for somebody to have been told can be due before they were.
    waits = rung < len(steps) and steps[rung].waits
    told_on = episode.told.get(rung - 1, episode.origin) if waits else episode.origin

    found = due_day(as_clock("stage", episode), ladder, calendar)
    expected = first_day(
        lambda day: (
            rung < len(steps) and day >= told_on and is_due(rung, episode, steps, day, is_working)
        ),
        episode.origin,
        is_working=is_working,
        until=FAR,
    )

    assert found == (None if expected is None else (KEYS[rung], expected))
    assert next_due_day([as_clock("stage", episode)], ladder, calendar) == expected


@given(calendars(), ladders(), episodes, episodes)
@settings(max_examples=60, deadline=None)
def test_yellow_is_at_the_budget_and_red_at_the_rung_that_the_policy_names(
    calendar, ladder, stage, silence
):
    calendar, is_working = calendar
    ladder, steps = ladder
    until_red = sum(step.after for step in steps[: KEYS.index(ladder.red_at) + 1])

    def first_full(more):
        days = [
            first_day(
                lambda day, each=each: each.is_full(each.budget + more, day, is_working),
                each.origin,
                is_working=is_working,
                until=FAR,
            )
            for each in (stage, silence)
        ]
        return min(days)

    clocks = [as_clock("stage", stage), as_clock("silence", silence)]
    # Asked on a day before which neither clock has stood still.
    lights = light_days(clocks, ladder, calendar, today=FAR)

    assert (lights.yellow, lights.red) == (first_full(0), first_full(until_red))


@given(calendars(), episodes, st.integers(1, 20), st.integers(1, 60))
@settings(max_examples=50, deadline=None)
def test_the_last_rung_never_fires_before_the_one_before_was_told_its_interval_earlier(
    calendar, episode, interval, late
):
    calendar, is_working = calendar
    ladder = Ladder(
        rungs=(
            Rung(key=RungKey.MUNICIPALITY, after=0, tells=(Role.PROMOTION_CENTER_HEAD,)),
            Rung(
                key=RungKey.DEPUTY_MAYOR,
                after=interval,
                tells=(Role.DEPUTY_MAYOR,),
                only_after_told=True,
            ),
        ),
        red_at=RungKey.MUNICIPALITY,
    )
    told_on = calendar.add(episode.origin, episode.budget + interval + late)
    running = replace(
        as_clock("stage", episode),
        fired=[RungKey.MUNICIPALITY],
        told={RungKey.MUNICIPALITY: told_on},
    )

    key, day = due_day(running, ladder, calendar)

    assert key is RungKey.DEPUTY_MAYOR
    assert (
        sum(is_working(told_on + timedelta(days=n)) for n in range(1, (day - told_on).days + 1))
        == interval
    )
