"""Park a project whose rules fail, so that one bad row holds up nobody else."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from db.queries.projects import project_to_change

AN_HOUR = timedelta(hours=1)
LONGEST_ERROR = 500


def park_project(session: Session, project_id: int, *, error: str, as_of: datetime) -> None:
    """Leave the project out of sweeps for an hour of `as_of`, with the error to be seen."""
    project = project_to_change(session, project_id)
    project.parked_until = as_of + AN_HOUR
    project.parked_error = error[:LONGEST_ERROR]
