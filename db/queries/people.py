"""Who there is: names for what rows call by id, and sample people to act as."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Person, Team, Unit
from db.queries.roster import roster_on
from state_machines.posts import PostKey


@dataclass(frozen=True)
class Someone:
    """A sample person, and the posts that they hold."""

    person: Person
    posts: tuple[PostKey, ...]


def sample_people(session: Session, day: date) -> list[Someone]:
    """Return the active sample people with the posts they hold on `day`; three statements."""
    posts: dict[int, list[PostKey]] = {}
    for post, holders in roster_on(session, day).holders.items():
        for holder in holders:
            posts.setdefault(holder, []).append(post)
    people = session.scalars(
        select(Person).where(Person.sample, Person.active).order_by(Person.id)
    ).all()
    return [Someone(person, tuple(posts.get(person.id, ()))) for person in people]


@dataclass(frozen=True)
class PlaceName:
    """What a unit or a team is called."""

    zh: str
    en: str


def place_names(session: Session) -> Mapping[str, PlaceName]:
    """Return the name of every unit by its code and of every team by its key; two statements."""
    return {
        key: PlaceName(zh, en)
        for statement in (
            select(Unit.code, Unit.name_zh, Unit.name_en).order_by(Unit.code),
            select(Team.key, Team.name_zh, Team.name_en).order_by(Team.key),
        )
        for key, zh, en in session.execute(statement)
    }


def people_names(session: Session) -> Mapping[int, str]:
    """Return everybody's name, those who left included; one statement."""
    statement = select(Person.id, Person.name).order_by(Person.name)
    return dict(session.execute(statement).all())
