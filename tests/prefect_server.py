"""A Prefect server of the tests' own, and the flows served on it: as `luodi up` starts them.

    prefect_server.run("deliver-mail/every-minute")         # now, waiting for its end
    prefect_server.stop(); …; prefect_server.start()        # keeps what it knows

`serving(prefect_server, database_url)` runs the flows on their schedules meanwhile.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from cli.programs import programs
from cli.supervision import Program
from runtime.settings import Settings
from tests.processes import eventually, free_port

STARTS_WITHIN = 240  # seconds; a first start, on a machine busy with other tests
RUNS_WITHIN = 180
AGAIN = 10  # times
FINAL = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


class PrefectServer:
    """Keeps its runs in `folder`, from one start to the next."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._log = folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None
        settings = Settings(data_folder=folder)
        _, self._server, self.flows = programs(settings, free_port(), free_port(), print)
        self.environment = dict(self._server.environment)
        self._api = self.environment["PREFECT_API_URL"]
        self._http = httpx2.Client(trust_env=False, timeout=20)  # never through a proxy

    def start(self) -> None:
        """Start it, unless it runs; return when it answers."""
        if self._process is None:
            self._process = launch(self._server, self._log)
            eventually(self._answers, seconds=STARTS_WITHIN)

    def stop(self) -> None:
        if self._process is not None:
            end(self._process)
            self._process = None

    def close(self) -> None:
        self.stop()
        self._http.close()

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """What its API answers: to a POST if there is a body, else to a GET."""
        method = "GET" if body is None else "POST"
        for _ in range(AGAIN):
            answer = self._http.request(method, f"{self._api}/{path}", json=body)
            if answer.status_code != httpx2.codes.SERVICE_UNAVAILABLE:
                break
            time.sleep(1)  # its own database was busy; it says so, and did nothing
        return answer.raise_for_status().json()

    def run(self, deployment: str, **parameters: object) -> str:
        """Run a deployment, `flow/name`, now; return the type of state in which the run ended.

        While a scheduled run is under way, another is cancelled: then it is asked for again.
        """
        for _ in range(AGAIN):
            if (ended := self._run(deployment, **parameters)) != "CANCELLED":
                break
        return ended

    def _run(self, deployment: str, **parameters: object) -> str:
        found = self.ask(f"deployments/name/{deployment}")
        made = self.ask(f"deployments/{found['id']}/create_flow_run", {"parameters": parameters})
        runs: list[dict[str, Any]] = []

        def ended() -> bool:
            runs[:] = [self.ask(f"flow_runs/{made['id']}")]
            return runs[0]["state_type"] in FINAL

        eventually(ended, seconds=RUNS_WITHIN)
        return str(runs[0]["state_type"])

    def runs(self, flow: str, *, completed: bool = True) -> list[dict[str, Any]]:
        """The runs of a flow, the latest first."""
        states = {"type": {"any_": ["COMPLETED"]}} if completed else {}
        found: list[dict[str, Any]] = self.ask(
            "flow_runs/filter",
            {
                "flows": {"name": {"any_": [flow]}},
                "flow_runs": {"state": states} if states else {},
                "sort": "START_TIME_DESC",
            },
        )
        return found

    def _answers(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            pytest.fail(f"the Prefect server ended:\n{self._log.read_text()}")
        try:
            return bool(self.ask("health"))
        except httpx2.HTTPError:
            return False


@contextmanager
def serving(server: PrefectServer, database_url: str, **settings: str) -> Iterator[None]:
    """Run the flows on their schedules, against a database; more settings by their `LUODI_` name.

    Returns when all deployments are known to the server. Data and log go to the server's folder.
    """
    own = {"LUODI_DATABASE_URL": database_url, "LUODI_DATA_FOLDER": str(server.folder), **settings}
    began = time.time()
    process = launch(server.flows, server.folder / "flows.log", **own)
    try:
        eventually(lambda: _deployed_since(server, began), seconds=STARTS_WITHIN)
        yield
    finally:
        end(process)


def launch(program: Program, log: Path, **more: str) -> subprocess.Popen[bytes]:
    """Start a program of `luodi up` by itself, in a process group of its own."""
    with log.open("ab") as output:
        return subprocess.Popen(
            program.command,
            env={**program.environment, **more},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end; after 20 s kill its whole group."""
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _deployed_since(server: PrefectServer, began: float) -> bool:
    found = server.ask("deployments/filter", {})
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(began))
    return len([each for each in found if each["updated"] >= stamp]) == 2


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectServer]:
    """A running server, shared: whoever stops it starts it again."""
    server = PrefectServer(tmp_path_factory.mktemp("prefect"))
    try:
        server.start()
        yield server
    finally:
        server.close()
