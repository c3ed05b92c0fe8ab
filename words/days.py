"""Days, months and instants as people in the city say them."""

from datetime import date, datetime

from state_machines.dates import PartialDate
from state_machines.working_days import CITY_TIME, local_day
from words.translations import Language, current_language, gettext

# Not `calendar.month_name`: that speaks the language of the machine.
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def day(value: date | None, *, provisional: bool = False) -> str:
    """Say a day; `provisional` marks one that rests on a year not announced yet."""
    if value is None:
        return gettext("unknown")
    if current_language() is Language.ZH_HANS:
        said = f"{value.year}年{value.month}月{value.day}日"
    else:
        said = f"{value.day} {_MONTHS[value.month - 1]} {value.year}"
    return _marked(said, provisional)


def moment(instant: datetime | None, *, provisional: bool = False) -> str:
    """Say an instant in the city's time, to the minute. A naive one is a `ValueError`."""
    if instant is None:
        return gettext("unknown")
    separator = " " if current_language() is Language.ZH_HANS else ", "
    said = f"{day(local_day(instant))}{separator}{instant.astimezone(CITY_TIME):%H:%M}"
    return _marked(said, provisional)


def partial(value: PartialDate | None, *, provisional: bool = False) -> str:
    """Say a date as precisely as it is known, and no more so."""
    if value is None:
        return gettext("unknown")
    first = value.first_day
    if not value.month_only:
        return day(first, provisional=provisional)
    if current_language() is Language.ZH_HANS:
        return _marked(f"{first.year}年{first.month}月", provisional)
    return _marked(f"{_MONTHS[first.month - 1]} {first.year}", provisional)


def _marked(said: str, provisional: bool) -> str:
    return gettext("%(date)s (provisional)", date=said) if provisional else said
