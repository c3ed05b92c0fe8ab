"""The web application over a real database, asked by a browser on the same machine."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import update
from starlette.testclient import TestClient

from db.models import Person
from db.session import Database
from notifications.senders.mailbox import LocalMailbox
from runtime.opening import Runtime
from runtime.settings import Settings
from tests.builders import CALENDAR, Staff, found_city
from tests.clock import WallClock
from tests.web.browser import browser
from web.app import create_app


@pytest.fixture
def staff(database: Database, clock: WallClock) -> Staff:
    """Lanxi's people, all of them sample people."""
    with database.writing() as session:
        staff = found_city(session, now=clock())
        session.execute(update(Person).values(sample=True))
    return staff


@pytest.fixture
def runtime(database: Database, clock: WallClock, tmp_path: Path) -> Runtime:
    return Runtime(Settings(data_folder=tmp_path), database, CALENDAR, LocalMailbox(), clock)


@pytest.fixture
def app(runtime: Runtime) -> FastAPI:
    return create_app(runtime)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with browser(app) as client:
        yield client
