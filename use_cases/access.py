"""Who may work on a project: asked of a look at it, and again under its lock."""

from datetime import datetime

from sqlalchemy.orm import Session

from db.models import Project
from db.queries.projects import places_of, project_to_change
from db.queries.roster import roster_on
from state_machines.access import may_work_on
from state_machines.errors import NotAllowed
from state_machines.posts import MUNICIPALITY, PostKey, Role
from state_machines.working_days import local_day


def project_to_work_on(
    session: Session, project_id: int, act: str, *, by: int | None, now: datetime
) -> Project:
    """Return the project, locked; raises `NotFound`, or `NotAllowed` naming the act.

    The machine (`by` None) may do whatever it is asked to.
    """
    project = project_to_change(session, project_id)
    refuse_others(session, project, act, by=by, now=now)
    return project


def refuse_others(
    session: Session, project: Project, act: str, *, by: int | None, now: datetime
) -> None:
    """Raise `NotAllowed`, naming the act, for whoever may not work on the project; no lock."""
    if by is not None:
        roster = roster_on(session, local_day(now))
        if not may_work_on(by, project.owner_id, places_of(project), roster):
            raise NotAllowed(act)


def refuse_all_but_administrators(session: Session, act: str, *, by: int, now: datetime) -> None:
    """Raise `NotAllowed`, naming the act, unless `by` is an administrator or stands in for one."""
    post = PostKey(Role.ADMINISTRATOR, MUNICIPALITY)
    if not roster_on(session, local_day(now)).may_decide(by, post):
        raise NotAllowed(act)
