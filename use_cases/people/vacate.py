"""Vacate a post: a person holds it up to a day, and no longer."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Person, PostHolder
from state_machines.errors import NotFound, ValueRefused
from state_machines.posts import PostKey, Role
from state_machines.working_days import WorkCalendar, local_day
from use_cases.people.access import people_to_change, post_with
from use_cases.reroute import reroute_requests
from use_cases.sound_alarm import alarm_emptied_posts

A_DAY = timedelta(days=1)


def vacate(
    session: Session,
    role: Role,
    place: str,
    person_id: int,
    *,
    last_day: date,
    by: int | None,
    now: datetime,
    calendar: WorkCalendar,
) -> None:
    """Let a person hold a post no longer than to `last_day`: yesterday is at once.

    What they are asked for it goes to others of the post, or to its superior, in this transaction
    or else on the day. A post that is empty now is an alarm to the administrators. Repeating is
    harmless. Raises `NotAllowed` but for administrators, `NotFound` for the post and for somebody
    who never held it, and `ValueRefused` for days gone by.
    """
    people_to_change(session, by=by, now=now)
    post = post_with(session, role, place)
    today = local_day(now)
    if last_day < today - A_DAY:
        raise ValueRefused("last_day", "yesterday or later", last_day)
    held = session.scalars(
        select(PostHolder).where(PostHolder.post_id == post.id, PostHolder.person_id == person_id)
    ).all()
    if not held:
        person = session.get(Person, person_id)
        raise NotFound("holder", person.email if person else person_id)
    end(session, held, last_day=last_day)
    if last_day < today:
        alarm_emptied_posts(session, [PostKey(role, place)], now=now)
        reroute_requests(session, people=[person_id], now=now, calendar=calendar)


def end(session: Session, held: Iterable[PostHolder], *, last_day: date) -> None:
    """End what somebody holds after a day; what would begin later is taken away."""
    for each in held:
        if each.from_day > last_day:
            session.delete(each)
        elif each.to_day is None or each.to_day > last_day:
            each.to_day = last_day
    session.flush()
