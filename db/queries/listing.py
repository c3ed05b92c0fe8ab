"""The table of projects, page by page, the newest first."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, joinedload

from db.models import Project, StageVisit
from db.queries.lights import shows
from state_machines.ladder import Light
from state_machines.stages import Stage


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What the table is narrowed to; None means all."""

    unit: str | None = None
    stage: Stage | None = None
    light: Light | None = None
    text: str | None = None
    """Part of a number or of a name, in any case."""


@dataclass(frozen=True)
class ListedProject:
    """A project with the visit that it is in."""

    project: Project
    visit: StageVisit


@dataclass(frozen=True)
class ProjectPage:
    """A page of projects, and the ids beyond which there are newer and older ones."""

    rows: tuple[ListedProject, ...]
    newer: int | None
    older: int | None


def project_page(
    session: Session,
    filters: Filters,
    *,
    now: datetime,
    limit: int,
    older_than: int | None = None,
    newer_than: int | None = None,
) -> ProjectPage:
    """Return up to `limit` projects with unit and owner, from the side of a known id on.

    One statement. Keyset pages: a project that comes in meanwhile neither repeats nor hides
    another.
    """
    going_up = newer_than is not None
    statement = _filtered(filters, now).limit(limit + 1)
    if going_up:
        statement = statement.where(Project.id > newer_than).order_by(Project.id)
    else:
        statement = statement.order_by(Project.id.desc())
        if older_than is not None:
            statement = statement.where(Project.id < older_than)
    found = [ListedProject(project, visit) for project, visit in session.execute(statement)]
    there_is_more = len(found) > limit
    rows = tuple(reversed(found[:limit])) if going_up else tuple(found[:limit])
    has_newer = there_is_more if going_up else older_than is not None
    has_older = True if going_up else there_is_more
    return ProjectPage(
        rows,
        newer=rows[0].project.id if rows and has_newer else None,
        older=rows[-1].project.id if rows and has_older else None,
    )


def _filtered(filters: Filters, now: datetime) -> Select[Project, StageVisit]:
    statement = (
        select(Project, StageVisit)
        .join(StageVisit, StageVisit.project_id == Project.id)
        .where(StageVisit.left_at.is_(None))
        .options(joinedload(Project.unit), joinedload(Project.owner))
    )
    if filters.unit is not None:
        statement = statement.where(Project.unit_code == filters.unit)
    if filters.stage is not None:
        statement = statement.where(Project.stage == filters.stage)
    if filters.light is not None:
        statement = statement.where(shows(filters.light, now=now))
    if filters.text is not None:
        columns = (Project.number, Project.name_zh, Project.name_en)
        found = [column.icontains(filters.text, autoescape=True) for column in columns]
        statement = statement.where(or_(*found))
    return statement
