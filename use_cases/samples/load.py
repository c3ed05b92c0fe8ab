"""Load the sample data: people, real projects from the press, invented ones."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Person, Project
from db.queries.policies import policy_in_force
from state_machines.working_days import WorkCalendar, local_day
from use_cases.samples.invented import load_invented
from use_cases.samples.people import Days, load_people
from use_cases.samples.press import load_press


@dataclass(frozen=True)
class Loaded:
    """How much was new."""

    people: int
    reported: int
    invented: int


def is_empty(session: Session) -> bool:
    """Say whether nobody has worked here yet: no people and no projects."""
    rows = (session.scalars(select(table.id).limit(1)).first() for table in (Person, Project))
    return all(row is None for row in rows)


def load_samples(session: Session, *, now: datetime, calendar: WorkCalendar) -> Loaded:
    """Add the sample people and projects to a database.

    Everything is dated by working days from `now`, so that some projects are stalled already. Safe
    to repeat: what is there stays as people have changed it meanwhile. Raises `NotFound` on a
    database that was never seeded.
    """
    adopted = policy_in_force(session)
    today = local_day(now)

    def day(working_days: int) -> date:
        return _working_day(today, working_days, calendar)

    people = load_people(
        session, Days(posts_held_from=day(-240), away_from=day(-3), away_to=day(10))
    )
    reported = load_press(session, now=now, calendar=calendar)
    invented = load_invented(session, day=day, now=now, calendar=calendar, adopted=adopted)
    return Loaded(people, reported, invented)


def _working_day(today: date, n: int, calendar: WorkCalendar) -> date:
    """Return the day from which, or to which, there are n working days; back if n is negative."""
    if n >= 0:
        return calendar.add(today, n)
    day = today
    while calendar.between(day, today) < -n or not calendar.is_working(day):
        day -= timedelta(days=1)
    return day
