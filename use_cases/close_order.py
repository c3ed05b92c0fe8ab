"""Close a project's supervision order, or let it stand again."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Order, OrderEnd, Project, StageVisit


def open_order(session: Session, project: Project) -> Order | None:
    """Return the order that the project is under, if it is under one."""
    return session.scalars(
        select(Order).where(Order.project_id == project.id, Order.closed_at.is_(None))
    ).first()


def close_order(session: Session, project: Project, why: OrderEnd, *, now: datetime) -> None:
    """Close the order that the project is under, if it is under one."""
    if order := open_order(session, project):
        end_order(order, why, now=now)


def end_order(order: Order, why: OrderEnd, *, now: datetime) -> None:
    order.closed_at, order.closed_because = now, why


def reopen_order(
    session: Session, project: Project, visit: StageVisit, *, closed_at: datetime
) -> None:
    """Let the order that was closed at an instant stand again, unless there is one already.

    What closed it was nobody's decision after all.
    """
    closed = select(Order).where(Order.project_id == project.id, Order.closed_at == closed_at)
    order = session.scalars(closed).first()
    if order is not None and open_order(session, project) is None:
        order.closed_at = order.closed_because = None
        order.visit_id = visit.clock_id
