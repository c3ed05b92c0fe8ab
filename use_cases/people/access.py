"""Who may change who holds which post, and the one lock on all of it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Person, Post
from db.queries.roster import roster_on
from state_machines.errors import NotAllowed, NotFound, ValueRefused
from state_machines.posts import MUNICIPALITY, PostKey, Role
from state_machines.working_days import local_day

ADMINISTRATOR = PostKey(Role.ADMINISTRATOR, MUNICIPALITY)


def people_to_change(
    session: Session, *, by: int | None, now: datetime, own: int | None = None
) -> None:
    """Take the lock on all posts and delegations, for administrators and for the person `own`.

    The lock is the administrators' post; projects are locked after it, never before. Raises
    `NotAllowed` for anybody else. The machine (`by` None) may do whatever it is asked to.
    """
    session.execute(
        select(Post.id)
        .where(Post.role == ADMINISTRATOR.role, Post.place == ADMINISTRATOR.place)
        .with_for_update()
    )
    if by is None or by == own:
        return
    if not roster_on(session, local_day(now)).may_decide(by, ADMINISTRATOR):
        raise NotAllowed("manage_people")


def active_person(session: Session, person_id: int, *, field: str) -> Person:
    """Return a person who can be given something; raises `NotFound`, and `ValueRefused` naming
    the field for somebody who has left.
    """
    person = session.get(Person, person_id, populate_existing=True)
    if person is None:
        raise NotFound("person", person_id)
    if not person.active:
        raise ValueRefused(field, "somebody who works here", person.name)
    return person


def post_with(session: Session, role: Role, place: str) -> Post:
    """Return the post of a role in a place; raises `NotFound`."""
    post = session.scalars(select(Post).where(Post.role == role, Post.place == place)).first()
    if post is None:
        raise NotFound("post", PostKey(role, place))
    return post
