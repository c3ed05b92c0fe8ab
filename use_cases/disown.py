"""Disown an answer: an approver says that it was not them, and the project stands still."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import ApprovalRequest, Freeze, Person, Project
from db.queries.receipts import may_disown
from db.queries.requests import request_to_change
from db.trail import record
from notifications import links
from notifications.mails import ProjectFroze, ProjectName
from notifications.outbox import post
from state_machines.errors import LinkDead, NotTheApprover
from state_machines.working_days import WorkCalendar, local_day
from use_cases.sound_alarm import administrators
from use_cases.stand_still import stand_still


def disown(
    session: Session, request_id: int, person_id: int, *, now: datetime, calendar: WorkCalendar
) -> None:
    """Freeze a project, as a person disowns the answer given by them, or in their name.

    Until an administrator has looked into it, it neither moves nor is anything decided about it,
    and its clocks stand still. The person's links, to whatever else, die with it. Safe to repeat
    while the freeze lasts. Raises `NotFound`, `NotTheApprover`, and `LinkDead` once the project has
    moved on since, or the answer was looked into already.
    """
    project, request = request_to_change(session, request_id)
    if not _answered(request, person_id):
        raise NotTheApprover
    earlier = _freezes(session, request_id, person_id)
    if any(each.ended_at is None for each in earlier):
        return
    if earlier or not may_disown(session, request_id, person_id):
        raise LinkDead
    today = local_day(now)
    session.add(
        Freeze(project_id=project.id, request_id=request.id, person_id=person_id, frozen_at=now)
    )
    links.revoke_all_of(session, person_id, now=now)
    if project.frozen_at is None:
        project.frozen_at = now
        stand_still(session, project, since=today, until=today, now=now, calendar=calendar)
    record(session, project, "disowned", by=person_id, now=now, request=request.id)
    _tell_administrators(session, project, request, person_id, now=now)


def _freezes(session: Session, request_id: int, person_id: int) -> Sequence[Freeze]:
    return session.scalars(
        select(Freeze).where(Freeze.request_id == request_id, Freeze.person_id == person_id)
    ).all()


def _answered(request: ApprovalRequest, person_id: int) -> bool:
    return any(
        each.answer is not None and person_id in (each.person_id, each.on_behalf_of_id)
        for each in request.approvals
    )


def _tell_administrators(
    session: Session, project: Project, request: ApprovalRequest, person_id: int, *, now: datetime
) -> None:
    news = ProjectFroze(
        project=ProjectName.of(project),
        request_id=request.id,
        subject=request.subject,
        person=session.get_one(Person, person_id).name,
    )
    for administrator in administrators(session, local_day(now)):
        post(
            session,
            news,
            to=administrator,
            key=f"project_froze/{request.id}/{person_id}/{administrator}",
            project_id=project.id,
            request_id=request.id,
            now=now,
        )
