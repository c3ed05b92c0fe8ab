"""Escalate stalled projects: open or raise their orders, and owe their readers the news."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from db.models import FiringKind, Order, OrderNotice, RungFiring
from db.queries.due import due_projects
from db.trail import entry
from notifications.order_mail import join_order_mail
from state_machines.ladder import Clock, RungKey, next_working_day
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
    escalations = [planned(each, day, ground) for each in due]
    orders = _orders(session, escalations, as_of=as_of)
    firings = {
        each.due.project.id: _firings(each, orders[each.due.project.id], as_of=as_of, ground=ground)
        for each in escalations
        if each.firing is not None
    }
    session.add_all(row for rows in firings.values() for row in rows)
    session.flush()
    people = list(dict.fromkeys(person for each in escalations for person in each.to))
    mails = join_order_mail(session, people, day, now=now, calendar=ground.calendar)
    for each in escalations:
        rows = firings.get(each.due.project.id, [])
        session.add_all(_notices(each, rows, mails))
        order = orders.get(each.due.project.id)
        next_day = _set_next(each, rows, day, ground)
        if order is not None and each.firing is not None:
            order.rung, order.deadline_on = each.firing.order_rung, next_day
            session.add(_audited(each, order, rows, now=now))
        each.due.project.parked_until = each.due.project.parked_error = None
    session.flush()
    return escalations


def _orders(
    session: Session, escalations: Sequence[Escalation], *, as_of: datetime
) -> dict[int, Order]:
    """Return each firing project's order: the open one, which climbs, or a new one."""
    orders = {
        each.due.project.id: each.due.order
        or Order(
            project_id=each.due.project.id,
            visit_id=each.due.visit.clock_id,
            rung=each.firing.order_rung,
            opened_at=as_of,
        )
        for each in escalations
        if each.firing is not None
    }
    session.add_all(orders.values())
    session.flush()
    return orders


def _firings(
    escalation: Escalation, order: Order, *, as_of: datetime, ground: Ground
) -> list[RungFiring]:
    """Return the rows of what fires (first) and of what is passed over."""
    due, firing = escalation.due, escalation.firing
    if firing is None:
        return []
    day = local_day(as_of)
    clocks = running_clocks(due.project, due.visit, due.firings, ground.policy)
    spent = {each.clock: each.spent(day, ground.calendar) for each in clocks}

    def row(clock: Clock, rung: RungKey, kind: FiringKind) -> RungFiring:
        return RungFiring(
            visit_id=due.visit.clock_id,
            order_id=order.id,
            clock=clock,
            episode=episode_of(due.visit, clock),
            rung=rung,
            kind=kind,
            fired_on=day,
            as_of=as_of,
            spent=spent[clock],
        )

    fired = sorted(firing.fired, key=lambda each: -ground.policy.ladder.rank(each[1]))
    return [
        *(row(clock, rung, FiringKind.FIRED) for clock, rung in fired),
        *(row(clock, rung, FiringKind.PASSED_OVER) for clock, rung in firing.passed_over),
    ]


def _notices(
    escalation: Escalation, rows: Sequence[RungFiring], mails: dict[int, int]
) -> list[OrderNotice]:
    """Return a notice for each reader of each rung that fires; both clocks are named to all."""
    readers = [(each, False) for each in escalation.told]
    readers += [(each, True) for each in escalation.copied]
    return [
        OrderNotice(
            firing_id=row.id,
            order_id=row.order_id,
            person_id=told.person_id,
            post=str(told.post) if told.post else None,
            copy=copy,
            mail_id=mails[told.person_id],
        )
        for row in rows
        if row.kind is FiringKind.FIRED
        for told, copy in readers
    ]


def _set_next(
    escalation: Escalation, rows: Sequence[RungFiring], day: date, ground: Ground
) -> date | None:
    """Store when the next rung is due; one that nobody could be told of is tried again next day."""
    due = escalation.due
    clocks = running_clocks(due.project, due.visit, [*due.firings, *rows], ground.policy)
    next_day = set_due(due.project, clocks, ground.policy, ground.calendar)
    if next_day is not None and next_day <= day:
        next_day = next_working_day(day, ground.calendar)
        due.project.next_rung_at = ground.calendar.opening(next_day)
    return next_day


def _audited(
    escalation: Escalation, order: Order, rows: Sequence[RungFiring], *, now: datetime
) -> object:
    said = {
        "order": order.id,
        "rung": order.rung,
        "fired": [[row.clock, row.rung, row.kind] for row in rows],
        "to": list(escalation.to),
    }
    return entry(escalation.due.project, "escalated", by=None, now=now, details=said)
