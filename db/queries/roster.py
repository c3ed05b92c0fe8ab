"""Who holds which post on a day, and who stands in for whom."""

from datetime import date

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, null, or_, select, union_all
from sqlalchemy.orm import Session

from db.models import Delegation, Person, Post, PostHolder
from state_machines.posts import PostKey, Roster


def roster_on(session: Session, day: date) -> Roster:
    """Return the roster of a day of Asia/Shanghai, of active people only; one statement."""
    holders: dict[PostKey, tuple[int, ...]] = {}
    stand_ins: dict[int, int] = {}
    for role, place, holder, stand_in, *_ in session.execute(_ROSTER, {"day": day}):
        if stand_in is not None:
            stand_ins[holder] = stand_in
            continue
        post = PostKey(role, place)
        holders[post] = (*holders.get(post, ()), holder)
    return Roster(holders, stand_ins)


def _lasting(period: type[PostHolder] | type[Delegation]) -> ColumnElement[bool]:
    day: BindParameter[date] = bindparam("day")
    return and_(period.from_day <= day, or_(period.to_day.is_(None), period.to_day >= day))


_HOLDING = (
    select(Post.role, Post.place, PostHolder.person_id, null(), PostHolder.from_day.label("since"))
    .add_columns(PostHolder.id.label("number"))
    .join(PostHolder, PostHolder.post_id == Post.id)
    .join(Person, Person.id == PostHolder.person_id)
    .where(Person.active, _lasting(PostHolder))
)
_STANDING_IN = (
    select(null(), null(), Delegation.holder_id, Delegation.stand_in_id, null(), Delegation.id)
    .join(Person, Person.id == Delegation.stand_in_id)
    .where(Person.active, _lasting(Delegation))
)
_ROSTER = union_all(_HOLDING, _STANDING_IN).order_by("since", "number")
