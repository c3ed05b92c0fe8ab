"""The open supervision orders, the most urgent first, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, select, tuple_
from sqlalchemy.orm import Session, joinedload

from db.models import Order, Project
from state_machines.ladder import Ladder

Place = tuple[int, datetime, int]
"""Where a page ended: how far the rung is below the top, when the order was opened, its id."""


@dataclass(frozen=True)
class OrderPage:
    """A page of orders, each with its project, unit and owner; `after` is where the next begins."""

    orders: Sequence[Order]
    after: Place | None


def open_orders(
    session: Session, ladder: Ladder, *, limit: int, after: Place | None = None
) -> OrderPage:
    """Return up to `limit` open orders: the highest rung first, then the oldest; one statement."""
    below_top = {each.key: len(ladder.rungs) - rank for rank, each in enumerate(ladder.rungs)}
    urgency = case(below_top, value=Order.rung)
    statement = (
        select(Order)
        .where(Order.closed_at.is_(None))
        .order_by(urgency, Order.opened_at, Order.id)
        .limit(limit + 1)
        .options(
            joinedload(Order.project).joinedload(Project.unit),
            joinedload(Order.project).joinedload(Project.owner),
        )
    )
    if after is not None:
        statement = statement.where(tuple_(urgency, Order.opened_at, Order.id) > tuple_(*after))
    found = session.scalars(statement).all()
    orders = found[:limit]
    if len(found) <= limit:
        return OrderPage(orders, None)
    last = orders[-1]
    return OrderPage(orders, (below_top[last.rung], last.opened_at, last.id))
