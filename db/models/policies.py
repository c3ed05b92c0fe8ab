"""The versions of the city's rules. A version is never changed; a new one is adopted."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, Ref
from db.models.people import Person


class PolicyVersion(Base):
    """A policy as it was adopted; the one with the highest id is in force."""

    __tablename__ = "policy_versions"

    id: Mapped[Id]
    name: Mapped[str]
    source: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(unique=True)
    """Seals the text, and the version before it: the same text may be adopted again later."""
    adopted_at: Mapped[datetime]
    adopted_by_id: Mapped[Ref | None] = mapped_column(ForeignKey(Person.id))
    """None where it came with Luodi."""
    effects: Mapped[dict[str, Any] | None]
    """What adopting it changed: how many projects it looked at, moved earlier, later, held back."""
