"""Ask again: what was asked no longer stands, so a new round begins on what does."""

from datetime import datetime

from sqlalchemy.orm import Session

from db.models import ApprovalRequest, Project
from db.queries.policies import AdoptedPolicy
from db.trail import record
from state_machines.approvals import RequestMove
from state_machines.errors import GateNotMet, NobodyToAsk, QuorumOutOfReach
from state_machines.facts import ProjectFacts
from state_machines.working_days import WorkCalendar, local_day
from use_cases.open_request import open_request
from use_cases.settle_request import settle_request
from use_cases.still_missing import still_missing


def ask_again(
    session: Session,
    project: Project,
    pending: ApprovalRequest,
    facts: ProjectFacts,
    adopted: AdoptedPolicy,
    *,
    by: int | None,
    now: datetime,
    calendar: WorkCalendar,
) -> ApprovalRequest | None:
    """Supersede a pending request and ask the same under `adopted`, on `facts`.

    Earlier answers do not count. Returns the new round; None, with a record of why, where the gate
    no longer holds or nobody may answer.
    """
    settle_request(session, project, pending, RequestMove.SUPERSEDE, by=by, now=now)
    session.flush()
    try:
        refuse_lacking(pending, facts, adopted, now=now)
        return open_request(
            session,
            project,
            pending.subject,
            facts=facts,
            waived=pending.waived,
            adopted=adopted,
            by=pending.requested_by_id,
            now=now,
            calendar=calendar,
            reason=pending.reason,
            terms=pending.terms,
        )
    except GateNotMet as refusal:
        why: dict[str, object] = {"missing": [*refusal.missing]}
    except NobodyToAsk as refusal:
        why = {"nobody_for": refusal.role}
    except QuorumOutOfReach as refusal:
        why = {"quorum_of_step": refusal.step}
    record(session, project, "not_asked_again", by=None, now=now, **why)
    return None


def refuse_lacking(
    pending: ApprovalRequest, facts: ProjectFacts, adopted: AdoptedPolicy, *, now: datetime
) -> None:
    """Raise `GateNotMet` if the gate that the request asks to pass no longer holds."""
    if lacking := still_missing(pending, facts, adopted.policy, on=local_day(now)):
        raise GateNotMet(pending.after, lacking)
