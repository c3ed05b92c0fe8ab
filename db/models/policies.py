"""The versions of the city's rules. A version is never changed; a new one is adopted."""

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id


class PolicyVersion(Base):
    """A policy as it was adopted; the one with the highest id is in force."""

    __tablename__ = "policy_versions"

    id: Mapped[Id]
    name: Mapped[str]
    source: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(unique=True)
    adopted_at: Mapped[datetime]
