"""Who there is, who holds which post, who stands in for whom, and what they are called."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, and_, func, or_, select, true
from sqlalchemy.orm import Session, aliased, joinedload

from db.models import Delegation, Person, Post, PostHolder, Project, Team, Unit
from db.queries.roster import roster_on
from state_machines.errors import NotFound
from state_machines.posts import Places, PostKey, Role, post_of
from state_machines.stages import CLOCKED

_NOWHERE = Places(unit_code=None, headquarters_key=None, special_team_key=None)


@dataclass(frozen=True)
class Someone:
    """A person, and the posts that they hold."""

    person: Person
    posts: tuple[PostKey, ...]


def sample_people(session: Session, day: date) -> list[Someone]:
    """Return the active sample people with the posts they hold on `day`; three statements."""
    return _with_posts(session, day, select(Person).where(Person.sample))


def everybody(session: Session, day: date) -> list[Someone]:
    """Return the people who work here with the posts they hold on `day`; three statements."""
    return _with_posts(session, day, select(Person))


def _with_posts(session: Session, day: date, who: Select[Person]) -> list[Someone]:
    posts: dict[int, list[PostKey]] = {}
    for post, holders in roster_on(session, day).holders.items():
        for holder in holders:
            posts.setdefault(holder, []).append(post)
    people = session.scalars(who.where(Person.active).order_by(Person.id)).all()
    return [Someone(person, tuple(posts.get(person.id, ()))) for person in people]


def person_with(session: Session, email: str) -> int:
    """Return the id of the active person with this address, in any case; raises `NotFound`."""
    found = session.scalar(
        select(Person.id).where(func.lower(Person.email) == email.strip().lower(), Person.active)
    )
    if found is None:
        raise NotFound("person", email)
    return found


def posts_and_holders(session: Session, day: date) -> list[tuple[Post, PostHolder | None]]:
    """Return every post with each of its holders on `day` or later, and once if it has none."""
    holds = and_(
        PostHolder.post_id == Post.id,
        or_(PostHolder.to_day.is_(None), PostHolder.to_day >= day),
        PostHolder.person_id.in_(select(Person.id).where(Person.active)),
    )
    found = session.execute(
        select(Post, PostHolder)
        .outerjoin(PostHolder, holds)
        .options(joinedload(PostHolder.person))
        .order_by(Post.place, Post.role, PostHolder.from_day, PostHolder.id)
    )
    return [(post, holder) for post, holder in found]


def delegations_from(session: Session, day: date) -> list[tuple[Delegation, Person, Person]]:
    """Return the delegations that last on `day` or begin later, with holder and stand-in."""
    holder, stand_in = aliased(Person), aliased(Person)
    found = session.execute(
        select(Delegation, holder, stand_in)
        .join(holder, holder.id == Delegation.holder_id)
        .join(stand_in, stand_in.id == Delegation.stand_in_id)
        .where(Delegation.to_day >= day)
        .order_by(Delegation.from_day, Delegation.id)
    )
    return [(each, one, other) for each, one, other in found]


def open_projects_of(session: Session, post: PostKey) -> int:
    """Return how many projects whose time runs belong to the place of a post."""
    here = {
        Role.HEADQUARTERS_HEAD: Project.headquarters_key == post.place,
        Role.SPECIAL_TEAM_LEAD: Project.special_team_key == post.place,
    }.get(post.role, Project.unit_code == post.place)
    if post_of(post.role, _NOWHERE):
        here = true()  # the post is the whole city's
    found = select(func.count()).select_from(Project).where(Project.stage.in_(CLOCKED), here)
    return session.scalar(found) or 0


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
