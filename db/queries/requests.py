"""One request with its answers: locked to be changed, or to be decided."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import BindParameter, bindparam, func, select
from sqlalchemy.orm import Session, contains_eager, load_only, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from db.models import Approval, ApprovalRequest, Evidence, Person, PolicyVersion, Project
from db.queries.policies import AdoptedPolicy, sealed_policy
from db.queries.standing import Standing, standing_from, with_standing
from state_machines.errors import NotFound
from state_machines.facts import EvidenceKind


def request_to_change(session: Session, request_id: int) -> tuple[Project, ApprovalRequest]:
    """Return a request with its project locked, both as they stand after the lock."""
    _lock_project(session, request_id)
    # Read only now, whatever the caller may have read before the lock, the answers above all.
    request = session.scalars(_REQUEST, {"request": request_id}).one()
    return request.project, request


@dataclass(frozen=True)
class Case:
    """A request to be decided, its project locked, with all that the decision rests on."""

    project: Project
    request: ApprovalRequest
    adopted: AdoptedPolicy
    """The rules that it was opened under."""
    evidence: frozenset[EvidenceKind]
    standing: Standing


def case_to_decide(session: Session, request_id: int, today: date) -> Case:
    """Return a request with its project locked, and what surrounds it; raises `NotFound`.

    Two statements: what others did while we waited for the lock shows in the next one only.
    """
    _lock_project(session, request_id)
    rows = session.execute(_CASE, {"request": request_id, "today": today}).all()
    request, project, _, _, seal, kinds, *_ = rows[0]
    set_committed_value(request, "project", project)
    set_committed_value(request, "approvals", [row.Approval for row in rows])
    for row in rows:
        set_committed_value(row.Approval, "person", row.Person)
    return Case(
        project=project,
        request=request,
        adopted=sealed_policy(session, request.policy_version_id, seal),
        evidence=frozenset(map(EvidenceKind, kinds.split(",") if kinds else ())),
        standing=standing_from(session, rows[0], towards=request.after),
    )


def _lock_project(session: Session, request_id: int) -> None:
    if session.execute(_LOCK, {"request": request_id}).first() is None:
        raise NotFound("request", request_id)


_GIVEN: BindParameter[int] = bindparam("request")
_LOCK = (
    select(Project.id)
    .where(
        Project.id
        == select(ApprovalRequest.project_id).where(ApprovalRequest.id == _GIVEN).scalar_subquery()
    )
    .with_for_update()
)
_REQUEST = (
    select(ApprovalRequest)
    .join(ApprovalRequest.project)
    .where(ApprovalRequest.id == _GIVEN)
    .options(contains_eager(ApprovalRequest.project), selectinload(ApprovalRequest.approvals))
    .execution_options(populate_existing=True)
)
_CASE = with_standing(
    select(
        ApprovalRequest,
        Project,
        Approval,
        Person,
        select(PolicyVersion.sha256)
        .where(PolicyVersion.id == ApprovalRequest.policy_version_id)
        .scalar_subquery(),
        select(func.aggregate_strings(Evidence.kind, ","))
        .where(Evidence.project_id == Project.id)
        .correlate(Project)
        .scalar_subquery(),
    )
    .join(ApprovalRequest.project)
    .join(ApprovalRequest.approvals)
    .join(Approval.person)
    .where(ApprovalRequest.id == _GIVEN)
    .order_by(Approval.id)
    .options(load_only(Person.name)),
    towards=ApprovalRequest.after,
)
