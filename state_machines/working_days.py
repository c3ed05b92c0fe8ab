"""Working days: counting them, adding them, and when one opens in the city.

A calendar is given its working days and answers in about a microsecond. Nothing here knows where
they come from; `runtime.calendar` does.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

CITY_TIME = ZoneInfo("Asia/Shanghai")
OPENING_HOUR = time(9)

_WEEK, _WEEKDAYS = 7, 5


def local_day(instant: datetime) -> date:
    """The city's date at `instant`. A naive datetime is a `ValueError`: it names no instant."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant} has no time zone")
    return instant.astimezone(CITY_TIME).date()


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The city's working days from `first` to `last`, sorted, each once.

    Outside that span every Monday to Friday is taken for a working day, so that no date is ever an
    error. What lies after `announced_until` rests on law alone and may change: it is provisional.
    """

    first: date
    last: date
    announced_until: date
    working_days: tuple[date, ...]

    def is_working(self, day: date) -> bool:
        return self._nth(self._count(day)) == day

    def is_provisional(self, day: date) -> bool:
        """True if the State Council has not announced the days off of that time yet."""
        return day > self.announced_until

    def add(self, day: date, n: int) -> date:
        """The n-th working day strictly after `day`, which is itself day 0 of the count.

        With n = 0: `day` if it is a working day, else the next one. A negative n is a `ValueError`.
        """
        if n < 0:
            raise ValueError(f"cannot go back {-n} working days")
        if n == 0:
            return self._nth(self._count(day - timedelta(days=1)) + 1)
        return self._nth(self._count(day) + n)

    def between(self, a: date, b: date) -> int:
        """How many working days lie after `a`, up to and including `b`; 0 if b is not after a."""
        return self._count(b) - self._count(a) if b > a else 0

    def opening(self, day: date) -> datetime:
        """The instant, in UTC, at which the city's offices open on `day`: 09:00 in Shanghai."""
        return datetime.combine(day, OPENING_HOUR, CITY_TIME).astimezone(UTC)

    # Working days are numbered: 1 is the first within the span, 0 and below lie before it.
    # `_count` gives the number of the last working day up to `day`, `_nth` is its inverse.

    def _count(self, day: date) -> int:
        if day < self.first:
            return _weekdays_until(day) - self._weekdays_before_span()
        count = bisect_right(self.working_days, day)
        if day > self.last:
            count += _weekdays_until(day) - _weekdays_until(self.last)
        return count

    def _nth(self, number: int) -> date:
        beyond = number - len(self.working_days)
        if beyond > 0:
            return _nth_weekday(_weekdays_until(self.last) + beyond)
        if number < 1:
            return _nth_weekday(self._weekdays_before_span() + number)
        return self.working_days[number - 1]

    def _weekdays_before_span(self) -> int:
        return _weekdays_until(self.first - timedelta(days=1))


def _weekdays_until(day: date) -> int:
    """How many Mondays to Fridays there are from 1 January of year 1, a Monday, up to `day`."""
    weeks, days = divmod(day.toordinal(), _WEEK)
    return _WEEKDAYS * weeks + min(days, _WEEKDAYS)


def _nth_weekday(n: int) -> date:
    weeks, days = divmod(n - 1, _WEEKDAYS)
    return date.fromordinal(_WEEK * weeks + days + 1)
