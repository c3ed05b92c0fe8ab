"""The one order mail of a person and day: who joins it, and what it lists when it leaves."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Row, Subquery, and_, case, func, select, update
from sqlalchemy.orm import Session

from db.inserts import insert_new
from db.models import Mail, MailState, Order, OrderNotice, Project, RungFiring, StageVisit
from notifications.mails import ClockRun, OrderItem, OrdersIssued, ProjectName
from notifications.outbox import as_row, locked_in_order
from state_machines.ladder import Clock, Ladder, Light
from state_machines.working_days import WorkCalendar

SHOWN = 20
GATHERING = timedelta(minutes=10)
"""How long the mail waits for further chunks, if no run says that it is done."""


@dataclass(frozen=True)
class OrdersListed:
    """What an order mail lists, and how many more it only counts."""

    items: tuple[OrderItem, ...]
    more: int


def join_order_mail(
    session: Session,
    person_ids: Iterable[int],
    day: date,
    *,
    now: datetime,
    calendar: WorkCalendar,
) -> dict[int, int]:
    """Return, for each person, the id of the mail that tells them of an order fired on `day`.

    Every chunk, shard and rerun of a day joins the same mail. If a person's mail has left, or is
    just leaving, the next working day's is joined; that one
    leaves with that day's own. The mail cannot leave
    before this transaction ends.
    """
    joined: dict[int, int] = {}
    waiting = sorted(set(person_ids))  # in one order, so that two sweeps never lock crosswise
    due_at = now + GATHERING
    while waiting:
        keys = {_key(person_id, day): person_id for person_id in waiting}
        fresh = OrdersIssued(day=day)
        insert_new(
            session,
            Mail,
            [as_row(fresh, to=to, key=key, now=now, due_at=due_at) for key, to in keys.items()],
        )
        still_here = (
            select(Mail.person_id, Mail.id)
            .where(Mail.key.in_(keys), Mail.state == MailState.QUEUED)
            .order_by(Mail.id)
            .with_for_update()
        )
        joined |= dict(session.execute(still_here).all())
        waiting = [person_id for person_id in waiting if person_id not in joined]
        day = calendar.add(day, 1)
        # Not at 09:00 sharp: the sweep of that day joins it, and lets it leave when it is done.
        due_at = calendar.opening(day) + GATHERING
    return joined


def release_order_mails(session: Session, day: date, *, now: datetime, early: bool) -> None:
    """Let the order mails of `day` leave now: the run is done, nothing more will join them.

    A run that is `early`, before the day's 09:00, leaves alone what was too late for yesterday's
    mail: the day's own run joins that.
    """
    waiting = select(Mail.id).where(
        Mail.kind == OrdersIssued.kind,
        Mail.key.endswith(f"/{day.isoformat()}"),
        Mail.state == MailState.QUEUED,
        Mail.attempts == 0,
        Mail.due_at > now,
    )
    if early:
        waiting = waiting.where(Mail.due_at <= now + GATHERING)
    release = update(Mail).where(Mail.id.in_(locked_in_order(waiting))).values(due_at=now)
    session.execute(release.execution_options(synchronize_session=False))


def contents(
    session: Session, mail_ids: Collection[int], ladder: Ladder, *, now: datetime
) -> dict[int, OrdersListed]:
    """Return what each mail lists: the highest rung first, then the longest overdue.

    Orders that were closed in the meantime are left out, and a mail left with none is left out
    too. One statement, whatever the number of mails and orders, and no more rows than are shown.
    """
    urgency = (
        case({each.key: rank for rank, each in enumerate(ladder.rungs)}, value=Order.rung).desc(),
        func.coalesce(Project.yellow_at, Order.opened_at),
        OrderNotice.order_id,
    )
    each_order = (
        select(
            OrderNotice.mail_id,
            OrderNotice.order_id,
            func.row_number().over(partition_by=OrderNotice.mail_id, order_by=urgency).label("nth"),
            func.count().over(partition_by=OrderNotice.mail_id).label("total"),
        )
        .join(Order, Order.id == OrderNotice.order_id)
        .join(Project, Project.id == Order.project_id)
        .where(OrderNotice.mail_id.in_(mail_ids), Order.closed_at.is_(None))
        .group_by(
            *(OrderNotice.mail_id, OrderNotice.order_id),
            *(Order.rung, Order.opened_at, Project.yellow_at),
        )
        .subquery()
    )
    notices = (
        select(each_order.c.mail_id, each_order.c.total, OrderNotice, RungFiring, Order, Project)
        .add_columns(StageVisit)
        .join(OrderNotice, _same_order(each_order))
        .join(RungFiring, RungFiring.id == OrderNotice.firing_id)
        .join(Order, Order.id == OrderNotice.order_id)
        .join(Project, Project.id == Order.project_id)
        .join(StageVisit, StageVisit.id == Order.visit_id)
        .where(each_order.c.nth <= SHOWN)
        .order_by(each_order.c.mail_id, each_order.c.nth, RungFiring.id)
    )
    rows = session.execute(notices).all()
    listed: dict[int, OrdersListed] = {}
    for mail_id, of_mail in groupby(rows, key=lambda row: row.mail_id):
        of_orders = [list(of) for _, of in groupby(of_mail, key=lambda row: row.Order.id)]
        items = tuple(_item(of_order, ladder, now) for of_order in of_orders)
        listed[mail_id] = OrdersListed(items, of_orders[0][0].total - len(items))
    return listed


def _item(notices: Sequence[Row[Any]], ladder: Ladder, now: datetime) -> OrderItem:
    """One order out of all the notices that one reader has of it."""
    order: Order = notices[0].Order
    project: Project = notices[0].Project
    visit: StageVisit = notices[0].StageVisit
    origin = {Clock.STAGE: visit.stage_origin, Clock.SILENCE: visit.silence_origin}
    spent = {each.RungFiring.clock: each.RungFiring.spent for each in notices}
    posts = dict.fromkeys(each.OrderNotice.post for each in notices if each.OrderNotice.post)
    rank = ladder.rank(order.rung)
    goes_on = order.deadline_on is not None and rank + 1 < len(ladder.rungs)
    return OrderItem(
        order=order.number,
        project=ProjectName.of(project),
        stage=visit.stage,
        light=Light.RED if project.red_at and project.red_at <= now else Light.YELLOW,
        rung=order.rung,
        clocks=tuple(
            ClockRun(clock=clock, since=origin[clock], spent=days) for clock, days in spent.items()
        ),
        posts=tuple(posts),
        copy=all(each.OrderNotice.copy for each in notices),
        next_rung=ladder.rungs[rank + 1].key if goes_on else None,
        next_on=order.deadline_on if goes_on else None,
    )


def _same_order(each_order: Subquery) -> ColumnElement[bool]:
    return and_(
        OrderNotice.mail_id == each_order.c.mail_id, OrderNotice.order_id == each_order.c.order_id
    )


def _key(person_id: int, day: date) -> str:
    return f"{OrdersIssued.kind}/{person_id}/{day.isoformat()}"
