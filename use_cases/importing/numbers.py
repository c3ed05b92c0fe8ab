"""Numbers that come with a file: kept, and never given out a second time."""

import re
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.inserts import insert_new
from db.models import NumberSeries
from state_machines.working_days import local_day

_OURS = re.compile(r"(JH-\d{4})-(\d{4,6})")


def take_the_lock(session: Session, *, now: datetime) -> None:
    """Let one import in at a time: of two at once, each would register what the other does."""
    _lock(session, {f"JH-{local_day(now).year}"})


def reserve(session: Session, numbers: Iterable[str]) -> None:
    """Move each series past the numbers of ours in `numbers`, so that none is given out again."""
    highest: dict[str, int] = {}
    for number in numbers:
        if ours := _OURS.fullmatch(number):
            highest[ours[1]] = max(int(ours[2]), highest.get(ours[1], 0))
    for series in _lock(session, highest.keys()):
        series.last = max(series.last, highest[series.series])
    session.flush()


def _lock(session: Session, keys: Iterable[str]) -> list[NumberSeries]:
    insert_new(session, NumberSeries, [{"series": key, "last": 0} for key in sorted(keys)])
    found = session.scalars(
        select(NumberSeries)
        .where(NumberSeries.series.in_(keys))
        .order_by(NumberSeries.series)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return [*found]
