"""Leave: somebody no longer works here, and all that waits for them goes to others at once."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from db.models import Delegation, Person, Post, PostHolder, Project
from db.queries.chasing import requests_around
from db.queries.roster import roster_on
from notifications import links
from state_machines.errors import NotFound
from state_machines.posts import PostKey, Role
from state_machines.working_days import WorkCalendar, local_day
from use_cases.edit_project import edit_project
from use_cases.people.access import people_to_change
from use_cases.people.end_delegation import cut_short
from use_cases.people.vacate import end
from use_cases.reroute import reroute_requests
from use_cases.sound_alarm import alarm_emptied_posts


def leave(
    session: Session,
    person_id: int,
    *,
    by: int | None,
    now: datetime,
    calendar: WorkCalendar,
) -> None:
    """Let a person leave as of now, in one transaction with all that follows from it.

    Their posts and delegations end, and their links die. Projects that they own go to whoever holds
    their unit's intake post, and have no owner where nobody does. What they are asked goes to
    others; a post that is empty now is an alarm to the administrators. Leaving twice is harmless.
    Raises `NotFound`, and `NotAllowed` but for administrators.
    """
    people_to_change(session, by=by, now=now)
    person = session.get(Person, person_id, populate_existing=True)
    if person is None:
        raise NotFound("person", person_id)
    if not person.active:
        return
    owned = session.scalars(select(Project.id).where(Project.owner_id == person_id)).all()
    person.active = False
    today = local_day(now)
    held = session.scalars(
        select(PostHolder)
        .where(PostHolder.person_id == person_id)
        .where(or_(PostHolder.to_day.is_(None), PostHolder.to_day >= today))
    ).all()
    posts = session.scalars(select(Post).where(Post.id.in_([each.post_id for each in held]))).all()
    end(session, held, last_day=today)
    delegations = session.scalars(
        select(Delegation).where(
            Delegation.to_day >= today,
            or_(Delegation.holder_id == person_id, Delegation.stand_in_id == person_id),
        )
    ).all()
    # A chain that led through them may end with somebody else altogether.
    touched = {person_id}.union(*((each.holder_id, each.stand_in_id) for each in delegations))
    _lock_all(session, touched, owned)
    cut_short(session, delegations, last_day=today)
    links.revoke_all_of(session, person_id, now=now)
    alarm_emptied_posts(session, [PostKey(each.role, each.place) for each in posts], now=now)
    _pass_on(session, person_id, owned, by=by, now=now, calendar=calendar)
    reroute_requests(session, people=touched, now=now, calendar=calendar)


def _lock_all(session: Session, people: Collection[int], owned: Sequence[int]) -> None:
    """Lock every project that this touches in the order of their ids, as everybody else does."""
    asked_about = [project_id for project_id, _ in requests_around(session, people)]
    session.execute(
        select(Project.id)
        .where(Project.id.in_({*owned, *asked_about}))
        .order_by(Project.id)
        .with_for_update()
    )


def _pass_on(
    session: Session,
    person_id: int,
    owned: Sequence[int],
    *,
    by: int | None,
    now: datetime,
    calendar: WorkCalendar,
) -> None:
    """Give projects to their units' intake; who becomes the owner no longer decides on them."""
    intake = roster_on(session, local_day(now)).holders
    for project_id in sorted(owned):
        project = session.get_one(Project, project_id, populate_existing=True)
        if project.owner_id != person_id:
            continue  # it was given to somebody else before the lock
        found = intake.get(PostKey(Role.INTAKE, project.unit_code), ())
        edit_project(
            session,
            project_id,
            {"owner_id": found[0] if found else None},
            edition=None,
            by=by,
            now=now,
            calendar=calendar,
        )
