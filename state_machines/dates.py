"""A date as precisely as it is known: a day, or only a month."""

import calendar
import re
from dataclasses import dataclass
from datetime import date

_SHAPE = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?", re.ASCII)


@dataclass(frozen=True, order=True)
class PartialDate:
    """`2020-03-17`, or `2020-03` where the source names no day. Sorts a month before its days."""

    text: str

    def __post_init__(self) -> None:
        match = _SHAPE.fullmatch(self.text)
        if not match:
            raise ValueError(f"{self.text!r} is neither YYYY-MM-DD nor YYYY-MM")
        year, month, day = (int(part) if part else 1 for part in match.groups())
        date(year, month, day)  # refuses a thirteenth month and a thirtieth of February

    @classmethod
    def parse(cls, text: str) -> "PartialDate":
        """Read ISO text; raises `ValueError` for anything else."""
        return cls(text.strip())

    @classmethod
    def of(cls, day: date) -> "PartialDate":
        return cls(day.isoformat())

    @property
    def month_only(self) -> bool:
        return len(self.text) == len("2020-03")

    @property
    def first_day(self) -> date:
        return date.fromisoformat(self.text + "-01" if self.month_only else self.text)

    @property
    def last_day(self) -> date:
        first = self.first_day
        if not self.month_only:
            return first
        return first.replace(day=calendar.monthrange(first.year, first.month)[1])

    def __str__(self) -> str:
        return self.text
