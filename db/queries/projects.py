"""One project: locked to be changed, or read to be shown."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Evidence, Hold, Project, StageVisit
from state_machines.errors import NotFound
from state_machines.facts import FACT_NAMES, EvidenceKind, ProjectFacts
from state_machines.posts import Places


def project_to_change(session: Session, project_id: int) -> Project:
    """Return the project, locked, as it stands after the lock.

    The project is the one lock for all that happens to it. Without it two last approvers could
    each see the other as pending, and nobody would move the project on.
    """
    project = session.get(Project, project_id, with_for_update=True, populate_existing=True)
    if project is None:
        raise NotFound("project", project_id)
    return project


def project_id_of(session: Session, number: str) -> int:
    """Return the id of the project with this number; raises `NotFound`."""
    found = session.scalar(select(Project.id).where(Project.number == number))
    if found is None:
        raise NotFound("project", number)
    return found


def open_visit(session: Session, project_id: int) -> StageVisit:
    """Return the visit that the project is in now."""
    return session.scalars(
        select(StageVisit).where(StageVisit.project_id == project_id, StageVisit.left_at.is_(None))
    ).one()


def open_hold(session: Session, project_id: int, today: date) -> Hold | None:
    """Return the hold that a project is under today, if it is under one."""
    return session.scalars(
        select(Hold)
        .where(Hold.project_id == project_id, Hold.ended_on.is_(None), Hold.until_day > today)
        .order_by(Hold.until_day.desc())
        .limit(1)
    ).first()


def facts_of(session: Session, project: Project) -> ProjectFacts:
    """Return what is known of the project, its evidence included; one statement."""
    kinds = session.scalars(
        select(Evidence.kind).where(Evidence.project_id == project.id).distinct()
    )
    return facts_from(project, kinds)


def facts_from(project: Project, evidence: Iterable[EvidenceKind] = ()) -> ProjectFacts:
    """Return a project's facts where its evidence is known already, or does not matter."""
    known = {name: getattr(project, name) for name in FACT_NAMES}
    return ProjectFacts(**known, evidence=frozenset(evidence))


def places_of(project: Project) -> Places:
    """Return where a project belongs."""
    return Places(
        unit_code=project.unit_code,
        headquarters_key=project.headquarters_key,
        special_team_key=project.special_team_key,
    )
