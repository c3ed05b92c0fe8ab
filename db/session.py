"""One transaction is one `with` block, opened at the edge and nowhere else."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Lock
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from db.writing import GatheringSession, write_out_all

_READ_ONLY, _LAST_USED = "luodi_read_only", "luodi_last_used"
_A_MOMENT = 1.0
"""Seconds for which a connection that has just worked is taken to work still."""
_PATIENCE = timedelta(seconds=30)
"""How long a writer waits for others on SQLite."""


class Database:
    """The database, as two kinds of transaction: one that reads, one that writes.

    A reading transaction cannot write: the database itself refuses, so a GET that changes
    something is an error and not a surprise. On SQLite a writer takes its lock at the start
    (`BEGIN IMMEDIATE`), so that what it has read still holds when it writes.
    """

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self._one_writer = Lock()
        options: dict[str, Any] = {} if self.is_sqlite else {"pool_size": 20, "max_overflow": 20}
        # Parameters stay out of error messages, and so out of logs: they hold names and addresses.
        self.engine = create_engine(parsed, hide_parameters=True, **options)
        if self.is_sqlite:
            _teach_sqlite(self.engine)
        else:
            _ask_whether_alive(self.engine)
        self._writing = sessionmaker(self.engine, class_=GatheringSession, expire_on_commit=False)
        self._reading = sessionmaker(
            self.engine.execution_options(**{_READ_ONLY: True, "postgresql_readonly": True}),
            expire_on_commit=False,
        )

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that commits on success, else rolls back."""
        with self._turn(), self._writing.begin() as session:
            yield session
            write_out_all(session)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """On SQLite the writers of this process queue up here: at the file they starve another.

        Who has waited for as long as one may wait there tries all the same, and is refused there.
        """
        if not self.is_sqlite:
            yield
            return
        has_turn = self._one_writer.acquire(timeout=_PATIENCE.total_seconds())
        try:
            yield
        finally:
            if has_turn:
                self._one_writer.release()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that cannot write."""
        with self._reading() as session:
            yield session

    def close(self) -> None:
        self.engine.dispose()


def _ask_whether_alive(engine: Engine) -> None:
    """Ping a connection before it is used again, but not one that was used a moment ago."""

    @event.listens_for(engine, "checkin")
    def on_checkin(connection: Any, record: ConnectionPoolEntry) -> None:
        record.info[_LAST_USED] = monotonic()

    @event.listens_for(engine, "checkout")
    def on_checkout(connection: Any, record: ConnectionPoolEntry, proxy: object) -> None:
        if monotonic() - record.info.get(_LAST_USED, monotonic()) < _A_MOMENT:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error  # none of them lives on; we get a new one


def _teach_sqlite(engine: Engine) -> None:
    """Write-ahead log, foreign keys, patience, and transactions that begin when we say."""

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, record: object) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute(f"PRAGMA busy_timeout={_PATIENCE // timedelta(milliseconds=1)}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        read_only = bool(connection.get_execution_options().get(_READ_ONLY))
        connection.exec_driver_sql(f"PRAGMA query_only={'ON' if read_only else 'OFF'}")
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
