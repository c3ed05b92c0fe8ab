"""Advance a project: move it on at once, or ask those who must agree."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from db.queries.policies import policy_in_force
from db.queries.projects import facts_of
from state_machines.approvals import Subject
from state_machines.errors import GateNotMet, IllegalMove, ProjectFrozen, ReasonRequired
from state_machines.gates import missing
from state_machines.stages import GATED, NEEDS_REASON, OFFERED, Move, destination
from state_machines.working_days import WorkCalendar, local_day
from use_cases.access import project_to_work_on
from use_cases.move_project import move_project
from use_cases.open_request import open_request
from use_cases.typed_text import prose_typed


@dataclass(frozen=True)
class Advanced:
    """The project has moved, with this step of its history."""

    history_seq: int


@dataclass(frozen=True)
class Requested:
    """Those who must agree have been asked."""

    request_id: int


def advance(
    session: Session,
    project_id: int,
    move: Move,
    *,
    by: int,
    now: datetime,
    calendar: WorkCalendar,
    reason: str | None = None,
    override: bool = False,
) -> Advanced | Requested:
    """Make `move`, or open the request that it needs.

    An override goes against the gate: what is missing is waived by name, with a reason and with
    the agreement of a second person, and stays visible in the history. Raises `NotFound`,
    `NotAllowed`, `IllegalMove`, `ReasonRequired`, `ValueRefused` (for a reason that cannot be
    kept), `GateNotMet` (everything missing at once), `ProjectFrozen`, `RequestPending`,
    `NobodyToAsk` and `QuorumOutOfReach`.
    """
    project = project_to_work_on(session, project_id, "advance", by=by, now=now)
    if project.frozen_at is not None:
        raise ProjectFrozen(project.number)
    if move not in OFFERED:
        raise IllegalMove(project.stage, move)
    after = destination(project.stage, move, came_from=project.stage_before)
    reason = prose_typed("reason", reason)
    adopted = policy_in_force(session)
    facts = facts_of(session, project)
    gate = adopted.policy.gates.get(after) if move in GATED else None
    lacking = missing(gate, facts, coming_from=project.stage, on=local_day(now))
    if lacking and not override:
        raise GateNotMet(after, lacking)
    if reason is None and (lacking or move in NEEDS_REASON):
        raise ReasonRequired(move)
    subject = Subject(move)
    if adopted.policy.steps(subject, facts.investment, override=bool(lacking)):
        request = open_request(
            session,
            project,
            subject,
            facts=facts,
            waived=list(lacking) or None,
            adopted=adopted,
            by=by,
            now=now,
            calendar=calendar,
            reason=reason,
        )
        return Requested(request.id)
    seq = move_project(
        session,
        project,
        move,
        by=by,
        now=now,
        calendar=calendar,
        adopted=adopted,
        reason=reason,
    )
    return Advanced(seq)
