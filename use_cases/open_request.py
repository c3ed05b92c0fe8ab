"""Open a request: freeze what is asked, find who must agree, and ask them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Approval, ApprovalRequest, Evidence, Project
from db.queries.policies import AdoptedPolicy
from db.queries.projects import places_of
from db.queries.roster import roster_on
from db.trail import record
from notifications.mails import ApprovalAsked, ProjectName
from notifications.outbox import post
from state_machines.approvals import ApprovalState, RequestState
from state_machines.errors import NobodyToAsk, ReasonRequired, RequestPending
from state_machines.facts import ProjectFacts, digest
from state_machines.gates import RequirementKey
from state_machines.posts import Role, whom_to_ask
from state_machines.stages import Move, destination
from state_machines.working_days import local_day


def open_request(
    session: Session,
    project: Project,
    move: Move,
    *,
    facts: ProjectFacts,
    approvers: Sequence[Role],
    waived: list[str] | None,
    adopted: AdoptedPolicy,
    by: int,
    now: datetime,
    reason: str | None,
) -> ApprovalRequest:
    """Ask every role in `approvers` whether `project`, whose lock the caller holds, may `move`.

    Nobody is asked about a project of their own, one they edited last, or one they ask for. Each
    person gets one mail, whatever the number of posts. Raises `RequestPending`, `NobodyToAsk`
    naming the role, and `ReasonRequired` when the same facts were rejected before and no reply is
    given to that.
    """
    rounds = _rounds(session, project.id)
    if any(each.state is RequestState.PENDING for each in rounds):
        raise RequestPending(project.number)
    before = [each for each in rounds if each.move is move]
    papers = [[each.id, each.file_sha256] for each in _evidence(session, project.id)]
    frozen = facts.as_json()
    seal = digest(frozen | {"papers": papers})
    if reason is None and _rejected_as_it_is(before, seal):
        raise ReasonRequired(move)
    request = ApprovalRequest(
        project_id=project.id,
        previous_id=before[0].id if before else None,
        move=move,
        before=project.stage,
        after=destination(project.stage, move, came_from=project.stage_before),
        reason=reason,
        facts=frozen,
        papers=papers,
        facts_sha256=seal,
        waived=waived,
        policy_version_id=adopted.version_id,
        requested_by_id=by,
        requested_at=now,
        state=RequestState.PENDING,
    )
    roster = roster_on(session, local_day(now))
    excluded = excluded_from_deciding(project, requested_by=by)
    for role in approvers:
        asked = whom_to_ask(role, places_of(project), roster, adopted.policy.superiors, excluded)
        if asked is None:
            raise NobodyToAsk(role)
        request.approvals += [
            Approval(
                asked_role=role,
                post=str(asked.post),
                person_id=answerer.person_id,
                on_behalf_of_id=answerer.on_behalf_of,
                state=ApprovalState.PENDING,
                asked_at=now,
            )
            for answerer in asked.answerers
        ]
    session.add(request)
    session.flush()
    record(
        session, project, "requested", by=by, now=now,
        request=request.id, move=move, facts_sha256=request.facts_sha256, waived=waived,
        asked=[[each.asked_role, each.post, each.person_id] for each in request.approvals],
    )  # fmt: skip
    ask(session, request, now=now)
    return request


def excluded_from_deciding(project: Project, *, requested_by: int) -> frozenset[int]:
    """Separation of duties: requester, owner and last material editor decide nothing here."""
    people = {requested_by, project.owner_id, project.last_material_editor_id}
    return frozenset(each for each in people if each is not None)


def ask(session: Session, request: ApprovalRequest, *, now: datetime) -> None:
    """Owe each person who is asked one mail, whatever the number of their posts."""
    for person_id in dict.fromkeys(each.person_id for each in request.approvals):
        post(
            session,
            question(request, person_id, ApprovalAsked),
            to=person_id,
            key=f"asked/{request.id}/{person_id}",
            project_id=request.project_id,
            request_id=request.id,
            now=now,
        )


def question(request: ApprovalRequest, person_id: int, kind: type[ApprovalAsked]) -> ApprovalAsked:
    """Return the facts of the mail that asks one person, as the request froze them."""
    mine = [each for each in request.approvals if each.person_id == person_id]
    holder = next((each.on_behalf_of for each in mine if each.on_behalf_of), None)
    return kind(
        project=ProjectName.of(request.project),
        request_id=request.id,
        move=request.move,
        before=request.before,
        after=request.after,
        investment=request.facts["investment"],
        requested_by=request.requested_by.name,
        reason=request.reason,
        posts=tuple(each.post for each in mine),
        on_behalf_of=holder.name if holder else None,
        waived=tuple(RequirementKey(each) for each in request.waived or ()),
        asked_again=request.previous_id is not None,
    )


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
