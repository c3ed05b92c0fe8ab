"""Certify that a project's funds are ready: the promotion center's act."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from db.queries.projects import places_of, project_to_change
from db.queries.roster import roster_on
from db.trail import record
from state_machines.errors import NotAllowed, ValueRefused
from state_machines.posts import Role, post_of
from state_machines.working_days import local_day


def certify_funds(
    session: Session, project_id: int, *, until: date, by: int, now: datetime
) -> None:
    """State that the funds named in the project are ready; the certificate holds to `until`.

    Certifying is not editing: it keeps nobody from approving. Raises `NotFound`, `NotAllowed` for
    anybody outside the promotion center, and `ValueRefused` for a certificate that has expired
    already or for funds that nobody has named, or that are not enough.
    """
    project = project_to_change(session, project_id)
    today = local_day(now)
    post = post_of(Role.PROMOTION_CENTER_HEAD, places_of(project))
    if post is None or not roster_on(session, today).answers(by, post):
        raise NotAllowed("certify_funds")
    if until < today:
        raise ValueRefused("funds_certificate_until", "not in the past", until)
    if project.funds_required is None:
        raise ValueRefused("funds_required", "filled in first")
    if project.funds_ready is None or project.funds_ready < project.funds_required:
        raise ValueRefused("funds_ready", "at least the funds required", project.funds_ready)
    project.funds_certified_on, project.funds_certificate_until = today, until
    project.funds_certified_by_id = by
    project.edition += 1
    record(session, project, "funds_certified", by=by, now=now, until=until.isoformat())
