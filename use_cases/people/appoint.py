"""Appoint a person to a post, from one day on."""

from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from db.models import PostHolder
from state_machines.errors import ValueRefused
from state_machines.posts import PostKey, Role
from state_machines.working_days import WorkCalendar, local_day
from use_cases.people.access import active_person, people_to_change, post_with
from use_cases.reroute import reroute_requests


def appoint(
    session: Session,
    role: Role,
    place: str,
    person_id: int,
    *,
    from_day: date,
    to_day: date | None = None,
    by: int | None,
    now: datetime,
    calendar: WorkCalendar,
) -> None:
    """Let a person hold a post on each day from one to another, both included, or without end.

    Others who hold it go on doing so. Days on which the person holds it already are joined, so that
    repeating is harmless. What waits for the post, or for anybody at all, is asked of them at once
    if their days have begun. Raises `NotAllowed` but for administrators, `NotFound` for the post
    or the person, and `ValueRefused`.
    """
    people_to_change(session, by=by, now=now)
    post = post_with(session, role, place)
    active_person(session, person_id, field="person")
    if to_day is not None and to_day < from_day:
        raise ValueRefused("to_day", "not before the first day", to_day)
    joined = session.scalars(
        select(PostHolder)
        .where(PostHolder.post_id == post.id, PostHolder.person_id == person_id)
        .where(or_(PostHolder.to_day.is_(None), PostHolder.to_day >= from_day))
        .where(PostHolder.from_day <= (to_day or date.max))
        .order_by(PostHolder.id)
    ).all()
    ends = [to_day, *(each.to_day for each in joined)]
    holding = joined[0] if joined else PostHolder(post_id=post.id, person_id=person_id)
    holding.from_day = min([from_day, *(each.from_day for each in joined)])
    holding.to_day = None if None in ends else max(end for end in ends if end is not None)
    session.add(holding)
    for each in joined[1:]:
        session.delete(each)
    session.flush()
    if from_day <= local_day(now):
        reroute_requests(
            session, people=[person_id], posts=[PostKey(role, place)], now=now, calendar=calendar
        )
