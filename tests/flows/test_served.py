"""The flows on a real Prefect server: on schedule, by hand, and through a worker of their own."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.databases import on_sqlite
from tests.prefect_server import PrefectServer, end, serving
from tests.processes import eventually
from use_cases.seeding.seed import seed

PROJECT = Path(__file__).parents[2]
A_SCHEDULED_MINUTE = 60 + 120  # seconds: to the next full minute, and for a busy machine to do it

pytestmark = [on_sqlite, pytest.mark.timeout(700)]


@pytest.fixture
def seeded_url(database, database_url):
    with database.writing() as session:
        seed(session, now=datetime.now(UTC))
    return database_url


def test_all_rounds_run_by_themselves_within_the_minute_and_by_hand_as_of_a_time(
    prefect_server, seeded_url
):
    with serving(prefect_server, seeded_url):
        began = datetime.now(UTC)
        by_hand = prefect_server.run(
            "escalate-stalled-projects/every-minute", as_of="2026-03-02T09:00+08:00"
        )
        no_zone = prefect_server.run(
            "escalate-stalled-projects/every-minute", as_of="2026-03-02T09:00"
        )

        assert (by_hand, no_zone) == ("COMPLETED", "FAILED")
        eventually(
            lambda: all(
                scheduled(prefect_server, flow, began)
                for flow in ("escalate-stalled-projects", "chase-approvals", "deliver-mail")
            ),
            seconds=A_SCHEDULED_MINUTE,
        )


def test_prefect_yaml_deploys_to_a_work_pool_whose_worker_runs_it(prefect_server, seeded_url):
    def prefect(*arguments: str) -> None:
        command = [sys.executable, "-m", "prefect", "--no-prompt", *arguments]
        done = subprocess.run(
            command,
            cwd=PROJECT,
            env=environment,
            timeout=120,
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    environment = {
        **prefect_server.environment,
        "LUODI_DATABASE_URL": seeded_url,
        "LUODI_DATA_FOLDER": str(prefect_server.folder),
    }
    prefect("work-pool", "create", "--type", "process", "luodi")
    prefect("deploy", "--all")
    prefect("deploy", "--all")  # twice deploys nothing twice
    assert len(prefect_server.ask("deployments/filter", {})) == 3

    with (prefect_server.folder / "worker.log").open("ab") as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", "prefect", "worker", "start", "--pool", "luodi"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        assert prefect_server.run("deliver-mail/every-minute") == "COMPLETED"
    finally:
        end(worker)


def scheduled(server: PrefectServer, flow: str, since: datetime) -> bool:
    return any(
        each["auto_scheduled"] and datetime.fromisoformat(each["start_time"]) > since
        for each in server.runs(flow)
    )
