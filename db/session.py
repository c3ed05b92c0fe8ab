"""One transaction is one `with` block, opened at the edge and nowhere else."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker

_READ_ONLY = "luodi_read_only"


class Database:
    """The database, as two kinds of transaction: one that reads, one that writes.

    A reading transaction cannot write: the database itself refuses, so a GET that changes
    something is an error and not a surprise. On SQLite a writer takes its lock at the start
    (`BEGIN IMMEDIATE`), so that what it has read still holds when it writes.
    """

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        options: dict[str, Any] = {} if self.is_sqlite else {"pool_size": 20, "max_overflow": 20}
        # Parameters stay out of error messages, and so out of logs: they hold names and addresses.
        self.engine = create_engine(
            parsed, pool_pre_ping=not self.is_sqlite, hide_parameters=True, **options
        )
        if self.is_sqlite:
            _teach_sqlite(self.engine)
        self._writing = sessionmaker(self.engine, expire_on_commit=False)
        self._reading = sessionmaker(
            self.engine.execution_options(**{_READ_ONLY: True, "postgresql_readonly": True}),
            expire_on_commit=False,
        )

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that commits on success, else rolls back."""
        with self._writing.begin() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that cannot write."""
        with self._reading() as session:
            yield session

    def close(self) -> None:
        self.engine.dispose()


def _teach_sqlite(engine: Engine) -> None:
    """Write-ahead log, foreign keys, patience, and transactions that begin when we say."""

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, record: object) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("PRAGMA busy_timeout=30000")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        read_only = bool(connection.get_execution_options().get(_READ_ONLY))
        connection.exec_driver_sql(f"PRAGMA query_only={'ON' if read_only else 'OFF'}")
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
