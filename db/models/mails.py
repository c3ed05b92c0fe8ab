"""Mails that we owe, and the links that were in them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from db.base import Base, Id, Ref
from db.models.people import Person


class MailState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    AMBIGUOUS = "ambiguous"
    CANCELLED = "cancelled"
    DEAD = "dead"


class Mail(Base):
    """A mail as facts, written in the transaction of its cause; it is put into words on leaving."""

    __tablename__ = "mails"
    __table_args__ = (
        Index(
            "ix_mails_waiting",
            "priority",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    """The stable ids of its cause and its reader: the same news is never owed twice."""
    kind: Mapped[str]
    person_id: Mapped[Ref] = mapped_column(ForeignKey(Person.id), index=True)
    project_id: Mapped[Ref | None] = mapped_column(ForeignKey("projects.id"), index=True)
    request_id: Mapped[Ref | None] = mapped_column(ForeignKey("approval_requests.id"), index=True)
    facts: Mapped[dict[str, Any]]
    priority: Mapped[int]
    """0 leaves first."""
    state: Mapped[MailState]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    """When it may next be tried; while it is being sent, when its lease ends; None once settled."""
    attempts: Mapped[int] = mapped_column(default=0)
    settled_at: Mapped[datetime | None]
    provider_id: Mapped[str | None]
    last_error: Mapped[str | None]
    letter: Mapped[dict[str, Any] | None]
    """The letter in words, kept only by the local mailbox, with placeholders for its links."""

    person: Mapped[Person] = relationship()


class LinkPurpose(StrEnum):
    APPROVAL = "approval"
    ORDER = "order"
    RECEIPT = "receipt"
    """Behind it an approver can say: this was not me."""


class LinkToken(Base):
    """A link that left in a mail. Only the hash of its token is kept."""

    __tablename__ = "link_tokens"

    id: Mapped[Id]
    sha256: Mapped[str] = mapped_column(unique=True)
    purpose: Mapped[LinkPurpose]
    mail_id: Mapped[Ref] = mapped_column(ForeignKey(Mail.id))
    person_id: Mapped[Ref] = mapped_column(ForeignKey(Person.id))
    request_id: Mapped[Ref | None] = mapped_column(ForeignKey("approval_requests.id"), index=True)
    minted_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    """None for a receipt: it works until the project moves again."""
    revoked_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()
