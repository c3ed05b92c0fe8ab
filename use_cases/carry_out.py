"""Carry out what everybody has agreed to: the move, the hold or the extension."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from db.models import ApprovalRequest, Project
from db.queries.policies import AdoptedPolicy
from db.queries.projects import facts_of
from db.queries.standing import Standing
from state_machines.approvals import RequestMove, Subject
from state_machines.gates import RequirementKey
from state_machines.pauses import PauseLimit
from state_machines.policy import Policy
from state_machines.working_days import WorkCalendar, local_day
from use_cases.grant_extension import extension_lacks, grant_extension
from use_cases.grant_hold import grant_hold, hold_lacks
from use_cases.move_project import move_project
from use_cases.settle_request import settle_request
from use_cases.still_missing import still_missing


def carry_out(
    session: Session,
    project: Project,
    request: ApprovalRequest,
    adopted: AdoptedPolicy,
    *,
    by: int | None,
    now: datetime,
    calendar: WorkCalendar,
    comment: str | None,
    standing: Standing | None,
) -> None:
    """Settle a request as approved, and do what it asked for, in the same transaction.

    A hold or an extension that the rules no longer leave room for is sent back by the machine, and
    so is a move whose gate no longer holds, where no answer was the last word (`by` is None): an
    answer looks at the gate itself.
    """
    lacking: Sequence[PauseLimit | RequirementKey] = _lacks(
        session, request, adopted.policy, now=now, calendar=calendar
    )
    if by is None:
        facts = facts_of(session, project)
        lacking = lacking or still_missing(request, facts, adopted.policy, on=local_day(now))
    if lacking:
        settle_request(
            session, project, request, RequestMove.SEND_BACK, by=None, now=now, missing=[*lacking]
        )
        return
    settle_request(session, project, request, RequestMove.APPROVE, by=by, now=now, comment=comment)
    match request.subject:
        case Subject.HOLD:
            grant_hold(session, project, request, now=now, calendar=calendar)
        case Subject.EXTENSION:
            grant_extension(session, project, request, now=now, calendar=calendar)
        case _:
            assert request.subject.move is not None  # noqa: S101 (all other subjects are moves)
            move_project(
                session,
                project,
                request.subject.move,
                by=request.requested_by_id,
                now=now,
                calendar=calendar,
                adopted=adopted,
                reason=request.reason,
                request_id=request.id,
                waived=request.waived,
                standing=standing,
            )


def _lacks(
    session: Session,
    request: ApprovalRequest,
    policy: Policy,
    *,
    now: datetime,
    calendar: WorkCalendar,
) -> Sequence[PauseLimit]:
    match request.subject:
        case Subject.HOLD:
            return hold_lacks(session, request, policy, now=now, calendar=calendar)
        case Subject.EXTENSION:
            return extension_lacks(session, request, policy, now=now)
        case _:
            return ()
