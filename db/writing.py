"""Writing in few statements: what a transaction changes is gathered, and leaves together.

A flush of the ORM takes milliseconds, and every statement a round trip. So changes of loaded rows,
and what is added and applied here, wait in the session until somebody reads, flushes or commits.
Then they leave in two statements: all that changes rows, and after it all that adds some. On
SQLite, where a statement is no journey, they leave one by one.
"""

import json
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import Connection, Insert, Table, Update, bindparam, event, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapper, ORMExecuteState, Session, SessionTransaction
from sqlalchemy.orm.attributes import set_committed_value

from db.base import Base
from state_machines.dates import PartialDate

Values = dict[str, Any]
Statement = TypeVar("Statement", Insert, Update)

MOST_AT_ONCE = 16
"""Where more rows change, each kind of change leaves by itself: a statement must not grow on."""


@dataclass(frozen=True)
class _Kind:
    """Rows in which the same columns are written."""

    table: Table
    columns: tuple[str, ...]
    unless_there: bool = False


@dataclass
class _Waiting:
    new: dict[_Kind, list[Values]] = field(default_factory=dict)
    applied: dict[Table, tuple[Update, Values]] = field(default_factory=dict)


class GatheringSession(Session):
    """A session whose writes wait for one another, though nobody reads anything older."""

    waiting: _Waiting | None = None

    def begin_nested(self) -> SessionTransaction:
        write_out(self)  # a savepoint takes back what comes after it, and nothing before
        return super().begin_nested()


def append(session: Session, model: type[Base], row: Values, *, unless_there: bool = False) -> None:
    """Add a row whose id nobody needs; it names every column that does not stay NULL.

    With `unless_there`, what has the same unique key already is left as it stands, also if
    somebody adds it at the same moment.
    """
    kind = _Kind(table_of(model), tuple(row), unless_there)
    _waiting(session).new.setdefault(kind, []).append(row)


def apply(session: Session, change: Update, **values: Any) -> None:
    """Change the rows of one table that a prebuilt statement finds, as if it were sent now.

    Its parameters are named after its table (`mails_now`), so that they differ from those of others
    that leave together with it.
    """
    table = change.table
    assert isinstance(table, Table)  # noqa: S101 (a prebuilt update names its table)
    waiting = _waiting(session)
    if (
        table in waiting.applied
        or any(kind.table is table for kind in waiting.new)
        or any(table_of(type(row)) is table for row in (*session.dirty, *session.new))
    ):
        session.flush()
        write_out(session)
    _waiting(session).applied[table] = change, values


def write_out(session: Session) -> None:
    """Send what waits: first what changes rows, then what adds some."""
    changed = _take_changed(session)
    waiting = _taken(session)
    if not changed and waiting is None:
        return
    waiting = waiting or _Waiting()
    connection = session.connection()
    _send_changes(connection, changed, waiting.applied)
    _send_new(connection, waiting.new)


def write_out_all(session: Session) -> None:
    """Send what waits at the end of a transaction, and let its rows go.

    Otherwise the ORM would look through all that were changed once more before it commits.
    """
    write_out(session)
    if not (
        session.new or session.deleted or any(_is_left_to_the_orm(row) for row in session.dirty)
    ):
        session.expunge_all()


@event.listens_for(GatheringSession, "do_orm_execute")
def _before_reading(state: ORMExecuteState) -> None:
    if _is_anything_waiting(state.session):
        write_out(state.session)


@event.listens_for(GatheringSession, "before_flush")
def _before_flushing(session: Session, *_: object) -> None:
    write_out(session)


@event.listens_for(GatheringSession, "before_commit")
def _before_committing(session: Session) -> None:
    write_out(session)


@event.listens_for(GatheringSession, "after_soft_rollback")
def _after_rolling_back(session: Session, _: object) -> None:
    _taken(session)


def _waiting(session: Session) -> _Waiting:
    assert isinstance(session, GatheringSession)  # noqa: S101 (`Database` opens no other)
    if session.waiting is None:
        session.waiting = _Waiting()
    return session.waiting


def _is_anything_waiting(session: Session) -> bool:
    return isinstance(session, GatheringSession) and session.waiting is not None


def _taken(session: Session) -> _Waiting | None:
    assert isinstance(session, GatheringSession)  # noqa: S101
    waiting, session.waiting = session.waiting, None
    return waiting


def _take_changed(session: Session) -> dict[_Kind, list[Values]]:
    """Return what has changed in loaded rows; the ORM takes them for unchanged from now on.

    Rows whose relations changed, too, are left to the ORM, and so are those without an `id`.
    """
    changed: dict[_Kind, list[Values]] = {}
    for row in sorted(session.dirty, key=_place):
        state = inspect(row)
        mapper: Mapper[Any] = state.mapper
        attributes, columns = _attributes(mapper)
        names = attributes - state.unmodified
        if not names or not names <= columns:
            continue
        values = {name: getattr(row, name) for name in sorted(names)}
        if any(isinstance(value, sa.ClauseElement) for value in values.values()):
            continue
        kind = _Kind(table_of(type(row)), tuple(values))
        changed.setdefault(kind, []).append(values | {"id": row.id})
        for name, value in values.items():
            set_committed_value(row, name, value)
    return changed


