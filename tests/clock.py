"""A wall clock that stands still until a test turns it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

MONDAY_MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
"""An ordinary working day at the start of office hours, with no holiday near."""


class WallClock:
    """Called, it says what time it is, in UTC; takes the place of `runtime.opening.wall_clock`."""

    def __init__(self, time: datetime = MONDAY_MORNING) -> None:
        self.time = time.astimezone(UTC)

    def __call__(self) -> datetime:
        return self.time

    def forward(self, **delta: float) -> None:
        """Turn it on by what `timedelta` takes: `clock.forward(days=5, hours=1)`."""
        self.time += timedelta(**delta)
