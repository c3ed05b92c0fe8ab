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
from state_machines.stages import Stage
from tests.builders import (
    BILLION,
    CALENDAR,
    Staff,
    add_project,
    add_ready_project,
    adopt_instead,
    ask_to_sign,
    found_city,
)
from tests.clock import WallClock
from tests.web.browser import browser, page_of
from tests.web.links import mint
from web.app import create_app

ONE_AFTER_THE_OTHER = 'from_1bn = ["unit_leader", "general_headquarters_director"]'
BOTH_AT_ONCE = 'from_1bn = [{ asks = ["unit_leader", "general_headquarters_director"] }]'


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


@pytest.fixture
def asked(database: Database, clock: WallClock, staff: Staff) -> tuple[int, str]:
    """A request that asks the unit's leader alone, and the token of that mail."""
    with database.writing() as session:
        _, request_id = ask_to_sign(session, staff, now=clock())
        return request_id, mint(session, request_id, staff.unit_leader, clock)


@pytest.fixture
def two_asked(database: Database, clock: WallClock, staff: Staff) -> tuple[int, str, str]:
    """A request that asks leader and director at once, and their tokens."""
    with database.writing() as session:
        adopt_instead(session, ONE_AFTER_THE_OTHER, BOTH_AT_ONCE, now=clock())
        _, request_id = ask_to_sign(session, staff, now=clock(), investment=2 * BILLION)
        leader = mint(session, request_id, staff.unit_leader, clock)
        return request_id, leader, mint(session, request_id, staff.director, clock)


@pytest.fixture
def request_page(database: Database, clock: WallClock, staff: Staff) -> str:
    """The page of a request that asks the leader, then the director."""
    with database.writing() as session:
        return page_of(session, ask_to_sign(session, staff, now=clock(), investment=BILLION)[1])


@pytest.fixture
def lead(database: Database, clock: WallClock, staff: Staff) -> str:
    """A lead of the owner's that lacks nearly all."""
    with database.writing() as session:
        return add_project(session, now=clock(), owner_id=staff.owner).number


@pytest.fixture
def ready(database: Database, clock: WallClock, staff: Staff) -> str:
    """A project in negotiation that may be signed."""
    with database.writing() as session:
        return add_ready_project(
            session, staff, Stage.NEGOTIATION, now=clock(), to=Stage.SIGNED
        ).number
