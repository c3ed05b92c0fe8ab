"""Insert rows that may be there already, on either database."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from db.base import Base


def insert_new(session: Session, model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert the rows whose unique keys are still free, and leave the others as they stand.

    Safe against somebody inserting the same at the same moment. One statement.
    """
    if not rows:
        return
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    session.execute(insert(model).values(list(rows)).on_conflict_do_nothing())
