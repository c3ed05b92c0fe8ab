from datetime import UTC, datetime, timedelta

import pytest

from notifications.senders.sender import DEFAULT_PAUSE, LONGEST_PAUSE, SenderPaused

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("named", "resumed"),
    [
        (NOW + timedelta(seconds=7), NOW + timedelta(seconds=7)),
        (NOW + LONGEST_PAUSE, NOW + LONGEST_PAUSE),
        (None, NOW + DEFAULT_PAUSE),
        (NOW, NOW + DEFAULT_PAUSE),
        (NOW - timedelta(days=1), NOW + DEFAULT_PAUSE),
        (NOW + timedelta(days=365), NOW + LONGEST_PAUSE),
    ],
)
def test_a_pause_ends_when_the_provider_says_within_reason(
    named: datetime | None, resumed: datetime
) -> None:
    assert SenderPaused("HTTP 429", named).resume_at(NOW) == resumed
