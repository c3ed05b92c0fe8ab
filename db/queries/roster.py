"""Who holds which post on a day, and who stands in for whom."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import QueryableAttribute, Session, aliased

from db.models import Delegation, Person, Post, PostHolder
from state_machines.posts import PostKey, Roster


def roster_on(session: Session, day: date) -> Roster:
    """Return the roster of a day of Asia/Shanghai, of active people only; two statements."""
    holding = (
        select(Post.role, Post.place, PostHolder.person_id)
        .join(PostHolder, PostHolder.post_id == Post.id)
        .join(Person, Person.id == PostHolder.person_id)
        .where(Person.active, _lasting(PostHolder.from_day, PostHolder.to_day, day))
        .order_by(PostHolder.from_day, PostHolder.id)
    )
    holders: dict[PostKey, tuple[int, ...]] = {}
    for role, place, person_id in session.execute(holding):
        post = PostKey(role, place)
        holders[post] = (*holders.get(post, ()), person_id)
    stand_in = aliased(Person)
    standing_in = (
        select(Delegation.holder_id, Delegation.stand_in_id)
        .join(stand_in, stand_in.id == Delegation.stand_in_id)
        .where(stand_in.active, _lasting(Delegation.from_day, Delegation.to_day, day))
        .order_by(Delegation.id)
    )
    return Roster(holders, dict(session.execute(standing_in).all()))


def _lasting(
    from_day: QueryableAttribute[date], to_day: QueryableAttribute[Any], day: date
) -> ColumnElement[bool]:
    return and_(from_day <= day, or_(to_day.is_(None), to_day >= day))
