"""The freeze that a project is under, as pages show it."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from db.models import Freeze, Project
from state_machines.working_days import local_day
from use_cases.sound_alarm import administrators
from web.staff import Visit


@dataclass(frozen=True)
class Frozen:
    """Who disowned what, and whether the visitor may end it."""

    freeze: Freeze
    may_end: bool


def frozen(session: Session, project: Project, visit: Visit) -> Frozen | None:
    """Return the freeze that a project is under, the first where there are several."""
    if project.frozen_at is None:
        return None
    freeze = session.scalars(
        select(Freeze)
        .where(Freeze.project_id == project.id, Freeze.ended_at.is_(None))
        .order_by(Freeze.id)
        .limit(1)
        .options(joinedload(Freeze.person), joinedload(Freeze.request))
    ).one()
    me = visit.person.id if visit.person else None
    return Frozen(freeze, me in administrators(session, local_day(visit.now)))
