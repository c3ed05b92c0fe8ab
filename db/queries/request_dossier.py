"""One request with everything that its page shows: steps, who was asked and why, differences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from db.models import Approval, ApprovalRequest, Evidence, Freeze, Hold, Project
from db.queries.approvals import ListedRequest
from db.queries.dossier import with_answers
from db.queries.policies import policy_version
from db.queries.projects import facts_from, open_hold
from state_machines.approvals import RequestState
from state_machines.errors import NotFound
from state_machines.steps import Step


class StepStanding(StrEnum):
    """How one step of a request stands."""

    AGREED = "agreed"
    ASKED = "asked"
    """Its turn is now."""
    TO_COME = "to_come"
    CLOSED = "closed"
    """The request was settled before this step could agree."""


@dataclass(frozen=True)
class StepSeen:
    """One step of a request, from 1, with those asked in it so far."""

    number: int
    step: Step
    standing: StepStanding
    asked: tuple[Approval, ...]


@dataclass(frozen=True)
class FactChange:
    """A fact that was one thing and is another, both as a request freezes facts."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class RequestDossier(ListedRequest):
    """One request with everything that its page shows."""

    earlier: Sequence[ApprovalRequest]
    """The rounds in which the same was asked before, the last one first."""
    next_id: int | None
    """The round in which it was asked again."""
    hold: Hold | None
    """The hold that the project is under today: no deadline comes nearer meanwhile."""
    freezes: Sequence[Freeze]
    """By whom an answer to this request was disowned, and what came of it; the last one first."""

    @property
    def steps(self) -> tuple[StepSeen, ...]:
        return tuple(
            StepSeen(
                index + 1,
                step,
                self._standing(index),
                tuple(each for each in self.request.approvals if each.step == index),
            )
            for index, step in enumerate(self.request.steps)
        )

    @property
    def papers(self) -> list[Evidence]:
        """The evidence that the request was sealed with, and none that came later."""
        sealed = {evidence_id for evidence_id, _ in self.request.papers}
        return [each for each in self.request.project.evidence if each.id in sealed]

    @property
    def differences(self) -> list[FactChange]:
        """What has changed between the round before and this one."""
        if not self.earlier:
            return []
        return list(_changes(self.earlier[0].facts, self.request.facts))

    @property
    def changed_since(self) -> list[FactChange]:
        """What has changed on the project since a pending request froze it: it is not asked."""
        if self.request.state is not RequestState.PENDING:
            return []
        project = self.request.project
        today = facts_from(project, {each.kind for each in project.evidence}).as_json()
        return list(_changes(self.request.facts, today))

    def _standing(self, index: int) -> StepStanding:
        request = self.request
        if index < request.step or request.state is RequestState.APPROVED:
            return StepStanding.AGREED
        if request.state is not RequestState.PENDING:
            return StepStanding.CLOSED
        return StepStanding.ASKED if index == request.step else StepStanding.TO_COME


def request_dossier(session: Session, request_id: int, *, today: date) -> RequestDossier:
    """Return one request with all about it; raises `NotFound`. A constant number of statements."""
    request = session.scalars(
        select(ApprovalRequest)
        .where(ApprovalRequest.id == request_id)
        .options(
            *with_answers(),
            joinedload(ApprovalRequest.project).options(
                joinedload(Project.owner), selectinload(Project.evidence)
            ),
        )
    ).one_or_none()
    if request is None:
        raise NotFound("request", request_id)
    return RequestDossier(
        request=request,
        adopted=policy_version(session, request.policy_version_id),
        earlier=session.scalars(
            select(ApprovalRequest)
            .where(
                ApprovalRequest.project_id == request.project_id,
                ApprovalRequest.subject == request.subject,
                ApprovalRequest.id < request.id,
            )
            .order_by(ApprovalRequest.id.desc())
            .options(*with_answers())
        ).all(),
        next_id=session.scalar(
            select(ApprovalRequest.id)
            .where(
                ApprovalRequest.project_id == request.project_id,
                ApprovalRequest.previous_id == request.id,
            )
            .order_by(ApprovalRequest.id)
            .limit(1)
        ),
        hold=open_hold(session, request.project_id, today),
        freezes=session.scalars(
            select(Freeze)
            .where(Freeze.request_id == request.id)
            .order_by(Freeze.id.desc())
            .options(joinedload(Freeze.person), joinedload(Freeze.ended_by))
        ).all(),
    )


def _changes(before: dict[str, Any], after: dict[str, Any]) -> Iterator[FactChange]:
    for name, value in after.items():
        if before.get(name) != value:
            yield FactChange(name, before.get(name), value)
