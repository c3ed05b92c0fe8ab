"""Luodi as its users meet it: the real programs, in processes of their own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from tests.processes import eventually, free_port

STARTS_WITHIN = 60  # seconds, on a busy machine


@dataclass(frozen=True)
class Luodi:
    """One installation: its settings, and its commands."""

    address: str
    environment: dict[str, str]

    def type(self, *words: str, exit_code: int = 0) -> str:
        """Type a `luodi` command; return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "cli", *words],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == exit_code, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Serve the pages meanwhile, in a process of their own."""
        port = self.address.rpartition(":")[2]
        web = subprocess.Popen(
            [sys.executable, "-m", "cli", "web", "--port", port],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            eventually(self._answers, seconds=STARTS_WITHIN)
            yield
        finally:
            web.send_signal(signal.SIGTERM)
            web.wait(20)

    def client(self, **more: Any) -> httpx2.Client:
        """A browser without a face: keeps cookies, follows nothing unless told."""
        return httpx2.Client(base_url=self.address, trust_env=False, timeout=30, **more)

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return client.get("/healthz").status_code == httpx2.codes.OK
        except httpx2.HTTPError:
            return False


def installed(folder: Path, *, database_url: str | None = None, **settings: str) -> Luodi:
    """Set up an installation in `folder`, seeded; nothing is loaded yet."""
    address = f"http://127.0.0.1:{free_port()}"
    own = {
        "LUODI_DATA_FOLDER": str(folder),
        "LUODI_BASE_URL": address,
        "LUODI_DATABASE_URL": database_url or f"sqlite:///{folder}/luodi.db",
        **settings,
    }
    outside = {name: value for name, value in os.environ.items() if not name.startswith("LUODI_")}
    luodi = Luodi(address, outside | own)
    luodi.type("db", "upgrade")
    return luodi
