"""`luodi up`, for real: one command starts everything, and nothing of it is left when it ends."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.processes import eventually, free_port, processes_with

# Beside nothing else that starts servers, or neither would start in time.
pytestmark = [pytest.mark.xdist_group("flows"), pytest.mark.timeout(700)]

FIRST_PAGE_WITHIN = 90  # seconds; 3 are promised, on a machine that does nothing else
PREFECT_WITHIN = 240
A_SCHEDULED_MINUTE = 60 + 120
GONE_WITHIN = 20
ALL_FLOWS = {"escalate-stalled-projects", "chase-approvals", "deliver-mail"}


class Up:
    """A running `luodi up`, what it has printed, and every process that belongs to it."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.output = folder / "output"
        self.address = f"http://127.0.0.1:{free_port()}"
        self._mark = f"LUODI_DATA_FOLDER={folder}"
        own = {
            "LUODI_DATA_FOLDER": str(folder),
            "LUODI_BASE_URL": self.address,
            "LUODI_PREFECT_PORT": str(free_port()),
            **settings,
        }
        self.began = time.monotonic()
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cli", "--language", "en", "up"],
                env={**os.environ, **own},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def said(self) -> str:
        return self.output.read_text("utf-8")

    def says(self, sentence: str, *, seconds: float) -> None:
        """Wait until it has said so."""
        eventually(lambda: sentence in self.said(), seconds=seconds)

    def processes(self) -> list[int]:
        return processes_with(self._mark)

    def log(self, name: str) -> str:
        file = self.folder / "log" / f"{name}.log"
        return file.read_text("utf-8") if file.exists() else ""


@contextmanager
def running(folder: Path, **settings: str) -> Iterator[Up]:
    up = Up(folder, **settings)
    try:
        yield up
    finally:
        if up.process.poll() is None:
            up.process.kill()
        up.process.wait()
        for pid in up.processes():
            os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shared, because a Prefect server takes much longer to start for the first time."""
    return tmp_path_factory.mktemp("up")


def test_everything_starts_runs_by_itself_and_ends_on_ctrl_c_without_a_trace(folder):
    with running(folder) as up:
        up.says(f"Luodi is ready: {up.address}", seconds=FIRST_PAGE_WITHIN)
        assert httpx2.get(f"{up.address}/healthz", trust_env=False).is_success
        up.says("Escalation, approvals and mail run every minute", seconds=PREFECT_WITHIN)
        eventually(lambda: flows_begun(up) == ALL_FLOWS, seconds=A_SCHEDULED_MINUTE)
        eventually(
            lambda: "Finished in state Completed()" in up.log("flows"), seconds=FIRST_PAGE_WITHIN
        )
        assert len(up.processes()) >= 4  # itself, the pages, Prefect, the flows

        up.process.send_signal(signal.SIGINT)

        assert up.process.wait(GONE_WITHIN) == 0
        assert up.processes() == []
        assert up.said().endswith("Luodi has stopped.\n")


def test_killed_with_9_it_takes_everything_with_it(folder):
    with running(folder) as up:
        up.says("Escalation, approvals and mail run every minute", seconds=PREFECT_WITHIN)
        eventually(lambda: len(up.processes()) >= 4)

        up.process.kill()

        eventually(lambda: up.processes() == [], seconds=GONE_WITHIN)


def test_a_program_that_is_killed_is_started_again(folder):
    with running(folder) as up:
        up.says("Luodi is ready", seconds=FIRST_PAGE_WITHIN)
        web = next(pid for pid in up.processes() if os.getpgid(pid) == pid != up.process.pid)

        os.kill(web, signal.SIGKILL)

        up.says("ended (exit code -9) and is started again.", seconds=10)
        eventually(lambda: answers(up.address), seconds=FIRST_PAGE_WITHIN)
        up.process.terminate()
        assert up.process.wait(GONE_WITHIN) == 0
        assert up.processes() == []


def test_the_address_of_the_pages_being_taken_is_said_and_nothing_started(folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with running(folder, LUODI_BASE_URL=f"http://127.0.0.1:{port}") as up:
            assert up.process.wait(FIRST_PAGE_WITHIN) == 1

    assert f"Port {port} is taken." in up.said()
    assert up.processes() == []


def test_prefect_moves_to_the_next_port_if_its_own_is_taken(folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with running(folder, LUODI_PREFECT_PORT=str(port)) as up:
            up.says(
                f"Port {port} is taken, so the Prefect server uses port", seconds=FIRST_PAGE_WITHIN
            )


def flows_begun(up: Up) -> set[str]:
    return set(re.findall(r"Beginning flow run .* for flow '(.*)'", up.log("flows")))


def answers(address: str) -> bool:
    try:
        return httpx2.get(f"{address}/healthz", trust_env=False).is_success
    except httpx2.HTTPError:
        return False
