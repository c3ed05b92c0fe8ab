"""Reissue pending requests: ask them again under the policy in force."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from db.models import ApprovalRequest, Project
from db.queries.policies import AdoptedPolicy, policy_in_force
from db.queries.projects import facts_of
from db.queries.requests import request_to_change
from db.trail import record
from state_machines.approvals import ApprovalState, RequestState
from state_machines.asking import refuse_unanswerable
from state_machines.errors import (
    GateNotMet,
    NobodyToAsk,
    ProjectFrozen,
    QuorumOutOfReach,
    Refusal,
    RequestClosed,
)
from state_machines.facts import ProjectFacts
from state_machines.steps import Step
from state_machines.working_days import WorkCalendar, local_day
from use_cases.access import refuse_all_but_administrators
from use_cases.ask_again import ask_again, refuse_lacking
from use_cases.circle import circle_of


@dataclass(frozen=True)
class Reissue:
    """What the policy in force would make of a request that pends under an earlier one."""

    request: ApprovalRequest
    steps: tuple[Step, ...]
    """Who would have to agree; empty if nobody, and then there is nothing to ask."""
    asked: tuple[int, ...]
    """Who is asked now."""
    would_be_asked: tuple[int, ...]
    """Who would be asked first."""
    refusal: Refusal | None
    """Why it could not be asked again."""

    @property
    def stays(self) -> bool:
        """Whether the request stays as it is: it cannot be asked again, or needs not."""
        return self.refusal is not None or not self.steps


def reissuable(session: Session, *, now: datetime) -> list[Reissue]:
    """Return what would become of each request that pends under another version; only looks."""
    adopted = policy_in_force(session)
    pending = (
        select(ApprovalRequest)
        .where(
            ApprovalRequest.state == RequestState.PENDING,
            ApprovalRequest.policy_version_id != adopted.version_id,
        )
        .order_by(ApprovalRequest.project_id, ApprovalRequest.id)
        .options(joinedload(ApprovalRequest.project), selectinload(ApprovalRequest.approvals))
    )
    return [
        _looked_at(session, request.project, request, adopted, now=now)[0]
        for request in session.scalars(pending)
    ]


def reissue_request(
    session: Session, request_id: int, *, by: int, now: datetime, calendar: WorkCalendar
) -> ApprovalRequest | None:
    """Supersede a pending request and ask it again under the policy in force, on today's facts.

    Earlier answers do not count, as after a material edit. Returns the new round; None, and
    changes nothing, where the request is of that version already, or could not be asked again, or
    would need nobody. Raises `NotFound`, `RequestClosed`, and `NotAllowed` for anybody but an
    administrator.
    """
    refuse_all_but_administrators(session, "reissue_requests", by=by, now=now)
    project, request = request_to_change(session, request_id)
    if request.state is not RequestState.PENDING:
        raise RequestClosed(request.state)
    adopted = policy_in_force(session)
    if request.policy_version_id == adopted.version_id:
        return None
    found, facts = _looked_at(session, project, request, adopted, now=now)
    if found.stays:
        return None
    again = ask_again(session, project, request, facts, adopted, by=by, now=now, calendar=calendar)
    record(
        session, project, "reissued", by=by, now=now,
        request=request.id, again=again.id if again else None,
        version=[request.policy_version_id, adopted.version_id],
    )  # fmt: skip
    return again


def _looked_at(
    session: Session,
    project: Project,
    request: ApprovalRequest,
    adopted: AdoptedPolicy,
    *,
    now: datetime,
) -> tuple[Reissue, ProjectFacts]:
    """Look at a request as asking it again would; return that with the facts it would stand on."""
    policy, facts = adopted.policy, facts_of(session, project)
    steps = policy.steps(request.subject, facts.investment, override=bool(request.waived))
    circle = circle_of(
        session,
        project,
        requested_by=request.requested_by_id,
        policy=policy,
        today=local_day(now),
    )
    refusal: Refusal | None = None
    try:
        if project.frozen_at is not None:
            raise ProjectFrozen(project.number)
        refuse_lacking(request, facts, adopted, now=now)
        if steps:
            persons = policy.persons(request.subject, facts.investment)
            refuse_unanswerable(steps, circle, persons=persons)
    except (ProjectFrozen, GateNotMet, NobodyToAsk, QuorumOutOfReach) as why:
        refusal = why
    pending = [each for each in request.current if each.state is ApprovalState.PENDING]
    first = steps[0].asks if steps and refusal is None else ()
    found = Reissue(
        request=request,
        steps=steps,
        asked=tuple(dict.fromkeys(each.person_id for each in pending)),
        would_be_asked=tuple(
            dict.fromkeys(each.person_id for role in first for each in circle.whom(role))
        ),
        refusal=refusal,
    )
    return found, facts
