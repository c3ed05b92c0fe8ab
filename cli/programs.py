"""The three programs that `luodi up` runs: the pages, a Prefect server, the flows."""

import logging
import os
import sys
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path

from cli.printing import say
from cli.supervision import Program
from runtime.settings import Settings

LOOPBACK = "127.0.0.1"
LOG_SIZE = 5_000_000  # bytes, twice per program


def programs(
    settings: Settings,
    web_port: int,
    prefect_port: int,
    restarting: Callable[[str, int], None],
) -> tuple[Program, Program, Program]:
    """Return the web, the Prefect and the flows program, each needing the one before.

    The pages write to the terminal, the others to files in the log folder.
    """
    python = [sys.executable, "-m"]
    prefect_address = f"http://{LOOPBACK}:{prefect_port}"
    environment = {**os.environ, **prefect_environment(settings.data_folder, prefect_address)}
    web = Program(
        "web",
        [*python, "cli", "web", "--port", str(web_port)],
        os.environ,
        write=lambda line: say(f"web | {line}"),
        restarting=restarting,
        health=f"http://{LOOPBACK}:{web_port}/healthz",
    )
    at = ["--host", LOOPBACK, "--port", str(prefect_port)]
    # Only once the pages answer: its start keeps a core busy for ten seconds.
    prefect = Program(
        "prefect",
        [*python, "prefect", "--no-prompt", "server", "start", *at],
        environment,
        write=_log(log_folder(settings) / "prefect.log"),
        restarting=restarting,
        health=f"{prefect_address}/api/health",
        needs=web,
    )
    flows = Program(
        "flows",
        [*python, "flows"],
        environment,
        write=_log(log_folder(settings) / "flows.log"),
        restarting=restarting,
        needs=prefect,
    )
    return web, prefect, flows


def prefect_environment(data_folder: Path, address: str) -> dict[str, str]:
    """What a Prefect server at `address`, and whatever works for it, find in the environment."""
    no_proxy = filter(None, [os.environ.get("NO_PROXY", os.environ.get("no_proxy")), LOOPBACK])
    return {
        "PREFECT_HOME": str((data_folder / "prefect").resolve()),
        "PREFECT_API_URL": f"{address}/api",
        "NO_PROXY": ",".join(no_proxy),
        # Nothing about this city is sent anywhere, nor may a page of another site ask for it.
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": address,
        # Runs are planned only minutes ahead: after a standstill, few are late, and the rest of
        # the past needs none, because a round always looks at all that is due.
        "PREFECT_SERVER_SERVICES_SCHEDULER_MIN_SCHEDULED_TIME": "PT3M",
        # What a round says about single projects stands in the log of its run.
        "PREFECT_LOGGING_EXTRA_LOGGERS": "runs",
        # Two runs a minute are three thousand a day.
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(7 * 24 * 3600),
    }


def log_folder(settings: Settings) -> Path:
    return settings.data_folder / "log"


def _log(path: Path) -> Callable[[str], None]:
    """What appends a line to the file at `path`, which never grows beyond `LOG_SIZE`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(
        path, maxBytes=LOG_SIZE, backupCount=1, encoding="utf-8", delay=True
    )

    def write(line: str) -> None:
        handler.emit(logging.makeLogRecord({"msg": line}))

    return write
