"""Which projects are due for their next rung, with all that the ladder asks about them."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, tuple_
from sqlalchemy.orm import Session

from db.models import (
    Approval,
    ApprovalRequest,
    Order,
    Person,
    Project,
    RungFiring,
    StageVisit,
)
from state_machines.approvals import PAUSES, ApprovalState, RequestState
from state_machines.posts import PostKey, Told


@dataclass(frozen=True)
class DueProject:
    """A due project, its open visit, what has fired under it, and its open order."""

    project: Project
    visit: StageVisit
    owner_id: int | None
    """The owner, if there is one who is still active."""
    firings: list[RungFiring]
    order: Order | None
    owing: list[Told]
    """Who is asked to give it more time, and has not answered."""


Place = tuple[datetime, int]
"""Where a page of due projects ended: due instant and id."""


def due_projects(
    session: Session,
    *,
    as_of: datetime,
    limit: int,
    lock: bool,
    after: Place | None = None,
    only: Collection[int] | None = None,
) -> list[DueProject]:
    """Return the projects due at `as_of`, longest due first; four statements.

    `lock` takes them for this transaction and passes over what another sweep has taken. Parked
    projects wait until their hour is over.
    """
    statement = (
        select(Project, StageVisit, Person.id)
        .join(StageVisit, StageVisit.project_id == Project.id)
        .outerjoin(Person, (Person.id == Project.owner_id) & Person.active)
        .where(
            StageVisit.left_at.is_(None),
            Project.next_rung_at <= as_of,
            or_(Project.parked_until.is_(None), Project.parked_until <= as_of),
        )
        .order_by(Project.next_rung_at, Project.id)
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    if after is not None:
        statement = statement.where(tuple_(Project.next_rung_at, Project.id) > tuple_(*after))
    if only is not None:
        statement = statement.where(Project.id.in_(only))
    if lock:
        statement = statement.with_for_update(skip_locked=True, of=[Project, StageVisit])
    rows = session.execute(statement).all()
    firings, orders = _around(session, [row[1] for row in rows])
    owing = _owing(session, [row[0].id for row in rows])
    return [
        DueProject(
            project,
            visit,
            owner,
            firings[visit.clock_id],
            orders.get(project.id),
            owing[project.id],
        )
        for project, visit, owner in rows
    ]


def _around(
    session: Session, visits: list[StageVisit]
) -> tuple[dict[int, list[RungFiring]], dict[int, Order]]:
    fired: dict[int, list[RungFiring]] = defaultdict(list)
    if not visits:
        return fired, {}
    clock_ids = [visit.clock_id for visit in visits]
    for firing in session.scalars(select(RungFiring).where(RungFiring.visit_id.in_(clock_ids))):
        fired[firing.visit_id].append(firing)
    standing = select(Order).where(
        Order.project_id.in_([visit.project_id for visit in visits]), Order.closed_at.is_(None)
    )
    return fired, {order.project_id: order for order in session.scalars(standing)}


def _owing(session: Session, project_ids: list[int]) -> dict[int, list[Told]]:
    owing: dict[int, list[Told]] = defaultdict(list)
    if not project_ids:
        return owing
    asked = (
        select(
            ApprovalRequest.project_id, Approval.person_id, Approval.post, Approval.on_behalf_of_id
        )
        .join(Approval, Approval.request_id == ApprovalRequest.id)
        .where(
            ApprovalRequest.project_id.in_(project_ids),
            ApprovalRequest.subject.in_(PAUSES),
            ApprovalRequest.state == RequestState.PENDING,
            Approval.state == ApprovalState.PENDING,
        )
        .order_by(Approval.id)
    )
    for project_id, person_id, post, holder_id in session.execute(asked):
        owing[project_id].append(Told(person_id, PostKey.parse(post), holder_id))
    return owing
