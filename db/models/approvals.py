"""Rounds of asking, and each asked person's answer."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from db.base import Base, Id, Ref
from db.models.people import Person
from db.models.projects import Project
from state_machines.approvals import Answer, ApprovalState, RequestState
from state_machines.stages import Move, Stage


class ApprovalRequest(Base):
    """One round of asking whether a project may make a move, on facts frozen at its opening."""

    __tablename__ = "approval_requests"
    __table_args__ = (
        Index(
            "uq_approval_requests_pending",
            "project_id",
            unique=True,
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
    )

    id: Mapped[Id]
    project_id: Mapped[Ref] = mapped_column(ForeignKey(Project.id), index=True)
    previous_id: Mapped[Ref | None] = mapped_column(ForeignKey("approval_requests.id"))
    """The round before this one, if the same was asked before."""
    move: Mapped[Move]
    before: Mapped[Stage]
    after: Mapped[Stage]
    reason: Mapped[str | None]
    facts: Mapped[dict[str, Any]]
    papers: Mapped[list[Any]]
    """The evidence that was there: the id of each piece, and the hash of its file if it is one."""
    facts_sha256: Mapped[str]
    """Seals the facts and the papers, so that what was seen can be proven."""
    waived: Mapped[list[str] | None]
    policy_version_id: Mapped[Ref] = mapped_column(ForeignKey("policy_versions.id"))
    requested_by_id: Mapped[Ref] = mapped_column(ForeignKey(Person.id))
    requested_at: Mapped[datetime]
    state: Mapped[RequestState]
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[Ref | None] = mapped_column(ForeignKey(Person.id))
    """None while it pends, and where the machine settled it."""
    missing: Mapped[list[str] | None]
    """What the gate no longer had when the last approver agreed; then the round was sent back."""

    project: Mapped[Project] = relationship()
    requested_by: Mapped[Person] = relationship(foreign_keys=requested_by_id)
    settled_by: Mapped[Person | None] = relationship(foreign_keys=settled_by_id)
    approvals: Mapped[list["Approval"]] = relationship(
        back_populates="request", order_by="Approval.id"
    )


class Approval(Base):
    """One person asked for one post in one round, and what that person answered."""

    __tablename__ = "approvals"
    __table_args__ = (UniqueConstraint("request_id", "asked_role", "person_id"),)

    id: Mapped[Id]
    request_id: Mapped[Ref] = mapped_column(ForeignKey(ApprovalRequest.id))
    asked_role: Mapped[str]
    """The role that the policy asks; its agreement is what counts."""
    post: Mapped[str]
    """The post that is asked for it: the role's own, or a superior where that one cannot answer."""
    person_id: Mapped[Ref] = mapped_column(ForeignKey(Person.id), index=True)
    on_behalf_of_id: Mapped[Ref | None] = mapped_column(ForeignKey(Person.id))
    state: Mapped[ApprovalState]
    asked_at: Mapped[datetime]
    answer: Mapped[Answer | None]
    answered_at: Mapped[datetime | None]
    comment: Mapped[str | None]

    request: Mapped[ApprovalRequest] = relationship(back_populates="approvals")
    person: Mapped[Person] = relationship(foreign_keys=person_id)
    on_behalf_of: Mapped[Person | None] = relationship(foreign_keys=on_behalf_of_id)
