"""Move a project to another stage: the visit, the history, the order and the news, together."""

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import OrderEnd, Project, StageChange, StageVisit
from db.queries.policies import AdoptedPolicy, policy_in_force
from db.queries.projects import open_hold, open_visit
from db.trail import record
from notifications.mails import ProjectName, StageChanged
from notifications.outbox import post
from state_machines.approvals import RequestMove
from state_machines.dates import PartialDate
from state_machines.stages import CLOCKED, FORWARD, Move, Stage, destination
from state_machines.working_days import WorkCalendar, local_day
from use_cases.clocks import wind
from use_cases.close_order import close_order, open_order
from use_cases.settle_request import pending_requests, settle_request


def move_project(
    session: Session,
    project: Project,
    move: Move,
    *,
    by: int | None,
    now: datetime,
    calendar: WorkCalendar,
    adopted: AdoptedPolicy,
    reason: str | None = None,
    request_id: int | None = None,
    waived: list[str] | None = None,
) -> StageChange:
    """Take `project`, whose lock the caller holds, along `move`, and tell its owner.

    Whether the gate lets it and who agreed was settled before; raises `IllegalMove` all the same.
    Requests that still ask about the stage it leaves end as superseded. A forward move closes the
    project's order and ends its hold, and so does a stage without clocks; otherwise both follow.
    """
    before = project.stage
    after = destination(before, move, came_from=project.stage_before)
    for pending in pending_requests(session, project.id):
        settle_request(session, project, pending, RequestMove.SUPERSEDE, by=by, now=now)
    left = open_visit(session, project.id)
    left.left_at = now
    # The unique index allows one open visit: the old one is closed before the next begins.
    session.flush()
    hold = open_hold(session, project.id, local_day(now))
    if hold and (move in FORWARD or after not in CLOCKED):
        hold.ended_on, hold = local_day(now), None
    begins = max(local_day(now), hold.until_day) if hold else local_day(now)
    visit = _enter(session, project, after, begins=begins, now=now, calendar=calendar)
    project.stage, project.stage_before = after, before
    change = add_history(
        session,
        project,
        move=move,
        before=before,
        by=by,
        now=now,
        policy_version_id=adopted.version_id,
        effective_on=_effective(project, move, now),
        reason=reason,
        request_id=request_id,
        waived=waived,
    )
    _settle_order(session, project, move, visit, now=now)
    policy = policy_in_force(session).policy
    wind(session, project, visit, today=local_day(now), policy=policy, calendar=calendar)
    record(
        session, project, "moved", by=by, now=now,
        move=move, before=before, after=after, reason=reason, waived=waived,
    )  # fmt: skip
    # Who asked for the move, or made it, knows already.
    if project.owner_id is not None and project.owner_id != by:
        news = StageChanged(
            project=ProjectName.of(project),
            move=move,
            before=before,
            after=after,
            reason=reason,
        )
        post(
            session,
            news,
            to=project.owner_id,
            key=f"moved/{change.id}/{project.owner_id}",
            project_id=project.id,
            now=now,
        )
    return change


def add_history(
    session: Session,
    project: Project,
    *,
    move: Move | None,
    before: Stage | None,
    by: int | None,
    now: datetime,
    policy_version_id: int,
    effective_on: PartialDate,
    reason: str | None = None,
    request_id: int | None = None,
    waived: list[str] | None = None,
) -> StageChange:
    """Append to the project's history the step that led to the stage it is in now."""
    project.history_seq += 1
    change = StageChange(
        project_id=project.id,
        seq=project.history_seq,
        move=move,
        before=before,
        after=project.stage,
        by_id=by,
        effective_on=effective_on,
        recorded_at=now,
        reason=reason,
        request_id=request_id,
        policy_version_id=policy_version_id,
        waived=waived,
    )
    session.add(change)
    session.flush()
    return change


def _effective(project: Project, move: Move, now: datetime) -> PartialDate:
    """When the step was taken in the world, as precisely as known: signed, started, or today."""
    dated = {Move.SIGN: project.contract_date, Move.START: project.start_date}.get(move)
    return dated or PartialDate.of(local_day(now))


def _enter(
    session: Session,
    project: Project,
    stage: Stage,
    *,
    begins: date,
    now: datetime,
    calendar: WorkCalendar,
) -> StageVisit:
    """Begin a visit, its clocks on the day `begins`: today, or when a hold has passed.

    Coming back resumes the days already used; only a first visit is fresh.
    """
    visit = StageVisit(
        project_id=project.id,
        stage=stage,
        entered_at=now,
        stage_origin=begins,
        stage_used=0,
        stage_episode=1,
        silence_origin=begins,
        silence_used=0,
        silence_episode=1,
    )
    if earlier := _last_visit(session, project.id, stage):
        left_on = local_day(earlier.left_at or now)
        visit.root_id = earlier.clock_id
        visit.stage_used = earlier.stage_used + calendar.between(earlier.stage_origin, left_on)
        visit.silence_used = earlier.silence_used + calendar.between(
            earlier.silence_origin, left_on
        )
        visit.stage_episode = earlier.stage_episode
        visit.silence_episode = earlier.silence_episode
    session.add(visit)
    session.flush()
    return visit


def _last_visit(session: Session, project_id: int, stage: Stage) -> StageVisit | None:
    newest = select(func.max(StageVisit.id)).where(
        StageVisit.project_id == project_id, StageVisit.stage == stage
    )
    return session.scalars(
        select(StageVisit).where(StageVisit.id == newest.scalar_subquery())
    ).first()


def _settle_order(
    session: Session, project: Project, move: Move, visit: StageVisit, *, now: datetime
) -> None:
    if visit.stage is Stage.LOST:
        close_order(session, project, OrderEnd.LOST, now=now)
    elif move in FORWARD or visit.stage is Stage.STARTED:
        close_order(session, project, OrderEnd.MOVED_ON, now=now)
    elif order := open_order(session, project):
        order.visit_id = visit.clock_id
