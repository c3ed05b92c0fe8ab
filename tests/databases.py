"""A fresh database for a test: migrated once, then copied, on SQLite and on PostgreSQL.

Whatever uses `database` runs on both. PostgreSQL is a server of our own, or the one that
`LUODI_TEST_DATABASE_URL` names.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, create_engine, make_url

from db.migrations import upgrade
from db.session import Database
from tests.postgresql import running_server

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database of the test's own, empty and migrated."""
    with request.getfixturevalue(f"{request.param}_template").copied() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database of the test's own, without a table in it."""
    with request.getfixturevalue(f"{request.param}_template").empty() as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


class SqliteTemplate:
    """A file to copy."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "template.db"
        self._copies = (folder / f"{number}.db" for number in count(1))
        migrate(f"sqlite:///{self._file}")

    @contextmanager
    def copied(self) -> Iterator[str]:
        file = next(self._copies)
        shutil.copyfile(self._file, file)
        yield f"sqlite:///{file}"
        _remove(file)

    @contextmanager
    def empty(self) -> Iterator[str]:
        file = next(self._copies)
        yield f"sqlite:///{file}"
        _remove(file)


def _remove(file: Path) -> None:
    for part in file.parent.glob(f"{file.name}*"):  # with what stands beside it: -wal, -shm
        part.unlink()


class PostgresqlTemplate:
    """A database to copy, on a server where others may be testing too."""

    def __init__(self, server: URL, admin: Engine) -> None:
        self._server, self._admin = server, admin
        self._name = f"luodi_test_{os.getpid()}"
        self._copies = (f"{self._name}_{number}" for number in count(1))

    @contextmanager
    def migrated(self) -> Iterator["PostgresqlTemplate"]:
        with self._database(self._name, like="template0") as url:
            migrate(url)
            yield self

    @contextmanager
    def copied(self) -> Iterator[str]:
        with self._database(next(self._copies), like=self._name) as url:
            yield url

    @contextmanager
    def empty(self) -> Iterator[str]:
        with self._database(next(self._copies), like="template0") as url:
            yield url

    @contextmanager
    def _database(self, name: str, *, like: str) -> Iterator[str]:
        # Copied file by file: half the time of PostgreSQL's default.
        self._say(f"CREATE DATABASE {name} TEMPLATE {like} STRATEGY file_copy")
        try:
            yield self._server.set(database=name).render_as_string(hide_password=False)
        finally:
            self._say(f"DROP DATABASE {name} WITH (FORCE)")

    def _say(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.exec_driver_sql(statement)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplate:
    return SqliteTemplate(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[URL]:
    if told := os.environ.get("LUODI_TEST_DATABASE_URL"):
        yield make_url(told)
    else:
        with running_server() as url:
            yield url


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: URL) -> Iterator[PostgresqlTemplate]:
    admin = create_engine(postgresql_server, isolation_level="AUTOCOMMIT")
    with PostgresqlTemplate(postgresql_server, admin).migrated() as template:
        yield template
    admin.dispose()


def migrate(url: str) -> None:
    database = Database(url)
    upgrade(database)
    database.close()
