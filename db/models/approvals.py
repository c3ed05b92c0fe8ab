"""Rounds of asking, and each asked person's answer."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from db.base import Base, Id, Ref
from db.models.people import Person
from db.models.projects import Project
from state_machines.approvals import (
    Answer,
    ApprovalState,
    AskedBecause,
    NoLongerAsked,
    RequestState,
    Subject,
)
from state_machines.deadlines import Wait
from state_machines.posts import Role
from state_machines.stages import Stage
from state_machines.steps import Step

_PENDING = "state = 'pending'"
_PAUSES = "('hold', 'extension')"


class ApprovalRequest(Base):
    """One round of asking for a move or for more time, on facts frozen at its opening."""

    __tablename__ = "approval_requests"
    __table_args__ = (
        # One open move request per project, besides it one open hold and one open extension.
        Index(
            "uq_approval_requests_pending",
            "project_id",
            unique=True,
            sqlite_where=text(f"{_PENDING} AND subject NOT IN {_PAUSES}"),
            postgresql_where=text(f"{_PENDING} AND subject NOT IN {_PAUSES}"),
        ),
        Index(
            "uq_approval_requests_pending_pause",
            "project_id",
            "subject",
            unique=True,
            sqlite_where=text(f"{_PENDING} AND subject IN {_PAUSES}"),
            postgresql_where=text(f"{_PENDING} AND subject IN {_PAUSES}"),
        ),
        Index("ix_approval_requests_chase", "next_chase_at"),
        # What a person has asked, page by page.
        Index("ix_approval_requests_asked_by", "requested_by_id", "id"),
    )

    id: Mapped[Id]
    project_id: Mapped[Ref] = mapped_column(ForeignKey(Project.id), index=True)
    previous_id: Mapped[Ref | None] = mapped_column(ForeignKey("approval_requests.id"))
    """The round before this one, if the same was asked before."""
    subject: Mapped[Subject]
    before: Mapped[Stage]
    after: Mapped[Stage]
    terms: Mapped[dict[str, Any] | None]
    """How much time is asked for: a hold's `until` (a day), an extension's `days`."""
    reason: Mapped[str | None]
    facts: Mapped[dict[str, Any]]
    papers: Mapped[list[Any]]
    """The evidence that was there: the id of each piece, and the hash of its file if it is one."""
    facts_sha256: Mapped[str]
    """Seals the facts and the papers, so that what was seen can be proven."""
    waived: Mapped[list[str] | None]
    policy_version_id: Mapped[Ref] = mapped_column(ForeignKey("policy_versions.id"))
    written_steps: Mapped[list[Any]]
    persons: Mapped[int]
    """How many distinct persons must agree in all."""
    step: Mapped[int] = mapped_column(default=0)
    """Whose turn it is: the index of a step."""
    requested_by_id: Mapped[Ref] = mapped_column(ForeignKey(Person.id))
    requested_at: Mapped[datetime]
    state: Mapped[RequestState]
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[Ref | None] = mapped_column(ForeignKey(Person.id))
    """None while it pends, and where the machine settled it."""
    missing: Mapped[list[str] | None]
    """What the gate no longer had when the last approver agreed; then the round was sent back."""

    wait_origin: Mapped[date]
    wait_used: Mapped[int] = mapped_column(default=0)
    step_origin: Mapped[date]
    step_used: Mapped[int] = mapped_column(default=0)
    reminded: Mapped[int] = mapped_column(default=0)
    """The working day of the last reminder of this step."""
    superior_added: Mapped[bool] = mapped_column(default=False)
    """This step has missed its deadline, and the superiors were asked besides."""
    nobody_since: Mapped[datetime | None]
    """Since when this step has a post that nobody may answer for: it waits, with an alarm."""
    nudged_on: Mapped[date | None]
    """The working day of the last nudge."""
    routed_on: Mapped[date | None]
    """The last day on which it was made sure that the right people are asked."""
    next_chase_at: Mapped[datetime | None]
    """When the machine has to look at it next; None once it is settled."""
    answer_by: Mapped[date | None]
    """The last day for those who are asked now; None once it is settled."""

    project: Mapped[Project] = relationship()
    previous: Mapped["ApprovalRequest | None"] = relationship(remote_side="ApprovalRequest.id")
    requested_by: Mapped[Person] = relationship(foreign_keys=requested_by_id)
    settled_by: Mapped[Person | None] = relationship(foreign_keys=settled_by_id)
    approvals: Mapped[list["Approval"]] = relationship(
        back_populates="request", order_by="Approval.id"
    )

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps as the policy had them at the opening."""
        return tuple(Step.model_validate(each) for each in self.written_steps)

    @property
    def current(self) -> list["Approval"]:
        """Who was asked in the step whose turn it is."""
        return [each for each in self.approvals if each.step == self.step]

    @property
    def wait(self) -> Wait:
        """How long the round has been waiting; `step_wait` is the same for its step."""
        return Wait(self.wait_origin, self.wait_used)

    @wait.setter
    def wait(self, wait: Wait) -> None:
        self.wait_origin, self.wait_used = wait.origin, wait.used

    @property
    def step_wait(self) -> Wait:
        return Wait(self.step_origin, self.step_used)

    @step_wait.setter
    def step_wait(self, wait: Wait) -> None:
        self.step_origin, self.step_used = wait.origin, wait.used


