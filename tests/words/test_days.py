"""Dates as people in the city say them."""

from datetime import UTC, date, datetime

import pytest

from state_machines.dates import PartialDate
from words.days import day, moment, partial
from words.translations import Language, speaking


def in_both(say) -> list[str]:
    said = []
    for language in Language:
        with speaking(language):
            said.append(say())
    return said


def test_a_day_is_said_in_full():
    assert in_both(lambda: day(date(2020, 3, 7))) == ["2020年3月7日", "7 March 2020"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2020-03", ["2020年3月", "March 2020"]),
        ("2020-03-17", ["2020年3月17日", "17 March 2020"]),
    ],
)
def test_a_date_is_said_as_precisely_as_it_is_known(text, said):
    assert in_both(lambda: partial(PartialDate(text))) == said


def test_an_instant_is_said_in_the_citys_time():
    late = datetime(2026, 12, 31, 16, 5, tzinfo=UTC)

    assert in_both(lambda: moment(late)) == ["2027年1月1日 00:05", "1 January 2027, 00:05"]


def test_an_instant_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="no time zone"):
        moment(datetime(2026, 12, 31))  # noqa: DTZ001 (that is the point)


@pytest.mark.parametrize("say", [day, moment, partial])
def test_no_date_is_an_unknown_one(say):
    assert in_both(lambda: say(None)) == ["未知", "unknown"]


@pytest.mark.parametrize(
    ("say", "value", "said"),
    [
        (day, date(2027, 2, 11), ["2027年2月11日（暂定）", "11 February 2027 (provisional)"]),
        (
            moment,
            datetime(2027, 2, 11, 1, tzinfo=UTC),
            ["2027年2月11日 09:00（暂定）", "11 February 2027, 09:00 (provisional)"],
        ),
        (partial, PartialDate("2027-02"), ["2027年2月（暂定）", "February 2027 (provisional)"]),
    ],
)
def test_a_provisional_date_says_so(say, value, said):
    assert in_both(lambda: say(value, provisional=True)) == said
