"""A database to measure on: new, migrated, durable, and gone when we are done."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import URL, create_engine, make_url

from db.migrations import upgrade
from db.session import Database
from tests.postgresql import running_server

SQLITE, POSTGRESQL = "sqlite", "postgresql"


@contextmanager
def new_database(where: str) -> Iterator[tuple[URL, Database]]:
    """Yield an empty database and its address.

    `where` is "sqlite" (a file of our own), "postgresql" (a server of our own), or the address of a
    PostgreSQL database, in which we keep to a schema of our own: whatever else is there stays as it
    is.
    """
    with ExitStack() as stack:
        if where == SQLITE:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="luodi-bench-"))
            url = make_url(f"sqlite:///{Path(folder, 'luodi.db')}")
        else:
            server = (
                stack.enter_context(running_server(durable=True))
                if where == POSTGRESQL
                else make_url(where)
            )
            url = stack.enter_context(_own_schema(server))
        database = Database(url.render_as_string(hide_password=False))
        stack.callback(database.close)
        upgrade(database)
        yield url, database


@contextmanager
def _own_schema(server: URL) -> Iterator[URL]:
    schema = f"luodi_bench_{os.getpid()}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for setting in ("fsync", "synchronous_commit"):
            if connection.exec_driver_sql(f"SHOW {setting}").scalar() == "off":
                raise SystemExit(f"{setting} is off there: nothing measured would be durable.")
        connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
        try:
            yield server.update_query_dict({"options": f"-csearch_path={schema}"})
        finally:
            connection.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")
    admin.dispose()
