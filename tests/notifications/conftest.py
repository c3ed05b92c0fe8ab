"""A city that is seeded, on either database."""

import pytest

from use_cases.seeding.seed import seed


@pytest.fixture
def city(database, clock):
    """The database, with Jinhua's places and rules in it."""
    with database.writing() as session:
        seed(session, now=clock())
    return database
