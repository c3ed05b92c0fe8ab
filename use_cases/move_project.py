"""Move a project to another stage: the visit, the history, the order and the news, together."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from db.models import Order, OrderEnd, Project, StageChange, StageVisit
from db.queries.policies import AdoptedPolicy
from db.queries.projects import open_visit
from db.queries.standing import Standing, standing_of
from db.trail import record
from db.writing import append
from notifications.mails import ProjectName, StageChanged
from notifications.outbox import post
from state_machines.approvals import RequestMove
from state_machines.dates import PartialDate
from state_machines.stages import CLOCKED, FORWARD, Move, Stage, destination
from state_machines.working_days import WorkCalendar, local_day
from use_cases.clocks import wind_by
from use_cases.close_order import end_order
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
    standing: Standing | None = None,
) -> int:
    """Take `project`, whose lock the caller holds, along `move`, and tell its owner.

    Whether the gate lets it and who agreed was settled before; raises `IllegalMove` all the same.
    Requests that still ask about the stage it leaves end as superseded. A forward move closes the
    project's order and ends its hold, and so does a stage without clocks; otherwise both follow.
    `standing` is how the project stands, where that was read under its lock, and no request but the
    one that asked for the move was settled since. Returns the step's place in the history.
    """
    before, today = project.stage, local_day(now)
    after = destination(before, move, came_from=project.stage_before)
    if standing is None:
        standing = standing_of(session, project.id, after, today)
        others_pend = standing.pending > 0
    else:
        others_pend = standing.pending > 1
    if others_pend:
        for pending in pending_requests(session, project.id):
            settle_request(session, project, pending, RequestMove.SUPERSEDE, by=by, now=now)
    standing.visit.left_at = now
    hold = standing.hold
    if hold and (move in FORWARD or after not in CLOCKED):
        hold.ended_on, hold = today, None
    begins = max(today, hold.until_day) if hold else today
    visit = _enter(
        session, project, after, standing.earlier, begins=begins, now=now, calendar=calendar
    )
    project.stage, project.stage_before = after, before
    add_history(
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
    order = _settle_order(session, standing.order, move, visit, now=now)
    wind_by(
        project, visit, standing.firings, order,
        today=today, policy=standing.in_force.policy, calendar=calendar,
    )  # fmt: skip
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
            key=f"moved/{project.id}/{project.history_seq}/{project.owner_id}",
            project_id=project.id,
            now=now,
        )
    return project.history_seq


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
) -> None:
    """Append to the project's history the step that led to the stage it is in now."""
    project.history_seq += 1
    step = {
        "project_id": project.id,
        "seq": project.history_seq,
        "move": move,
        "before": before,
        "after": project.stage,
        "by_id": by,
        "effective_on": effective_on,
        "recorded_at": now,
        "reason": reason,
        "request_id": request_id,
        "policy_version_id": policy_version_id,
        "waived": waived,
    }
    append(session, StageChange, step)


def _effective(project: Project, move: Move, now: datetime) -> PartialDate:
    """When the step was taken in the world, as precisely as known: signed, started, or today."""
    dated = {Move.SIGN: project.contract_date, Move.START: project.start_date}.get(move)
    return dated or PartialDate.of(local_day(now))


def _enter(
    session: Session,
    project: Project,
    stage: Stage,
    earlier: StageVisit | None,
    *,
    begins: date,
    now: datetime,
    calendar: WorkCalendar,
) -> StageVisit:
    """Begin a visit, its clocks on the day `begins`: today, or when a hold has passed.

    Coming back resumes the days already used; only a first visit is fresh. Returns the visit as it
    will stand, without its id.
    """
    visit = {
        "project_id": project.id,
        "root_id": None,
        "stage": stage,
        "entered_at": now,
        "stage_origin": begins,
        "stage_used": 0,
        "stage_episode": 1,
        "silence_origin": begins,
        "silence_used": 0,
        "silence_episode": 1,
    }
    if earlier is not None:
        left_on = local_day(earlier.left_at or now)
        visit |= {
            "root_id": earlier.clock_id,
            "stage_used": earlier.stage_wait.spent(left_on, calendar),
            "silence_used": earlier.silence_wait.spent(left_on, calendar),
            "stage_episode": earlier.stage_episode,
            "silence_episode": earlier.silence_episode,
        }
    append(session, StageVisit, visit)
    return StageVisit(**visit)


def _settle_order(
    session: Session, order: Order | None, move: Move, visit: StageVisit, *, now: datetime
) -> Order | None:
    """Close the order or let it follow to the visit; returns the one that still stands."""
    if order is None:
        return None
    if visit.stage is Stage.LOST:
        end_order(order, OrderEnd.LOST, now=now)
    elif move in FORWARD or visit.stage is Stage.STARTED:
        end_order(order, OrderEnd.MOVED_ON, now=now)
    else:
        order.visit_id = visit.root_id or open_visit(session, order.project_id).id
        return order
    return None
