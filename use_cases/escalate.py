"""Escalate stalled projects: open or raise their orders, and owe their readers the news."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.inserts import insert_rows
from db.models import AuditEntry, FiringKind, Order, OrderNotice, RungFiring
from db.queries.due import due_projects
from db.queries.policies import policy_in_force
from db.trail import entry
from notifications.order_mail import join_order_mail
from state_machines.ladder import Clock, RungKey, climbing_day, next_working_day
from state_machines.working_days import local_day
from use_cases.clocks import episode_of, running_clocks, set_due
from use_cases.plan_escalation import Escalation, Ground, planned


def escalate_due(
    session: Session,
    *,
    as_of: datetime,
    now: datetime,
    ground: Ground,
    limit: int,
    only: Collection[int] | None = None,
) -> list[Escalation]:
    """Escalate up to `limit` projects that are due at `as_of`, in this transaction.

    Each due project gets at most one order, at the right rung whatever was missed, and one place
    in the day's mail of each reader. A project that another sweep has taken is left to it; what
    has fired never fires again, so repeating a run changes nothing. Returns what was due: an empty
    list says that nothing is left. The number of statements does not grow with the projects.
    """
    day = local_day(as_of)
    due = due_projects(session, as_of=as_of, limit=limit, lock=True, only=only)
    # Rules adopted since the run began have set the due instants that it finds.
    ground = replace(ground, policy=policy_in_force(session).policy)
    escalations = [planned(each, day, ground) for each in due]
    steps = [
        _Step(each, firings, _set_next(each, firings, day, ground))
        for each in escalations
        for firings in [_firings(each, day, ground)]
    ]
    taken = [step for step in steps if step.firings]
    if taken:
        _write(session, taken, day=day, as_of=as_of, now=now, ground=ground)
    return escalations


@dataclass(frozen=True)
class _Firing:
    """A rung that fires or is passed over, before it has an order."""

    visit_id: int
    clock: Clock
    episode: int
    rung: RungKey
    kind: FiringKind
    fired_on: date
    spent: int


@dataclass(frozen=True)
class _Step:
    """What one project does in this run: its firings, and its order's new deadline."""

    escalation: Escalation
    firings: Sequence[_Firing]
    deadline: date | None


def _firings(escalation: Escalation, day: date, ground: Ground) -> list[_Firing]:
    due, firing = escalation.due, escalation.firing
    if firing is None:
        return []
    clocks = running_clocks(due.project, due.visit, due.firings, ground.policy)
    spent = {each.clock: each.spent(day, ground.calendar) for each in clocks}
    climbed = [(each, FiringKind.FIRED) for each in firing.fired]
    climbed += [(each, FiringKind.PASSED_OVER) for each in firing.passed_over]
    return [
        _Firing(
            visit_id=due.visit.clock_id,
            clock=clock,
            episode=episode_of(due.visit, clock),
            rung=rung,
            kind=kind,
            fired_on=day,
            spent=spent[clock],
        )
        for (clock, rung), kind in climbed
    ]


def _set_next(
    escalation: Escalation, firings: Sequence[_Firing], day: date, ground: Ground
) -> date | None:
    """Store when the next rung is due, and return the day on which the order climbs.

    A rung that nobody could be told of is tried again the next working day.
    """
    due = escalation.due
    clocks = running_clocks(due.project, due.visit, [*due.firings, *firings], ground.policy)
    next_day = set_due(due.project, clocks, ground.policy, ground.calendar, today=day)
    if next_day is not None and next_day <= day:
        next_day = next_working_day(day, ground.calendar)
        due.project.next_rung_at = ground.calendar.opening(next_day)
    due.project.parked_until = due.project.parked_error = None
    if escalation.firing is None:
        return None
    return climbing_day(
        clocks,
        ground.policy.ladder,
        ground.calendar,
        standing_on=escalation.firing.order_rung,
        today=day,
    )


def _write(
    session: Session,
    steps: Sequence[_Step],
    *,
    day: date,
    as_of: datetime,
    now: datetime,
    ground: Ground,
) -> None:
    """Write what the steps say, in a number of statements that does not grow with them."""
    orders = _orders(session, steps, as_of=as_of)
    rows = [
        asdict(firing) | {"order_id": orders[step.escalation.due.project.id], "as_of": as_of}
        for step in steps
        for firing in step.firings
    ]
    insert_rows(session, RungFiring, rows)
    stored = select(RungFiring).where(RungFiring.order_id.in_(orders.values()))
    firing_ids = {_identity(each): each.id for each in session.scalars(stored)}
    people = {person for step in steps for person in step.escalation.to}
    mails = join_order_mail(session, people, day, now=now, calendar=ground.calendar)
    notices = [row for step in steps for row in _notices(step, orders, firing_ids, mails)]
    insert_rows(session, OrderNotice, notices)
    insert_rows(session, AuditEntry, [_audited(step, orders, now=now) for step in steps])


def _orders(session: Session, steps: Sequence[_Step], *, as_of: datetime) -> dict[int, int]:
    """Raise each project's open order, or open one; return the orders' ids by project."""
    orders: dict[int, int] = {}
    opened: list[dict[str, Any]] = []
    for step in steps:
        due, firing = step.escalation.due, step.escalation.firing
        assert firing is not None  # noqa: S101 - a step that fires nothing is not written
        if due.order:
            due.order.rung, due.order.deadline_on = firing.order_rung, step.deadline
            orders[due.project.id] = due.order.id
        else:
            opened.append(
                {
                    "project_id": due.project.id,
                    "visit_id": due.visit.clock_id,
                    "rung": firing.order_rung,
                    "opened_at": as_of,
                    "deadline_on": step.deadline,
                }
            )
    if opened:
        insert_rows(session, Order, opened)
        new = select(Order.project_id, Order.id).where(
            Order.project_id.in_([row["project_id"] for row in opened]), Order.closed_at.is_(None)
        )
        orders |= dict(session.execute(new).all())
    return orders


def _identity(firing: RungFiring | _Firing) -> tuple[int, Clock, int, RungKey]:
    """What a rung fires at most once for: visit, clock and episode."""
    return firing.visit_id, firing.clock, firing.episode, firing.rung


def _notices(
    step: _Step,
    orders: dict[int, int],
    firing_ids: dict[tuple[int, Clock, int, RungKey], int],
    mails: dict[int, int],
) -> list[dict[str, Any]]:
    """Return a notice for each reader of each rung that fires; both clocks are named to all."""
    readers = [(each, False) for each in step.escalation.told]
    readers += [(each, True) for each in step.escalation.copied]
    return [
        {
            "firing_id": firing_ids[_identity(firing)],
            "order_id": orders[step.escalation.due.project.id],
            "person_id": told.person_id,
            "post": str(told.post) if told.post else None,
            "on_behalf_of_id": told.on_behalf_of,
            "copy": copy,
            "mail_id": mails[told.person_id],
        }
        for firing in step.firings
        if firing.kind is FiringKind.FIRED
        for told, copy in readers
    ]


def _audited(step: _Step, orders: dict[int, int], *, now: datetime) -> dict[str, Any]:
    project, firing = step.escalation.due.project, step.escalation.firing
    said = {
        "order": orders[project.id],
        "rung": firing.order_rung if firing else None,
        "fired": [[each.clock, each.rung, each.kind] for each in step.firings],
        "to": list(step.escalation.to),
    }
    return entry(project, "escalated", by=None, now=now, details=said)
