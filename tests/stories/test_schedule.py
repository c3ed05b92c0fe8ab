"""Only the Prefect server escalates on time: without it nothing does, and with it again, soon."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from db.models import Order, Origin, Project
from db.queries.policies import policy_in_force
from db.session import Database
from runtime.calendar import city_calendar
from state_machines.dates import PartialDate
from state_machines.stages import Stage
from tests.databases import on_sqlite
from tests.live import installed
from tests.prefect_server import PrefectServer, serving
from tests.processes import eventually
from use_cases.register_project import NewProject, register_projects

A_MINUTE = 60
SOON = A_MINUTE + 60  # the run's own time on a busy machine

pytestmark = [on_sqlite, pytest.mark.timeout(600)]


@pytest.fixture
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectServer]:
    """A server that no other test has left a run on: one under way would hold up the next."""
    server = PrefectServer(tmp_path_factory.mktemp("own"))
    yield server
    server.close()


def test_no_order_while_the_prefect_server_is_stopped_and_one_soon_after_its_start(
    database: Database, database_url: str, tmp_path: Path, own_server: PrefectServer
) -> None:
    installed(tmp_path, database_url=database_url).type("sample", "load")
    own_server.start()
    own_server.stop()
    stall(database)

    time.sleep(A_MINUTE + 5)

    assert orders(database) == 0
    own_server.start()
    with serving(own_server, database_url):
        eventually(lambda: orders(database) > 0, seconds=SOON)


def stall(database: Database) -> None:
    """Let a project be long due."""
    now = datetime.now(UTC)
    with database.writing() as session:
        register_projects(
            session,
            [
                NewProject(
                    facts={"name_zh": "无人推进项目", "unit_code": "330782"},
                    stage=Stage.LEAD,
                    origin=Origin.SAMPLE,
                    effective_on=PartialDate("2026-01"),
                    clock_from=date(2026, 1, 5),
                )
            ],
            by=None,
            now=now,
            calendar=city_calendar(),
            adopted=policy_in_force(session),
        )
        due = session.scalars(select(Project.next_rung_at).where(Project.next_rung_at < now))
        assert due.all()


def orders(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Order)) or 0
