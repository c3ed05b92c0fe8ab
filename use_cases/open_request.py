"""Open a request: freeze what is asked, find who must agree, and ask them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import ApprovalRequest, Evidence, Project
from db.queries.policies import AdoptedPolicy
from db.queries.projects import open_hold
from db.trail import record
from state_machines.approvals import PAUSES, RequestState, Subject
from state_machines.asking import refuse_unanswerable
from state_machines.deadlines import Wait
from state_machines.errors import ReasonRequired, RequestPending
from state_machines.facts import ProjectFacts, digest
from state_machines.stages import Stage, destination
from state_machines.working_days import WorkCalendar, local_day
from use_cases.ask_step import ask_step
from use_cases.circle import circle_of
from use_cases.set_chase import set_chase


def open_request(
    session: Session,
    project: Project,
    subject: Subject,
    *,
    facts: ProjectFacts,
    waived: list[str] | None,
    adopted: AdoptedPolicy,
    by: int,
    now: datetime,
    calendar: WorkCalendar,
    reason: str | None,
    terms: dict[str, Any] | None = None,
) -> ApprovalRequest:
    """Ask for something about `project`, whose lock the caller holds, step by step.

    The policy says who must agree. Nobody is asked about a project of their own, one they edited
    last, or one they ask for. Raises `RequestPending`; `NobodyToAsk` and `QuorumOutOfReach` for a
    request that could never be agreed to; and `ReasonRequired` when the same facts were rejected
    before and no reply is given to that.
    """
    rounds = _rounds(session, project.id)
    if any(e.state is RequestState.PENDING and _excludes(e.subject, subject) for e in rounds):
        raise RequestPending(project.number)
    before = [each for each in rounds if each.subject is subject]
    papers = [[each.id, each.file_sha256] for each in _evidence(session, project.id)]
    frozen = facts.as_json()
    seal = digest(frozen | {"papers": papers})
    if reason is None and _rejected_as_it_is(before, seal):
        raise ReasonRequired(subject)
    policy, today = adopted.policy, local_day(now)
    steps = policy.steps(subject, facts.investment, override=bool(waived))
    persons = policy.persons(subject, facts.investment)
    circle = circle_of(session, project, requested_by=by, policy=policy, today=today)
    refuse_unanswerable(steps, circle, persons=persons)
    request = ApprovalRequest(
        project=project,
        previous_id=before[0].id if before else None,
        subject=subject,
        before=project.stage,
        after=_after(project, subject),
        terms=terms,
        reason=reason,
        facts=frozen,
        papers=papers,
        facts_sha256=seal,
        waived=waived,
        policy_version_id=adopted.version_id,
        requested_by_id=by,
        requested_at=now,
        state=RequestState.PENDING,
        written_steps=[step.model_dump(mode="json") for step in steps],
        persons=persons,
        step=0,
        reminded=0,
        superior_added=False,
        routed_on=today,
    )
    hold = open_hold(session, project.id, today)
    request.wait = request.step_wait = Wait(hold.until_day if hold else today)
    session.add(request)
    session.flush()
    record(
        session, project, "requested", by=by, now=now,
        request=request.id, subject=subject, terms=terms, facts_sha256=seal, waived=waived,
    )  # fmt: skip
    ask_step(session, project, request, circle, policy.deadlines, now=now, calendar=calendar)
    set_chase(request, policy.deadlines, calendar, now=now)
    return request


def _excludes(pending: Subject, subject: Subject) -> bool:
    """A project asks for one move at a time, and besides it for one hold and one extension."""
    return pending is subject or not {pending, subject} & {*PAUSES}


def _after(project: Project, subject: Subject) -> Stage:
    if subject.move is None:
        return project.stage
    return destination(project.stage, subject.move, came_from=project.stage_before)


def _rejected_as_it_is(before: Sequence[ApprovalRequest], seal: str) -> bool:
    """Say whether the very same was rejected, and nothing of the kind approved since."""
    for each in before:
        if each.state is RequestState.APPROVED:
            return False
        if each.state is RequestState.REJECTED:
            return each.facts_sha256 == seal
    return False


def _rounds(session: Session, project_id: int) -> Sequence[ApprovalRequest]:
    """Return the project's rounds of asking, the last one first."""
    return session.scalars(
        select(ApprovalRequest)
        .where(ApprovalRequest.project_id == project_id)
        .order_by(ApprovalRequest.id.desc())
    ).all()


def _evidence(session: Session, project_id: int) -> Sequence[Evidence]:
    return session.scalars(
        select(Evidence).where(Evidence.project_id == project_id).order_by(Evidence.id)
    ).all()
