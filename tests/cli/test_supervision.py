"""Programs kept running together: started in order, started again, ended without a trace."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cli import supervision
from cli.supervision import KeepsDying, NeverAnswered, Program, kept_running
from tests.processes import alive, eventually

NO_SUCH_ADDRESS = "http://127.0.0.1:9/"
FOR_EVER = "import time; time.sleep(60)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {FOR_EVER}"
WITH_A_CHILD = f"""
import subprocess, sys
print(subprocess.Popen([sys.executable, "-c", {DEAF!r}]).pid)
{FOR_EVER}
"""


class Stop(Exception):
    """The test has seen enough."""


class Run:
    """Programs of one line of Python each, and what they printed and how often they ended."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.ended: list[tuple[str, int]] = []

    def program(self, name: str, code: str, *, health: str = "", needs: Program | None = None):
        return Program(
            name,
            [sys.executable, "-c", code],
            os.environ,
            write=self.lines.append,
            restarting=lambda name, code: self.ended.append((name, code)),
            health=health,
            needs=needs,
        )

    async def until(self, *lines: str) -> None:
        async with asyncio.timeout(20):
            while self.lines != list(lines):
                await asyncio.sleep(0.01)


@pytest.fixture
def run() -> Run:
    return Run()


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "BACK_OFF", (0.0, 0.0))
    monkeypatch.setattr(supervision, "GRACE", 1.0)


def test_what_a_program_prints_is_passed_on_and_a_line_without_end_does_no_harm(run):
    async def story() -> None:
        code = f"print('一'); print('x' * 3_000_000); print('end'); {FOR_EVER}"
        async with kept_running(run.program("a", code)):
            async with asyncio.timeout(20):
                while "end" not in run.lines:
                    await asyncio.sleep(0.01)
            raise Stop

    with pytest.raises(Stop):
        asyncio.run(story())

    assert (run.lines[0], run.lines[-1]) == ("一", "end")


def test_a_program_that_dies_is_started_again_until_it_has_died_too_often(run):
    async def story() -> None:
        async with kept_running(run.program("a", "print('a'); exit(3)")):
            pass

    with pytest.raises(KeepsDying) as died:
        asyncio.run(story())

    assert (died.value.name, died.value.code) == ("a", 3)
    assert run.lines == ["a", "a", "a"]
    assert run.ended == [("a", 3), ("a", 3)]


def test_a_program_that_ran_for_long_has_all_its_chances_again(run, monkeypatch):
    monkeypatch.setattr(supervision, "STEADY", 0.0)

    async def story() -> None:
        async with kept_running(run.program("a", "print('a')")):
            await run.until(*["a"] * 6)
            raise Stop

    with pytest.raises(Stop):
        asyncio.run(story())

    assert set(run.ended) == {("a", 0)}


def test_when_one_is_given_up_the_others_end_too(run):
    async def story() -> None:
        steady = run.program("steady", f"import os; print(os.getpid()); {FOR_EVER}")
        async with kept_running(steady, run.program("dying", "exit(1)")):
            pass

    with pytest.raises(KeepsDying):
        asyncio.run(story())

    assert not any(alive(int(pid)) for pid in run.lines)


def test_a_program_waits_for_the_one_that_it_needs_and_not_for_ever(run, monkeypatch):
    monkeypatch.setattr(supervision, "PATIENCE", 0.5)

    async def story() -> None:
        silent = run.program("silent", FOR_EVER, health=NO_SUCH_ADDRESS)
        async with kept_running(silent, run.program("b", "print('b')", needs=silent)):
            pass

    with pytest.raises(NeverAnswered) as never:
        asyncio.run(story())

    assert (never.value.name, never.value.url) == ("silent", NO_SUCH_ADDRESS)
    assert run.lines == []


def test_whoever_ignores_the_request_to_end_is_killed_with_all_that_it_started(run):
    async def story() -> None:
        async with kept_running(run.program("a", WITH_A_CHILD)):
            await asyncio.wait_for(_first_line(run), 20)
            raise Stop

    with pytest.raises(Stop):
        asyncio.run(story())

    [child] = run.lines
    assert not alive(int(child))


def test_asked_to_stop_twice_it_kills_without_waiting(run, monkeypatch):
    monkeypatch.setattr(supervision, "GRACE", 30.0)

    async def story() -> None:
        task = asyncio.current_task()
        assert task is not None
        code = f"import os; {DEAF.replace('time.sleep', 'print(os.getpid()); time.sleep')}"
        async with kept_running(run.program("a", code)):
            await asyncio.wait_for(_first_line(run), 20)
            asyncio.get_running_loop().call_later(0.2, task.cancel)
            raise Stop

    began = time.monotonic()
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(story())

    assert time.monotonic() - began < 20
    [pid] = run.lines
    eventually(lambda: not alive(int(pid)))


@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux tells a process of its parent's end"
)
def test_a_tethered_command_ends_when_its_parent_is_killed(tmp_path: Path):
    parent = (
        "import os, subprocess, sys;"
        "subprocess.run([sys.executable, '-m', 'cli.tether', str(os.getpid()),"
        f" sys.executable, '-c', 'import os; print(os.getpid(), flush=True); {FOR_EVER}'])"
    )
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        assert alive(child)

        process.send_signal(signal.SIGKILL)

    eventually(lambda: not alive(child))


async def _first_line(run: Run) -> None:
    while not run.lines:
        await asyncio.sleep(0.01)
