"""Lock a project for somebody who may work on it."""

from datetime import datetime

from sqlalchemy.orm import Session

from db.models import Project
from db.queries.projects import places_of, project_to_change
from db.queries.roster import roster_on
from state_machines.access import may_work_on
from state_machines.errors import NotAllowed
from state_machines.working_days import local_day


def project_to_work_on(
    session: Session, project_id: int, act: str, *, by: int | None, now: datetime
) -> Project:
    """Return the project, locked; raises `NotFound`, or `NotAllowed` naming the act.

    The machine (`by` None) may do whatever it is asked to.
    """
    project = project_to_change(session, project_id)
    if by is not None:
        roster = roster_on(session, local_day(now))
        if not may_work_on(by, project.owner_id, places_of(project), roster):
            raise NotAllowed(act)
    return project
