"""Which processes there are: what a test that promises to leave none behind asks."""

import socket
import time
from collections.abc import Callable
from pathlib import Path


def alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits to be collected does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def processes_with(mark: str) -> list[int]:
    """The processes that have `mark` in their environment: a program and all that it started."""
    found = []
    for each in Path("/proc").iterdir():
        if each.name.isdigit() and alive(int(each.name)):
            try:
                environment = (each / "environ").read_bytes()
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
            if mark.encode() in environment:
                found.append(int(each.name))
    return found


def eventually(promise: Callable[[], object], *, seconds: float = 10) -> None:
    """Return once `promise` holds; fail when it still does not after `seconds`."""
    end = time.monotonic() + seconds
    while not promise():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
