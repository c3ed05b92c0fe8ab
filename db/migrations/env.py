"""Run by Alembic: how a migration reaches the database."""

from typing import Any, Literal

from alembic import context

import db.models  # noqa: F401 - fills Base.metadata
from db.base import Base, PartialDateText, UtcDateTime

LOCK_TIMEOUT = "5s"
"""A migration that cannot get its lock gives up rather than queue in front of everybody."""


def plainly(kind: str, value: Any, _: object) -> str | Literal[False]:
    """Write our own types as the columns they are, so that no migration depends on our code."""
    if kind == "type" and isinstance(value, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(value, PartialDateText):
        return "sa.String(length=10)"
    return False


def run() -> None:
    engine = context.config.attributes["engine"]
    with engine.connect() as connection, connection.begin():
        sqlite = connection.dialect.name == "sqlite"
        if not sqlite:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=sqlite,
            render_item=plainly,
            compare_type=True,
        )
        context.run_migrations()


run()
