"""The city's working days: what the State Council announced, what the law alone gives, our own.

Announced years come from `chinesecalendar`, make-up workdays included; later ones are provisional.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from types import MappingProxyType

from chinese_calendar.constants import holidays, workdays

from state_machines.working_days import WorkCalendar

# Statutory days off, with days in lieu of a Saturday or Sunday, where they fall on a weekday: the
# State Council's "Measures on days off for annual festivals and commemoration days", as computed
# by the `holidays` package. Written down because importing that package costs every process 0.7 s;
# a test compares the two, day by day, and prints the table anew should they ever differ.
STATUTORY_DAYS_OFF = {
    2027: "01-01 02-05 02-08 02-09 02-10 04-05 05-03 05-04 06-09 09-15 10-01 10-04 10-05",
    2028: "01-03 01-25 01-26 01-27 01-28 04-04 05-01 05-02 05-29 10-02 10-03 10-04",
    2029: "01-01 02-12 02-13 02-14 02-15 04-04 05-01 05-02 06-18 09-24 10-01 10-02 10-03",
    2030: "01-01 02-04 02-05 02-06 02-07 04-05 05-01 05-02 06-05 09-12 10-01 10-02 10-03",
    2031: "01-01 01-22 01-23 01-24 01-27 04-07 05-01 05-02 06-24 10-01 10-02 10-03",
    2032: "01-01 02-10 02-11 02-12 02-13 04-05 05-03 05-04 06-14 09-20 10-01 10-04 10-05",
    2033: "01-03 01-31 02-01 02-02 02-03 04-04 05-02 05-03 06-01 09-08 10-03 10-04 10-05",
    2034: "01-02 02-20 02-21 02-22 02-23 04-05 05-01 05-02 06-20 09-27 10-02 10-03 10-04",
    2035: "01-01 02-07 02-08 02-09 02-12 04-05 05-01 05-02 06-11 09-17 10-01 10-02 10-03",
    2036: "01-01 01-28 01-29 01-30 01-31 04-04 05-01 05-02 05-30 10-01 10-02 10-03 10-06",
    2037: "01-01 02-16 02-17 02-18 02-19 04-06 05-01 05-04 06-18 09-24 10-01 10-02 10-05",
    2038: "01-01 02-03 02-04 02-05 02-08 04-05 05-03 05-04 06-07 09-13 10-01 10-04 10-05",
    2039: "01-03 01-24 01-25 01-26 01-27 04-05 05-02 05-03 05-27 10-03 10-04 10-05 10-06",
    2040: "01-02 02-13 02-14 02-15 02-16 04-04 05-01 05-02 06-14 09-20 10-01 10-02 10-03",
    2041: "01-01 01-31 02-01 02-04 02-05 04-04 05-01 05-02 06-03 09-10 10-01 10-02 10-03",
    2042: "01-01 01-21 01-22 01-23 01-24 04-04 05-01 05-02 06-23 09-29 10-01 10-02 10-03",
    2043: "01-01 02-09 02-10 02-11 02-12 04-06 05-01 05-04 06-11 09-17 10-01 10-02 10-05",
    2044: "01-01 01-29 02-01 02-02 02-03 04-04 05-02 05-03 05-31 10-03 10-04 10-05 10-06",
    2045: "01-02 02-16 02-17 02-20 02-21 04-04 05-01 05-02 06-19 09-25 10-02 10-03 10-04",
}

NO_OVERRIDES: Mapping[date, bool] = MappingProxyType({})

_FIRST = min(holidays).replace(month=1, day=1)
_LAST = date(max(STATUTORY_DAYS_OFF), 12, 31)
_SATURDAY = 5


def city_calendar(overrides: Mapping[date, bool] = NO_OVERRIDES) -> WorkCalendar:
    """The calendar from 2004 to 2045, with the city's own days (True: a working day) on top.

    Built once per set of overrides, in about 10 ms. An override on a day after the last announced
    year settles that day only: the time around it stays provisional. An override outside the years
    covered is a `ValueError`.
    """
    for day in overrides:
        if not _FIRST <= day <= _LAST:
            raise ValueError(f"{day} lies outside the calendar, {_FIRST.year} to {_LAST.year}")
    return _city_calendar(frozenset(overrides.items()))


@cache
def _city_calendar(overrides: frozenset[tuple[date, bool]]) -> WorkCalendar:
    announced_until = max(holidays).replace(month=12, day=31)
    working = {
        day
        for day in map(date.fromordinal, range(_FIRST.toordinal(), _LAST.toordinal() + 1))
        if day.weekday() < _SATURDAY
    }
    working -= holidays.keys()
    working |= workdays.keys()
    working -= {day for day in _statutory_days_off() if day > announced_until}
    for day, is_working in overrides:
        (working.add if is_working else working.discard)(day)
    return WorkCalendar(_FIRST, _LAST, announced_until, tuple(sorted(working)))


def _statutory_days_off() -> list[date]:
    return [
        date.fromisoformat(f"{year}-{day}")
        for year, days in STATUTORY_DAYS_OFF.items()
        for day in days.split()
    ]
