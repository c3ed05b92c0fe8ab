"""Insert many rows at once, on either database."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from db.base import Base


def insert_rows(session: Session, model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert the rows in one statement. Objects would go one by one on SQLite, to get their ids."""
    if rows:
        # Without it, a row with a None would be a statement of its own.
        session.execute(insert(model).execution_options(render_nulls=True), list(rows))


def insert_new(session: Session, model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert the rows whose unique keys are still free, and leave the others as they stand.

    Safe against somebody inserting the same at the same moment. One statement.
    """
    if not rows:
        return
    dialect = session.get_bind().dialect.name
    on_conflict = postgresql.insert if dialect == "postgresql" else sqlite.insert
    session.execute(on_conflict(model).values(list(rows)).on_conflict_do_nothing())
