"""Which pending requests need a look: those that are due, and those whose people have changed."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import QueryableAttribute, Session

from db.models import Approval, ApprovalRequest, Delegation, Post, PostHolder, Project
from state_machines.approvals import ApprovalState
from state_machines.posts import PostKey

A_DAY = timedelta(days=1)
_PENDING = ApprovalRequest.next_chase_at.is_not(None)
"""A request has a next look as long as it pends, and there is an index of those."""


def due_requests(session: Session, *, as_of: datetime) -> list[int]:
    """Return the requests that the machine has to look at by now, longest due first."""
    due = select(ApprovalRequest.id).where(ApprovalRequest.next_chase_at <= as_of)
    return [*session.scalars(due.order_by(ApprovalRequest.next_chase_at, ApprovalRequest.id))]


def requests_around(
    session: Session, people: Collection[int] | None, posts: Collection[PostKey] = ()
) -> list[tuple[int, int]]:
    """Return the pending requests, as project and request, that ask these people or posts.

    Those that wait for somebody to be found are among them; all that pend if `people` is None. In
    the order in which projects are locked.
    """
    around = select(ApprovalRequest.project_id, ApprovalRequest.id).where(_PENDING)
    if people is not None:
        waiting = select(Approval.request_id).where(
            Approval.state == ApprovalState.PENDING, _asks(people, map(str, posts))
        )
        around = around.where(
            or_(ApprovalRequest.nobody_since.is_not(None), ApprovalRequest.id.in_(waiting))
        )
    found = session.execute(around.order_by(ApprovalRequest.project_id, ApprovalRequest.id))
    return [(project_id, request_id) for project_id, request_id in found]


def outdated_requests(session: Session, today: date) -> list[int]:
    """Return the requests that a post or a delegation has begun or ended for, up to `today`.

    What took effect on the day of the last routing counts, too, as it may have come after it. What
    was routed today is left alone, and so is a frozen project, on which nobody can answer.
    """
    routed_on = func.coalesce(ApprovalRequest.routed_on, date.min)
    since = session.scalar(select(func.min(routed_on)).where(_PENDING))
    if since is None or since >= today:
        return []
    people, posts = _changes(session, since, today)
    if not people:
        return []
    asked = (
        select(ApprovalRequest.id, routed_on)
        .add_columns(Approval.person_id, Approval.on_behalf_of_id, Approval.post)
        .join(Approval, Approval.request_id == ApprovalRequest.id)
        .join(Project, Project.id == ApprovalRequest.project_id)
        .where(Project.frozen_at.is_(None))
        .where(_PENDING, routed_on < today, Approval.state == ApprovalState.PENDING)
        .where(_asks(people, posts))
        .order_by(ApprovalRequest.id)
    )
    outdated: dict[int, None] = {}
    for request_id, routed, person_id, holder_id, post in session.execute(asked):
        changed = [people[each] for each in (person_id, holder_id) if each in people]
        changed += [posts[post]] if post in posts else []
        if any(day >= routed for day in changed):
            outdated[request_id] = None
    return [*outdated]


def _asks(people: Iterable[int], posts: Iterable[str]) -> ColumnElement[bool]:
    people = [*people]
    return or_(
        Approval.person_id.in_(people),
        Approval.on_behalf_of_id.in_(people),
        Approval.post.in_([*posts]),
    )


def _changes(session: Session, since: date, today: date) -> tuple[dict[int, date], dict[str, date]]:
    """Return the last day, from `since` to `today`, on which each person and post changed."""
    people: dict[int, date] = {}
    posts: dict[str, date] = {}
    held = select(
        PostHolder.from_day, PostHolder.to_day, PostHolder.person_id, Post.role, Post.place
    ).join(Post, Post.id == PostHolder.post_id)
    held = held.where(_began_or_ended(PostHolder.from_day, PostHolder.to_day, since, today))
    for from_day, to_day, person_id, role, place in session.execute(held):
        day = _last_change(from_day, to_day, today)
        people[person_id] = max(day, people.get(person_id, day))
        post = str(PostKey(role, place))
        posts[post] = max(day, posts.get(post, day))
    stood_in = select(
        Delegation.from_day, Delegation.to_day, Delegation.holder_id, Delegation.stand_in_id
    ).where(_began_or_ended(Delegation.from_day, Delegation.to_day, since, today))
    for from_day, to_day, *pair in session.execute(stood_in):
        day = _last_change(from_day, to_day, today)
        people |= {each: max(day, people.get(each, day)) for each in pair}
    return people, posts


def _began_or_ended(
    from_day: QueryableAttribute[date],
    to_day: QueryableAttribute[date] | QueryableAttribute[date | None],
    since: date,
    today: date,
) -> ColumnElement[bool]:
    """What lasts to a day ends with it: the change is on the day after."""
    return or_(from_day.between(since, today), to_day.between(since - A_DAY, today - A_DAY))


def _last_change(from_day: date, to_day: date | None, today: date) -> date:
    ended = to_day is not None and to_day < today
    return to_day + A_DAY if to_day is not None and ended else from_day
