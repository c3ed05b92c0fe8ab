"""Rewind every clock from one policy to another: what is due when, chunk by chunk."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.base import Base
from db.models import Order, Project, RungFiring, StageVisit
from db.queries.standing import firings_of
from state_machines.ladder import Clock, Ladder, RungKey, RunningClock, firing_on
from state_machines.policy import Policy
from state_machines.working_days import WorkCalendar
from use_cases.clocks import order_deadline, running_clocks, set_due

CHUNK = 500

Row = TypeVar("Row", bound=Base)


@dataclass(frozen=True)
class Instants:
    """What is stored of when something happens to a project."""

    next_rung_at: datetime | None
    yellow_at: datetime | None
    red_at: datetime | None
    deadline_on: date | None
    """Of its open order."""


@dataclass(frozen=True)
class Rewound:
    """A project whose instants change. Project and order are of no session any more."""

    project: Project
    order: Order | None
    before: Instants
    after: Instants
    held_back: bool
    """Rungs became due at once by the change of rules, and wait a little."""


@dataclass(frozen=True)
class Chunk:
    looked_at: int
    rewound: Sequence[Rewound]


def first_day_after(today: date, calendar: WorkCalendar) -> date:
    """Return the second working day after: nothing that new rules make due fires before it."""
    return calendar.add(today, 2)


def rewound(
    session: Session,
    old: Policy,
    new: Policy,
    *,
    today: date,
    calendar: WorkCalendar,
    lock: bool,
) -> Iterator[Chunk]:
    """Yield what changes for the projects under other rules, in the order of their ids.

    Nothing is written. `lock` takes every project until the transaction ends, also those in which
    no time runs: what others do to them meanwhile waits, and then goes by the rules that it finds.
    Four statements per chunk; memory does not grow with the number of projects.
    """
    after = 0
    while projects := _projects(session, after=after, lock=lock):
        after = projects[-1].id
        visits, firings, orders = _around(session, projects)
        found = [
            _rewound(
                project,
                visits[project.id],
                firings[visits[project.id].clock_id],
                orders.get(project.id),
                old=old,
                new=new,
                today=today,
                calendar=calendar,
            )
            for project in projects
            # A frozen project's clocks stand still, and are wound when it thaws.
            if project.frozen_at is None
        ]
        yield Chunk(len(projects), [each for each in found if each is not None])


def _rewound(
    project: Project,
    visit: StageVisit,
    firings: Sequence[RungFiring],
    order: Order | None,
    *,
    old: Policy,
    new: Policy,
    today: date,
    calendar: WorkCalendar,
) -> Rewound | None:
    was, will = (running_clocks(project, visit, firings, policy) for policy in (old, new))
    if (was, old.ladder) == (will, new.ladder):
        return None
    before = _instants(project, order)
    first = first_day_after(today, calendar)
    eve = first - timedelta(days=1)
    newly_due = _due(will, new.ladder, calendar, on=eve) - _due(was, old.ladder, calendar, on=eve)
    if newly_due:
        project.rungs_not_before = first
    set_due(project, will, new, calendar, today=today)
    if order is not None:
        order.deadline_on = order_deadline(
            project, will, new, calendar, standing_on=order.rung, today=today
        )
    after = _instants(project, order)
    if after == before and not newly_due:
        return None
    return Rewound(project, order, before, after, bool(newly_due))


def _due(
    clocks: Sequence[RunningClock], ladder: Ladder, calendar: WorkCalendar, *, on: date
) -> set[tuple[Clock, RungKey]]:
    """Return all rungs that would be climbed by a day, if nobody did anything before."""
    firing = firing_on(on, clocks, ladder, calendar, standing_on=None, nobody_at=())
    return {*firing.fired, *firing.passed_over} if firing else set()


def _instants(project: Project, order: Order | None) -> Instants:
    deadline = order.deadline_on if order else None
    return Instants(project.next_rung_at, project.yellow_at, project.red_at, deadline)


def _projects(session: Session, *, after: int, lock: bool) -> Sequence[Project]:
    statement = select(Project).where(Project.id > after).order_by(Project.id).limit(CHUNK)
    if lock:
        statement = statement.with_for_update()
    found = session.scalars(statement.execution_options(populate_existing=True)).all()
    return _let_go(session, found)


def _around(
    session: Session, projects: Sequence[Project]
) -> tuple[dict[int, StageVisit], dict[int, list[RungFiring]], dict[int, Order]]:
    """Return open visits and orders by project, firings by visit; read only after the lock."""
    ids = [project.id for project in projects]
    visits = session.scalars(
        select(StageVisit).where(StageVisit.project_id.in_(ids), StageVisit.left_at.is_(None))
    ).all()
    firings: dict[int, list[RungFiring]] = defaultdict(list)
    for each in _let_go(session, firings_of(session, visits)):
        firings[each.visit_id].append(each)
    orders = session.scalars(
        select(Order).where(Order.project_id.in_(ids), Order.closed_at.is_(None))
    ).all()
    return (
        {each.project_id: each for each in _let_go(session, visits)},
        firings,
        {each.project_id: each for each in _let_go(session, orders)},
    )


def _let_go(session: Session, rows: Sequence[Row]) -> Sequence[Row]:
    """Take rows out of the session: it neither keeps them nor writes what becomes of them."""
    for each in rows:
        session.expunge(each)
    return rows