def _is_left_to_the_orm(row: Base) -> bool:
    state = inspect(row)
    attributes, _ = _attributes(state.mapper)
    return not attributes <= state.unmodified


def _place(row: Base) -> tuple[str, Any]:
    """Rows change in one order, whoever changes them: nobody waits crosswise for anybody."""
    return row.__tablename__, getattr(row, "id", 0)


@cache
def _attributes(mapper: Mapper[Any]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names of all attributes, and of those that are columns and can be changed."""
    columns = frozenset(mapper.column_attrs.keys()) if "id" in mapper.columns else frozenset()
    return frozenset(mapper.attrs.keys()), columns - {"id"}


def table_of(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101 (each of our models is one table)
    return table


def _send_changes(
    connection: Connection,
    changed: dict[_Kind, list[Values]],
    applied: dict[Table, tuple[Update, Values]],
) -> None:
    clashing = [table for table in applied if any(kind.table is table for kind in changed)]
    for table in clashing:  # one statement cannot change a row twice
        connection.execute(*applied.pop(table))
    few = sum(len(rows) for rows in changed.values()) + len(applied) <= MOST_AT_ONCE
    if connection.dialect.name == "postgresql" and few:
        each_row = [(kind, row) for kind, rows in changed.items() for row in rows]
        parts = (*(kind for kind, _ in each_row), *(change for change, _ in applied.values()))
        values: Values = {}
        for n, (_, row) in enumerate(each_row):
            values |= {f"row{n}_{name}": value for name, value in row.items()}
        for _, more in applied.values():
            values |= more
        if parts:
            connection.execute(_changing(parts), values)
        return
    for kind, rows in changed.items():
        connection.execute(
            _update(kind, 0), [{f"row0_{name}": each for name, each in row.items()} for row in rows]
        )
    for change, more in applied.values():
        connection.execute(change, more)


def _send_new(connection: Connection, new: dict[_Kind, list[Values]]) -> None:
    if connection.dialect.name == "postgresql":
        if new:
            values = {f"rows_{n}": _as_json(rows) for n, rows in enumerate(new.values())}
            connection.execute(_adding(tuple(new)), values)
        return
    for kind, rows in new.items():
        connection.execute(_insert(kind), rows)


@lru_cache(maxsize=512)
def _changing(parts: tuple[_Kind | Update, ...]) -> Update:
    return _together(
        [_update(part, n) if isinstance(part, _Kind) else part for n, part in enumerate(parts)]
    )


@lru_cache(maxsize=512)
def _adding(kinds: tuple[_Kind, ...]) -> Insert:
    return _together([_insert_recordset(kind, n) for n, kind in enumerate(kinds)])


def _together(statements: list[Statement]) -> Statement:
    """Make one statement of several; PostgreSQL does them all, each on what was there before."""
    *others, last = statements
    return last.add_cte(*(each.cte(f"part_{n}") for n, each in enumerate(others)))


@lru_cache(maxsize=512)
def _update(kind: _Kind, n: int) -> Update:
    """The change of one row, its parameters numbered by the place that it has among others."""
    column = kind.table.c
    new = {name: bindparam(f"row{n}_{name}", type_=column[name].type) for name in kind.columns}
    return kind.table.update().where(column.id == bindparam(f"row{n}_id")).values(new)


def _insert_recordset(kind: _Kind, n: int) -> Insert:
    """All rows travel as one parameter: the statement stays the same, however many they are."""
    rows = sa.func.jsonb_to_recordset(
        sa.cast(bindparam(f"rows_{n}", type_=sa.Text), postgresql.JSONB)
    ).table_valued(*(sa.column(name, kind.table.c[name].type) for name in kind.columns))
    given = rows.render_derived(name=f"given_{n}", with_types=True)
    into = postgresql.insert(kind.table).from_select(
        kind.columns, sa.select(*(given.c[name] for name in kind.columns))
    )
    return into.on_conflict_do_nothing() if kind.unless_there else into


@lru_cache(maxsize=512)
def _insert(kind: _Kind) -> Insert:
    column = kind.table.c
    given = {name: bindparam(name, type_=column[name].type) for name in kind.columns}
    into = sqlite.insert(kind.table).values(given).inline()
    return into.on_conflict_do_nothing() if kind.unless_there else into


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, PartialDate):
        return value.text
    raise TypeError(f"{value!r} has no place in a row")


_as_json = json.JSONEncoder(default=_plain, ensure_ascii=False).encode
