"""Programs that belong together: started in order, started again when they die, ended as one."""

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

# All in seconds.
PATIENCE = 180.0  # for a program to answer; a first start on a slow disk took 17
GRACE = 10.0  # between asking a program to end and killing it
STEADY = 60.0  # a program that ran this long was not dying from the start
BACK_OFF = (1.0, 2.0, 4.0, 8.0)  # before each new start; whoever dies once more is given up

_LONGEST_LINE = 1 << 20


class KeepsDying(Exception):
    """The program `name` ended right after each of its starts, with the exit code `code`."""

    def __init__(self, name: str, code: int) -> None:
        super().__init__(name, code)
        self.name, self.code = name, code


class NeverAnswered(Exception):
    """The program `name` runs, but nothing answered at `url` within `PATIENCE`."""

    def __init__(self, name: str, url: str) -> None:
        super().__init__(name, url)
        self.name, self.url = name, url


@dataclass
class Program:
    """One program, in a process group of its own, tied to this process even by kill -9.

    `write` is called with each line that it prints, `restarting` with its exit code each time that
    it is about to be started again. It is started only while the program that it `needs` answers
    with 200 at that one's `health` address.
    """

    name: str
    command: list[str]
    environment: Mapping[str, str]
    write: Callable[[str], None]
    restarting: Callable[[str, int], None]
    health: str = ""
    needs: "Program | None" = None
    _process: Process | None = field(default=None, init=False)
    _copied: asyncio.Task[None] = field(init=False)

    async def answers(self) -> None:
        """Return once it answers at its health address; `NeverAnswered` if it does not."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not await _answers(self.health):
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise NeverAnswered(self.name, self.health) from None

    async def keep_running(self) -> None:
        """Run until cancelled, which leaves the process to `end`; or `KeepsDying`."""
        early = 0
        while True:
            if self.needs:
                await self.needs.answers()
            began = time.monotonic()
            code = await (await self._start()).wait()
            await self.end()  # what it may have left in its group
            early = 1 if time.monotonic() - began > STEADY else early + 1
            if early > len(BACK_OFF):
                raise KeepsDying(self.name, code)
            self.restarting(self.name, code)
            await asyncio.sleep(BACK_OFF[early - 1])

    async def end(self) -> None:
        """Ask it to end, and kill what is left of its group after `GRACE`, or when cancelled."""
        try:
            if self._process:
                with suppress(ProcessLookupError, TimeoutError):
                    self._process.terminate()
                    await asyncio.wait_for(self._process.wait(), GRACE)
        finally:
            await self.kill()

    async def kill(self) -> None:
        """Kill whatever is left of its group, at once."""
        if self._process is None:
            return
        with suppress(ProcessLookupError, TimeoutError):
            async with asyncio.timeout(GRACE):
                while True:
                    os.killpg(self._process.pid, signal.SIGKILL)
                    await asyncio.sleep(0.01)
        with suppress(TimeoutError):  # should anything have left the group, its output open
            async with asyncio.timeout(GRACE):
                await self._process.wait()
                await self._copied
        self._process = None

    async def _start(self) -> Process:
        self._process = await asyncio.create_subprocess_exec(
            *[sys.executable, "-m", "cli.tether", str(os.getpid()), *self.command],
            env={"PYTHONUNBUFFERED": "1", **self.environment},
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            limit=_LONGEST_LINE,
            start_new_session=True,  # Ctrl-C in the terminal reaches us alone
        )
        self._copied = asyncio.create_task(self._copy(self._process))
        return self._process

    async def _copy(self, process: Process) -> None:
        assert process.stdout is not None  # noqa: S101 (asked for just above)
        while True:
            with suppress(ValueError):  # a line too long for anyone to read loses its beginning
                line = await process.stdout.readline()
                if not line:
                    return
                self.write(line.decode(errors="replace").rstrip())


@asynccontextmanager
async def kept_running(*programs: Program) -> AsyncIterator[None]:
    """Keep `programs` running, beside the body and then until cancelled; end them last to first.

    Raises `KeepsDying` or `NeverAnswered`. However it is left, no process stays behind.
    """
    try:
        async with asyncio.TaskGroup() as group:
            for program in programs:
                group.create_task(program.keep_running())
            yield
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    finally:
        try:
            for program in reversed(programs):
                await program.end()
        finally:  # a second Ctrl-C: no more patience
            for program in programs:
                await program.kill()


async def _answers(url: str) -> bool:
    address = urlsplit(url)
    try:
        async with asyncio.timeout(2):
            # By hand: a proxy set in the environment must not be asked for our own machine.
            reader, writer = await asyncio.open_connection(address.hostname, address.port)
            with suppress(ConnectionError):
                writer.write(
                    f"GET {address.path} HTTP/1.0\r\nHost: {address.netloc}\r\n\r\n".encode()
                )
            try:
                return b" 200 " in await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False
