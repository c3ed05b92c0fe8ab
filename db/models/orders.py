"""Supervision orders over stalled visits, the rungs that fired, and who was to be told."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from db.base import Base, Id, Ref
from db.models.mails import Mail
from db.models.people import Person
from db.models.projects import Project, StageVisit
from state_machines.ladder import Clock, RungKey
from state_machines.working_days import local_day


class FiringKind(StrEnum):
    FIRED = "fired"
    PASSED_OVER = "passed_over"


class OrderEnd(StrEnum):
    """Why an order was closed."""

    MOVED_ON = "moved_on"
    LOST = "lost"
    PROGRESS = "progress"
    HELD = "held"
    EXTENDED = "extended"


class Order(Base):
    """What a stalled visit is under (督办单): at most one open per project, and it climbs."""

    __tablename__ = "orders"
    __table_args__ = (
        Index(
            "uq_orders_open",
            "project_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    project_id: Mapped[Ref] = mapped_column(ForeignKey(Project.id), index=True)
    visit_id: Mapped[Ref] = mapped_column(ForeignKey(StageVisit.id))
    rung: Mapped[RungKey]
    opened_at: Mapped[datetime]
    deadline_on: Mapped[date | None]
    """The day it climbs to the next rung; None at the top, or while that one waits."""
    closed_at: Mapped[datetime | None]
    closed_because: Mapped[OrderEnd | None]

    project: Mapped[Project] = relationship()
    firings: Mapped[list["RungFiring"]] = relationship(order_by="RungFiring.id")

    @property
    def number(self) -> str:
        """What people call the order by."""
        return f"DB-{local_day(self.opened_at).year}-{self.id:05d}"


class RungFiring(Base):
    """A rung that fired, or was passed over: once per visit, clock and episode."""

    __tablename__ = "rung_firings"
    __table_args__ = (UniqueConstraint("visit_id", "clock", "episode", "rung"),)

    id: Mapped[Id]
    visit_id: Mapped[Ref] = mapped_column(ForeignKey(StageVisit.id))
    """The visit whose clock it is: the first of those that resume one another."""
    order_id: Mapped[Ref] = mapped_column(ForeignKey(Order.id), index=True)
    clock: Mapped[Clock]
    episode: Mapped[int]
    rung: Mapped[RungKey]
    kind: Mapped[FiringKind]
    fired_on: Mapped[date]
    as_of: Mapped[datetime]
    spent: Mapped[int]
    """The working days the clock had run by then."""


class OrderNotice(Base):
    """A person who is to be told of a firing, and the mail that tells them."""

    __tablename__ = "order_notices"
    __table_args__ = (UniqueConstraint("firing_id", "person_id"),)

    id: Mapped[Id]
    firing_id: Mapped[Ref] = mapped_column(ForeignKey(RungFiring.id))
    order_id: Mapped[Ref] = mapped_column(ForeignKey(Order.id), index=True)
    person_id: Mapped[Ref] = mapped_column(ForeignKey(Person.id))
    post: Mapped[str | None]
    """The post that the person was told for; None for the project's owner."""
    on_behalf_of_id: Mapped[Ref | None] = mapped_column(ForeignKey(Person.id))
    """The post's holder, where a stand-in is told."""
    copy: Mapped[bool]
    mail_id: Mapped[Ref] = mapped_column(ForeignKey(Mail.id), index=True)

    firing: Mapped[RungFiring] = relationship()
    order: Mapped[Order] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=person_id)
    on_behalf_of: Mapped[Person | None] = relationship(foreign_keys=on_behalf_of_id)
    mail: Mapped[Mail] = relationship()
