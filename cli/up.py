"""`luodi up`: the pages, a Prefect server and the flows, as one thing that starts and stops."""

import asyncio
import signal
import socket
from contextlib import suppress
from urllib.parse import urlsplit

import typer

from cli.printing import say
from cli.programs import LOOPBACK, log_folder, programs
from cli.supervision import KeepsDying, NeverAnswered, kept_running
from runtime.settings import LOOPBACK as LOOPBACK_NAMES
from runtime.settings import Settings
from words.translations import gettext

WEB_PORT = 8000
PORTS_TRIED = 20


def up(settings: Settings) -> int:
    """Run everything until Ctrl-C, SIGTERM or the end of the terminal; return the exit code.

    0 when it was asked to stop, 1 with a sentence when the address of the pages is taken or a
    program keeps dying or never answers. Leaves no process behind: neither then, nor when it is
    itself killed with -9.
    """
    web_port = _web_port(settings.base_url)
    if not _is_free(web_port):
        return _fail(
            gettext(
                "Port %(port)d is taken. Is Luodi running already? Stop what uses the port, or "
                "choose another one by setting LUODI_BASE_URL.",
                port=web_port,
            )
        )
    prefect_port = _free_port(settings.prefect_port)
    if prefect_port != settings.prefect_port:
        say(
            gettext(
                "Port %(taken)d is taken, so the Prefect server uses port %(port)d this time.",
                taken=settings.prefect_port,
                port=prefect_port,
            )
        )
    try:
        asyncio.run(_run(settings, web_port, prefect_port))
    except KeepsDying as died:
        return _fail(
            gettext(
                "“%(name)s” keeps ending right after its start (exit code %(code)d), so everything "
                "was stopped. Why it ended is said above or in %(folder)s.",
                name=died.name,
                code=died.code,
                folder=log_folder(settings),
            )
        )
    except NeverAnswered as silent:
        return _fail(
            gettext(
                "“%(name)s” runs but does not answer at %(url)s, so everything was stopped. What "
                "it said is above or in %(folder)s.",
                name=silent.name,
                url=silent.url,
                folder=log_folder(settings),
            )
        )
    except asyncio.CancelledError:
        say(gettext("Luodi has stopped."))
    return 0


async def _run(settings: Settings, web_port: int, prefect_port: int) -> None:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 (we are one)
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(each, task.cancel)
    web, prefect, flows = programs(settings, web_port, prefect_port, _restarting)
    async with kept_running(web, prefect, flows):
        await web.answers()
        say(gettext("Luodi is ready: %(address)s (stop with Ctrl-C)", address=settings.base_url))
        await prefect.answers()
        say(
            gettext(
                "Escalation, approvals and mail run every minute; their runs are shown on"
                " %(address)s",
                address=f"http://{LOOPBACK}:{prefect_port}",
            )
        )


def _restarting(name: str, code: int) -> None:
    say(
        gettext("“%(name)s” ended (exit code %(code)d) and is started again.", name=name, code=code)
    )


def _web_port(base_url: str) -> int:
    """The port that the address names; behind a proxy it is the proxy's, and ours the usual one."""
    address = urlsplit(base_url)
    here = address.hostname in LOOPBACK_NAMES
    return (here and address.port) or WEB_PORT


def _free_port(preferred: int) -> int:
    """The first free port from `preferred` on, or that one if there is none in sight."""
    ports = range(preferred, preferred + PORTS_TRIED)
    return next(filter(_is_free, ports), preferred)


def _is_free(port: int) -> bool:
    with socket.socket() as probe, suppress(OSError):
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((LOOPBACK, port))
        return True
    return False


def _fail(sentence: str) -> int:
    typer.echo(sentence, err=True)
    return 1
