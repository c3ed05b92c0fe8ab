"""Who did what: append-only, chained per project by hash."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from db.base import Base, Id, Ref
from db.models.people import Person


class AuditEntry(Base):
    """One act on one project. `hash` covers the entry and the hash before it."""

    __tablename__ = "audit_entries"
    __table_args__ = (UniqueConstraint("project_id", "seq"),)

    id: Mapped[Id]
    project_id: Mapped[Ref] = mapped_column(ForeignKey("projects.id"))
    seq: Mapped[int]
    at: Mapped[datetime]
    act: Mapped[str]
    by_id: Mapped[Ref | None] = mapped_column(ForeignKey(Person.id))
    """None where the machine did it."""
    details: Mapped[dict[str, Any]]
    previous_hash: Mapped[str]
    hash: Mapped[str]

    by: Mapped[Person | None] = relationship()