class Approval(Base):
    """One person asked for one post in one round, and what that person answered."""

    __tablename__ = "approvals"
    __table_args__ = (
        UniqueConstraint("request_id", "step", "asked_role", "person_id"),
        # What waits for a person, and whom the machine has to look after.
        Index(
            "ix_approvals_waiting",
            "person_id",
            sqlite_where=text(_PENDING),
            postgresql_where=text(_PENDING),
        ),
    )

    id: Mapped[Id]
    request_id: Mapped[Ref] = mapped_column(ForeignKey(ApprovalRequest.id))
    step: Mapped[int]
    asked_role: Mapped[Role]
    """The role that the policy asks; its agreement is what counts."""
    post: Mapped[str]
    """The post that is asked for it: the role's own, or a superior where that one cannot answer."""
    person_id: Mapped[Ref] = mapped_column(ForeignKey(Person.id), index=True)
    on_behalf_of_id: Mapped[Ref | None] = mapped_column(ForeignKey(Person.id))
    because: Mapped[AskedBecause]
    note: Mapped[str | None]
    """Why the question was passed on, in the words of who reassigned it."""
    state: Mapped[ApprovalState]
    asked_at: Mapped[datetime]
    no_longer: Mapped[NoLongerAsked | None]
    """Why they need not answer any more, where they need not."""
    carried: Mapped[bool] = mapped_column(default=False)
    """They had agreed already for another post of this round: nobody answers twice."""
    answer: Mapped[Answer | None]
    answered_at: Mapped[datetime | None]
    comment: Mapped[str | None]

    request: Mapped[ApprovalRequest] = relationship(back_populates="approvals")
    person: Mapped[Person] = relationship(foreign_keys=person_id)
    on_behalf_of: Mapped[Person | None] = relationship(foreign_keys=on_behalf_of_id)


class Code(Base):
    """A six-digit code that left in a mail of its own: what a large amount needs besides a link.

    Only its hash is kept. It works for ten minutes and five tries.
    """

    __tablename__ = "codes"

    id: Mapped[Id]
    request_id: Mapped[Ref] = mapped_column(ForeignKey(ApprovalRequest.id), index=True)
    person_id: Mapped[Ref] = mapped_column(ForeignKey(Person.id))
    mail_id: Mapped[Ref] = mapped_column(ForeignKey("mails.id"))
    salt: Mapped[str]
    scrypt: Mapped[str]
    minted_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    proven_at: Mapped[datetime | None]
    """When the right code was given."""
    spent_at: Mapped[datetime | None]
    """When it let a decision through, or was replaced by a newer one."""


class Freeze(Base):
    """A project stands still because an approver disowned a decision, until that is looked into."""

    __tablename__ = "freezes"

    id: Mapped[Id]
    project_id: Mapped[Ref] = mapped_column(ForeignKey(Project.id), index=True)
    request_id: Mapped[Ref] = mapped_column(ForeignKey(ApprovalRequest.id))
    person_id: Mapped[Ref] = mapped_column(ForeignKey(Person.id))
    """Who says that the answer was not theirs."""
    frozen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[Ref | None] = mapped_column(ForeignKey(Person.id))
    annulled: Mapped[bool | None]
    """Whether the decision was annulled, or confirmed."""
    reason: Mapped[str | None]

    project: Mapped[Project] = relationship()
    request: Mapped[ApprovalRequest] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=person_id)
    ended_by: Mapped[Person | None] = relationship(foreign_keys=ended_by_id)
