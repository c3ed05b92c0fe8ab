"""A city with its people, on whichever database a test runs."""

from collections.abc import Iterator

import pytest

from db.session import Database
from tests.builders import Staff, found_city
from tests.clock import WallClock
from tests.reference.trail import broken


@pytest.fixture
def staff(database: Database, clock: WallClock) -> Iterator[Staff]:
    """Lanxi's people. After every story that has them, the records must hang together."""
    with database.writing() as session:
        staff = found_city(session, now=clock())
    yield staff
    with database.reading() as session:
        assert broken(session) == []
