"""People, the posts they hold from one day to another, and who stands in for them meanwhile."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from db.base import Base, Id, Ref
from state_machines.posts import Role


class Person(Base):
    """Someone we write to."""

    __tablename__ = "people"

    id: Mapped[Id]
    name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)
    language: Mapped[str] = mapped_column(default="zh-Hans")
    active: Mapped[bool] = mapped_column(default=True)
    sample: Mapped[bool] = mapped_column(default=False)


class Post(Base):
    """A role held in a unit or a team. `place` is the unit's code or the team's key."""

    __tablename__ = "posts"
    __table_args__ = (
        UniqueConstraint("role", "place"),
        CheckConstraint("(unit_code IS NULL) <> (team_key IS NULL)", name="in_one_place"),
    )

    id: Mapped[Id]
    role: Mapped[Role]
    place: Mapped[str]
    unit_code: Mapped[str | None] = mapped_column(ForeignKey("units.code"))
    team_key: Mapped[str | None] = mapped_column(ForeignKey("teams.key"))


class PostHolder(Base):
    """A person holds a post on each day from `from_day` to `to_day`, both included."""

    __tablename__ = "post_holders"

    id: Mapped[Id]
    post_id: Mapped[Ref] = mapped_column(ForeignKey(Post.id), index=True)
    person_id: Mapped[Ref] = mapped_column(ForeignKey(Person.id), index=True)
    from_day: Mapped[date]
    to_day: Mapped[date | None]

    post: Mapped[Post] = relationship()
    person: Mapped[Person] = relationship()


class Delegation(Base):
    """While it lasts, the stand-in answers for whatever posts the holder holds."""

    __tablename__ = "delegations"
    __table_args__ = (CheckConstraint("holder_id <> stand_in_id", name="not_to_oneself"),)

    id: Mapped[Id]
    holder_id: Mapped[Ref] = mapped_column(ForeignKey(Person.id), index=True)
    stand_in_id: Mapped[Ref] = mapped_column(ForeignKey(Person.id))
    from_day: Mapped[date]
    to_day: Mapped[date]
