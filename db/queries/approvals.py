"""Requests to look at: what waits for whom, what somebody asked, and one with all about it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.orm import Session, joinedload, selectinload

from db.models import (
    Approval,
    ApprovalRequest,
    Evidence,
    Freeze,
    Hold,
    Project,
)
from db.queries.dossier import with_answers
from db.queries.policies import AdoptedPolicy, policy_version, policy_versions
from db.queries.projects import facts_from, open_hold
from state_machines.approvals import ApprovalState, RequestState
from state_machines.errors import NotFound
from state_machines.steps import Step
from state_machines.working_days import WorkCalendar


@dataclass(frozen=True)
class ListedRequest:
    """A request with its project, its answers and the rules that it was opened under."""

    request: ApprovalRequest
    adopted: AdoptedPolicy

    @property
    def still_asked(self) -> list[Approval]:
        """Whose answer the request waits for now, once for each post that they are asked for."""
        if self.request.state is not RequestState.PENDING:
            return []
        return [each for each in self.request.current if each.state is ApprovalState.PENDING]

    @property
    def answer_by(self) -> date | None:
        """The last day for those who are asked now, which belongs to them.

        None where no time runs: the request is settled, or its project frozen.
        """
        return self.request.answer_by if self._time_runs else None

    def expires_after(self, calendar: WorkCalendar) -> date | None:
        """Return the last day of the request as a whole; None where no time runs."""
        days = self.adopted.policy.deadlines.request
        return self.request.wait.last_day(days, calendar) if self._time_runs else None

    @property
    def _time_runs(self) -> bool:
        pends = self.request.state is RequestState.PENDING
        return pends and self.request.project.frozen_at is None


Place = TypeVar("Place")
Due = tuple[date, int]
"""Where a page of what is due ended: the last day to answer, and the request's id."""


@dataclass(frozen=True)
class RequestPage(Generic[Place]):
    """A page of requests, and the place after which the next page begins; None on the last."""

    rows: tuple[ListedRequest, ...]
    after: Place | None


def waiting_for(
    session: Session, person_id: int, *, after: Due | None = None, limit: int
) -> RequestPage[Due]:
    """Return what waits for one person's answer, the nearest deadline first; three statements."""
    mine = select(Approval.request_id).where(
        Approval.person_id == person_id, Approval.state == ApprovalState.PENDING
    )
    place = (ApprovalRequest.answer_by, ApprovalRequest.id)
    wanted = [ApprovalRequest.id.in_(mine), ApprovalRequest.state == RequestState.PENDING]
    if after is not None:
        wanted.append(tuple_(*place) > tuple_(*after))
    rows, is_last = _page(session, wanted, place, limit)
    last_day = rows[-1].request.answer_by if rows else None
    if is_last or last_day is None:  # whatever pends has a last day
        return RequestPage(rows, None)
    return RequestPage(rows, (last_day, rows[-1].request.id))


def pending(session: Session, *, after: int | None = None, limit: int) -> RequestPage[int]:
    """Return all that waits for anybody's answer, the oldest first; three statements."""
    wanted = [ApprovalRequest.state == RequestState.PENDING]
    if after is not None:
        wanted.append(ApprovalRequest.id > after)
    return _by_id(_page(session, wanted, (ApprovalRequest.id,), limit))


def asked_by(
    session: Session, person_id: int, *, after: int | None = None, limit: int
) -> RequestPage[int]:
    """Return what one person has asked, settled or not, the newest first; three statements."""
    wanted = [ApprovalRequest.requested_by_id == person_id]
    if after is not None:
        wanted.append(ApprovalRequest.id < after)
    return _by_id(_page(session, wanted, (ApprovalRequest.id.desc(),), limit))


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


Rows = tuple[ListedRequest, ...]


def _page(
    session: Session, wanted: Iterable[ColumnElement[bool]], order: Iterable[Any], limit: int
) -> tuple[Rows, bool]:
    """Keyset pages: a request that is settled meanwhile neither repeats nor hides another.

    Returns the rows of a page, and whether it is the last.
    """
    found = session.scalars(
        select(ApprovalRequest)
        .where(*wanted)
        .order_by(*order)
        .limit(limit + 1)
        .options(
            *with_answers(),
            joinedload(ApprovalRequest.project).joinedload(Project.owner),
        )
    ).all()
    shown = found[:limit]
    rules = policy_versions(session, [each.policy_version_id for each in shown])
    rows = tuple(ListedRequest(each, rules[each.policy_version_id]) for each in shown)
    return rows, len(found) <= limit


def _by_id(page: tuple[Rows, bool]) -> RequestPage[int]:
    rows, is_last = page
    return RequestPage(rows, None if is_last else rows[-1].request.id)


def _changes(before: dict[str, Any], after: dict[str, Any]) -> Iterator[FactChange]:
    for name, value in after.items():
        if before.get(name) != value:
            yield FactChange(name, before.get(name), value)
