"""Which light a project shows: the same comparison in Python and in SQL.

Two stored instants say when it turns yellow and red (`docs/decisions/0002-…`); besides, a project
that leased its factory on a certificate of funds shows yellow once that has expired.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, false, func, not_, or_

from db.models import Project
from state_machines.ladder import Light
from state_machines.stages import CLOCKED, Stage
from state_machines.working_days import local_day


def light_of(project: Project, *, now: datetime) -> Light | None:
    """Return the light at `now`; None for a stage in which no time runs."""
    if project.stage not in CLOCKED:
        return None
    if project.red_at is not None and project.red_at <= now:
        return Light.RED
    overdue = project.yellow_at is not None and project.yellow_at <= now
    return Light.YELLOW if overdue or certificate_expired(project, now=now) else Light.GREEN


def certificate_expired(project: Project, *, now: datetime) -> bool:
    """Say whether the money a leased factory rests on is certified no longer, and still needed."""
    return (
        project.stage is Stage.FACTORY_LEASED
        and project.funds_certificate_until is not None
        and project.funds_certificate_until < local_day(now)
        and project.funds_required != 0
    )


def shows(light: Light, *, now: datetime) -> ColumnElement[bool]:
    """Return the condition under which a project shows `light` at `now`."""
    red = _passed(Project.red_at <= now)
    expired = and_(
        Project.stage == Stage.FACTORY_LEASED,
        _passed(Project.funds_certificate_until < local_day(now)),
        or_(Project.funds_required.is_(None), Project.funds_required != 0),
    )
    yellow = or_(_passed(Project.yellow_at <= now), expired)
    conditions = {
        Light.RED: red,
        Light.YELLOW: and_(not_(red), yellow),
        Light.GREEN: and_(not_(red), not_(yellow)),
    }
    return and_(Project.stage.in_(CLOCKED), conditions[light])


def _passed(comparison: ColumnElement[bool]) -> ColumnElement[bool]:
    """A comparison with nothing is no, never unknown: it may be negated."""
    return func.coalesce(comparison, false())
