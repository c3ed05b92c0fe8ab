"""Where a project stands: what a move of it ends, resumes or takes along."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import Select, and_, bindparam, func, select
from sqlalchemy.orm import Session, aliased, load_only

from db.models import (
    ApprovalRequest,
    Base,
    Hold,
    Order,
    PolicyVersion,
    Project,
    RungFiring,
    StageVisit,
)
from db.queries.policies import AdoptedPolicy, sealed_policy
from state_machines.approvals import RequestState
from state_machines.stages import Stage

Found = TypeVar("Found", bound=Base)


@dataclass(frozen=True)
class Standing:
    """How a project, whose lock the caller holds, stands before a move to the stage `towards`."""

    towards: Stage
    visit: StageVisit
    earlier: StageVisit | None
    """Its last visit to that stage, if it has been there."""
    firings: Sequence[RungFiring]
    """What has fired under that visit."""
    order: Order | None
    """The order that it is under."""
    hold: Hold | None
    """The hold that it is under today."""
    pending: int
    """How many requests wait for answers."""
    in_force: AdoptedPolicy


def with_standing(statement: Select[Any], towards: Any) -> Select[Any]:
    """Let a statement over `Project` read for `standing_from`, too; it takes a day as `today`.

    What most projects do not have is read as an id: each column costs, also where there is nothing.
    """
    earlier, request, newest = (
        aliased(StageVisit), aliased(ApprovalRequest), aliased(PolicyVersion)
    )  # fmt: skip
    in_force = select(newest).order_by(newest.id.desc()).limit(1)
    subqueries = (
        select(func.max(earlier.id)).where(
            earlier.project_id == Project.id, earlier.stage == towards
        ),
        select(Order.id).where(Order.project_id == Project.id, Order.closed_at.is_(None)),
        select(Hold.id)
        .where(
            Hold.project_id == Project.id,
            Hold.ended_on.is_(None),
            Hold.until_day > bindparam("today"),
        )
        .order_by(Hold.until_day.desc())
        .limit(1),
        select(func.count(request.id)).where(
            request.project_id == Project.id, request.state == RequestState.PENDING
        ),
        in_force.with_only_columns(newest.id),
        in_force.with_only_columns(newest.sha256),
    )
    around = (Project, ApprovalRequest)
    return (
        statement.add_columns(
            StageVisit, *(each.correlate(*around).scalar_subquery() for each in subqueries)
        )
        .join(StageVisit, and_(StageVisit.project_id == Project.id, StageVisit.left_at.is_(None)))
        .options(load_only(StageVisit.id))
        .execution_options(populate_existing=True)
    )


def standing_from(session: Session, row: Sequence[Any], towards: Stage) -> Standing:
    """Return what `with_standing` added to a row."""
    visit, earlier_id, order_id, hold_id, pending, version_id, sha256 = row[-7:]
    earlier = _found(session, StageVisit, earlier_id)
    return Standing(
        towards=towards,
        visit=visit,
        earlier=earlier,
        firings=firings_of(session, [earlier]) if earlier else (),
        order=_found(session, Order, order_id),
        hold=_found(session, Hold, hold_id),
        pending=pending,
        in_force=sealed_policy(session, version_id, sha256),
    )


def _found(session: Session, model: type[Found], row_id: int | None) -> Found | None:
    if row_id is None:
        return None
    return session.get(model, row_id, populate_existing=True)


_STANDING = with_standing(
    select(Project.id).where(Project.id == bindparam("project")), towards=bindparam("towards")
)


def standing_of(session: Session, project_id: int, towards: Stage, today: date) -> Standing:
    """Return how a project stands; one statement, and one for each thing that most have not."""
    values = {"project": project_id, "towards": towards, "today": today}
    return standing_from(session, session.execute(_STANDING, values).one(), towards)


def firings_of(session: Session, visits: Sequence[StageVisit]) -> Sequence[RungFiring]:
    """Return what has fired under these visits; one statement."""
    ids = [visit.clock_id for visit in visits]
    return session.scalars(select(RungFiring).where(RungFiring.visit_id.in_(ids))).all()
