"""One project with everything that its page shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from db.models import (
    Approval,
    ApprovalRequest,
    AuditEntry,
    Evidence,
    Extension,
    Hold,
    Order,
    OrderNotice,
    ProgressNote,
    Project,
    StageChange,
    StageVisit,
)
from db.queries.projects import open_visit
from state_machines.errors import NotFound
from state_machines.stages import Move

LATEST_ACTS = 30


@dataclass(frozen=True)
class Dossier:
    """A project and what is written down about it, each list with the newest first."""

    project: Project
    visit: StageVisit
    notes: Sequence[ProgressNote]
    requests: Sequence[ApprovalRequest]
    holds: Sequence[Hold]
    extensions: Sequence[Extension]
    orders: Sequence[Order]
    notices: Sequence[OrderNotice]
    history: Sequence[StageChange]
    acts: Sequence[AuditEntry]
    """The latest of the audit trail."""

    @property
    def revivals(self) -> int:
        """How often the project was lost and came back."""
        return sum(each.move is Move.REVIVE for each in self.history)

    def told(self, order: Order) -> list[OrderNotice]:
        """Return who was told of an order, each once per mail, though both clocks fired."""
        mine = [each for each in self.notices if each.order_id == order.id]
        return list({(each.person_id, each.mail_id): each for each in mine}.values())


def dossier(session: Session, number: str) -> Dossier:
    """Return the dossier of the project with this number; raises `NotFound`.

    A constant number of statements, however much has happened to the project.
    """
    project = session.scalars(
        select(Project)
        .where(Project.number == number)
        .options(
            joinedload(Project.unit),
            joinedload(Project.headquarters),
            joinedload(Project.special_team),
            joinedload(Project.owner),
            selectinload(Project.evidence).joinedload(Evidence.added_by),
        )
    ).one_or_none()
    if project is None:
        raise NotFound("project", number)
    orders = session.scalars(
        select(Order)
        .where(Order.project_id == project.id)
        .order_by(Order.id.desc())
        .options(selectinload(Order.firings))
    ).all()
    return Dossier(
        project=project,
        visit=open_visit(session, project.id),
        notes=session.scalars(
            select(ProgressNote)
            .where(ProgressNote.project_id == project.id)
            .order_by(ProgressNote.effective_on.desc(), ProgressNote.id.desc())
            .options(joinedload(ProgressNote.by))
        ).all(),
        requests=session.scalars(
            select(ApprovalRequest)
            .where(ApprovalRequest.project_id == project.id)
            .order_by(ApprovalRequest.id.desc())
            .options(*with_answers())
        ).all(),
        holds=session.scalars(
            select(Hold).where(Hold.project_id == project.id).order_by(Hold.id.desc())
        ).all(),
        extensions=session.scalars(
            select(Extension)
            .where(Extension.project_id == project.id)
            .order_by(Extension.id.desc())
        ).all(),
        orders=orders,
        notices=session.scalars(
            select(OrderNotice)
            .where(OrderNotice.order_id.in_([order.id for order in orders]))
            .order_by(OrderNotice.id)
            .options(
                joinedload(OrderNotice.person),
                joinedload(OrderNotice.on_behalf_of),
                joinedload(OrderNotice.mail),
            )
        ).all(),
        history=session.scalars(
            select(StageChange)
            .where(StageChange.project_id == project.id)
            .order_by(StageChange.seq.desc())
            .options(joinedload(StageChange.by))
        ).all(),
        acts=session.scalars(
            select(AuditEntry)
            .where(AuditEntry.project_id == project.id)
            .order_by(AuditEntry.seq.desc())
            .limit(LATEST_ACTS)
            .options(joinedload(AuditEntry.by))
        ).all(),
    )


def with_answers() -> tuple[ORMOption, ...]:
    """What to load with a request so that it can be shown: who asked, who answered what."""
    return (
        joinedload(ApprovalRequest.requested_by),
        joinedload(ApprovalRequest.settled_by),
        selectinload(ApprovalRequest.approvals).options(
            joinedload(Approval.person), joinedload(Approval.on_behalf_of)
        ),
    )
