"""Requests page by page: what waits for whom, whatever waits, what somebody has asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.orm import Session, joinedload

from db.models import Approval, ApprovalRequest, Project
from db.queries.dossier import with_answers
from db.queries.policies import AdoptedPolicy, policy_versions
from state_machines.approvals import ApprovalState, RequestState
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
