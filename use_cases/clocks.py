"""Wind a project's clocks: from what is stored to the next due instant, and the light's days."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import FiringKind, Order, Project, StageVisit
from db.queries.projects import facts_from
from db.queries.standing import firings_of
from state_machines.ladder import (
    Clock,
    RungKey,
    RunningClock,
    climbing_day,
    light_days,
    next_due_day,
)
from state_machines.policy import Policy
from state_machines.stages import CLOCKED
from state_machines.working_days import WorkCalendar, local_day


class Fired(Protocol):
    """A rung that fired or was passed over, stored or about to be."""

    @property
    def clock(self) -> Clock: ...
    @property
    def episode(self) -> int: ...
    @property
    def rung(self) -> RungKey: ...
    @property
    def kind(self) -> FiringKind: ...
    @property
    def fired_on(self) -> date: ...


def running_clocks(
    project: Project, visit: StageVisit, firings: Iterable[Fired], policy: Policy
) -> tuple[RunningClock, ...]:
    """Return the two clocks of a visit as values for the rules; none where no time runs."""
    if visit.stage not in CLOCKED:
        return ()
    priority = policy.is_priority(facts_from(project))
    firings = tuple(firings)

    def clock(kind: Clock, origin: date, used: int) -> RunningClock:
        episode = episode_of(visit, kind)
        mine = [each for each in firings if (each.clock, each.episode) == (kind, episode)]
        return RunningClock(
            kind,
            origin,
            policy.clocks.budget(kind, visit.stage, priority=priority),
            used,
            fired=[each.rung for each in mine],
            told={each.rung: each.fired_on for each in mine if each.kind is FiringKind.FIRED},
        )

    return (
        clock(Clock.STAGE, visit.stage_origin, visit.stage_used),
        clock(Clock.SILENCE, visit.silence_origin, visit.silence_used),
    )


def episode_of(visit: StageVisit, clock: Clock) -> int:
    return visit.silence_episode if clock is Clock.SILENCE else visit.stage_episode


def wind(
    session: Session,
    project: Project,
    visit: StageVisit,
    *,
    today: date,
    policy: Policy,
    calendar: WorkCalendar,
) -> None:
    """Store when the next rung is due and when the light changes, after anything they hang on.

    An open order's deadline goes along.
    """
    firings = firings_of(session, [visit])
    standing = select(Order).where(Order.project_id == project.id, Order.closed_at.is_(None))
    order = session.scalars(standing).first()
    wind_by(project, visit, firings, order, today=today, policy=policy, calendar=calendar)


def wind_by(
    project: Project,
    visit: StageVisit,
    firings: Iterable[Fired],
    order: Order | None,
    *,
    today: date,
    policy: Policy,
    calendar: WorkCalendar,
) -> None:
    """Do the same where what has fired, and the open order, were read already."""
    clocks = running_clocks(project, visit, firings, policy)
    set_due(project, clocks, policy, calendar, today=today)
    if order is not None:
        order.deadline_on = order_deadline(
            project, clocks, policy, calendar, standing_on=order.rung, today=today
        )


def order_deadline(
    project: Project,
    clocks: tuple[RunningClock, ...],
    policy: Policy,
    calendar: WorkCalendar,
    *,
    standing_on: RungKey,
    today: date,
) -> date | None:
    """Return the day on which a project's order climbs to the rung above, if nothing changes.

    From a rung that a new ladder no longer has, it climbs to whichever is due next.
    """
    ladder = policy.ladder
    if ladder.rank(standing_on) < 0:
        return _held_back(project, next_due_day(clocks, ladder, calendar))
    climbs = climbing_day(clocks, ladder, calendar, standing_on=standing_on, today=today)
    return _held_back(project, climbs)


def set_due(
    project: Project,
    clocks: tuple[RunningClock, ...],
    policy: Policy,
    calendar: WorkCalendar,
    *,
    today: date,
) -> date | None:
    """Write the stored instants on the row; returns the next rung's day.

    A frozen project keeps the light that it had, and has no next rung.
    """
    due = _held_back(project, next_due_day(clocks, policy.ladder, calendar))
    frozen_on = local_day(project.frozen_at) if project.frozen_at is not None else None
    lights = light_days(clocks, policy.ladder, calendar, today=frozen_on or today)
    yellow, red = lights.yellow, lights.red
    if frozen_on is not None:
        yellow, red = (day if day and day <= frozen_on else None for day in (yellow, red))
    project.next_rung_at = _opening(due, calendar)
    project.yellow_at, project.red_at = _opening(yellow, calendar), _opening(red, calendar)
    return due


def _held_back(project: Project, day: date | None) -> date | None:
    """What a new policy made due at once waits a little, whatever rewinds the clocks meanwhile.

    Nothing at all comes while the project is frozen.
    """
    if project.frozen_at is not None:
        return None
    if day is None or project.rungs_not_before is None:
        return day
    return max(day, project.rungs_not_before)


def _opening(day: date | None, calendar: WorkCalendar) -> datetime | None:
    return calendar.opening(day) if day else None
