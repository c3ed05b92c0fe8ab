"""End a freeze: an administrator confirms the disowned decision, or annuls it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import ApprovalRequest, Freeze, Person, Project
from db.queries.policies import policy_version
from db.queries.projects import project_to_change
from db.queries.requests import request_to_change
from db.trail import record
from notifications.mails import FreezeEnded, ProjectName
from notifications.outbox import post
from state_machines.approvals import RequestState
from state_machines.errors import NotAllowed, NotFound, ValueRefused
from state_machines.working_days import WorkCalendar, local_day
from use_cases.annul_request import annul_request
from use_cases.circle import circle_of
from use_cases.reroute import reroute
from use_cases.settle_request import pending_requests
from use_cases.sound_alarm import administrators
from use_cases.stand_still import stand_still
from use_cases.take_stock import take_stock
from use_cases.typed_text import prose_typed


def end_freeze(
    session: Session,
    project_id: int,
    *,
    annul: bool,
    reason: str | None,
    by: int,
    now: datetime,
    calendar: WorkCalendar,
) -> None:
    """Let a frozen project go on, its disowned decisions confirmed, or annulled and undone.

    Clocks and deadlines go on today with the days that they had left. Who disowned the answer, in
    whose name it was given, and who asked are told. Only administrators may. Raises `NotFound`,
    also where nothing is frozen (any more), `NotAllowed`, and `ValueRefused` without a reason.
    """
    project = project_to_change(session, project_id)
    today = local_day(now)
    if by not in administrators(session, today):
        raise NotAllowed("end_freeze")
    if project.frozen_at is None:
        raise NotFound("freeze", project.number)
    reason = prose_typed("reason", reason)
    if reason is None:
        raise ValueRefused("reason", "prose")
    since, project.frozen_at = local_day(project.frozen_at), None
    freezes = session.scalars(
        select(Freeze).where(Freeze.project_id == project.id, Freeze.ended_at.is_(None))
    ).all()
    for freeze in freezes:
        freeze.ended_at, freeze.ended_by_id = now, by
        freeze.annulled, freeze.reason = annul, reason
    record(
        session, project, "freeze_ended", by=by, now=now,
        requests=[each.request_id for each in freezes], annulled=annul, reason=reason,
    )  # fmt: skip
    stand_still(session, project, since=since, until=today, now=now, calendar=calendar)
    for freeze in freezes:
        _, request = request_to_change(session, freeze.request_id)
        if annul:
            annul_request(
                session, project, request, freeze.person_id,
                reason=reason, by=by, now=now, calendar=calendar,
            )  # fmt: skip
        _tell(session, project, request, freeze, now=now)
    _catch_up(session, project, now=now, calendar=calendar)


def _tell(
    session: Session, project: Project, request: ApprovalRequest, freeze: Freeze, *, now: datetime
) -> None:
    answered = (
        person_id
        for each in request.approvals
        if each.answer and freeze.person_id in (each.person_id, each.on_behalf_of_id)
        for person_id in (each.person_id, each.on_behalf_of_id)
        if person_id is not None
    )
    news = FreezeEnded(
        project=ProjectName.of(project),
        request_id=request.id,
        subject=request.subject,
        annulled=bool(freeze.annulled),
        ended_by=session.get_one(Person, freeze.ended_by_id).name,
        reason=freeze.reason or "",
    )
    for person_id in dict.fromkeys([*answered, request.requested_by_id]):
        post(
            session,
            news,
            to=person_id,
            key=f"freeze_ended/{freeze.id}/{person_id}",
            project_id=project.id,
            request_id=request.id,
            now=now,
        )


def _catch_up(session: Session, project: Project, *, now: datetime, calendar: WorkCalendar) -> None:
    """Do for what pends still what the freeze kept from being done: people may have changed."""
    for each in pending_requests(session, project.id):
        _, request = request_to_change(session, each.id)
        reroute(session, project, request, now=now, calendar=calendar)
        if request.state is not RequestState.PENDING:
            continue
        adopted = policy_version(session, request.policy_version_id)
        circle = circle_of(
            session,
            project,
            requested_by=request.requested_by_id,
            policy=adopted.policy,
            today=local_day(now),
        )
        take_stock(session, project, request, circle, adopted, by=None, now=now, calendar=calendar)
