"""A request as data for programs: the API answers it, and `luodi approvals … --json` prints it.

Money is whole CNY yuan, an instant is ISO 8601 in UTC, a day an ISO date of Asia/Shanghai; people
are their e-mail addresses. Whatever the code has a name for stands under that name.
"""

from datetime import date, datetime
from typing import Any, Self

from pydantic import JsonValue

from db.queries.approvals import ListedRequest
from db.queries.request_dossier import RequestDossier
from db.queries.request_parts import (
    ChangeData,
    Data,
    EarlierData,
    FreezeData,
    HoldData,
    PaperData,
    StepData,
    email_of,
)
from state_machines.approvals import RequestState, Subject
from state_machines.stages import Stage
from state_machines.working_days import WorkCalendar


class RequestLine(Data):
    """A request as a list shows it."""

    request: int
    project: str
    name: str
    subject: Subject
    before: Stage
    after: Stage
    terms: dict[str, JsonValue] | None
    """How much time is asked for: a hold's `until`, an extension's `days`."""
    state: RequestState
    requested_by: str
    requested_at: datetime
    step: int
    """Whose turn it is, from 1."""
    step_count: int
    asked: list[str]
    """Whose answer it waits for now."""
    answer_by: date | None
    """The last day for them; null where no time runs."""

    @classmethod
    def of(cls, listed: ListedRequest) -> Self:
        return cls(**_line(listed))


class RequestData(RequestLine):
    """A request with everything that its page shows."""

    reason: str | None
    owner: str | None
    persons: int
    """How many distinct persons must agree in all."""
    needs_code: bool
    """Whether a mailed link alone decides nothing."""
    expires_after: date | None
    """The last day of the request as a whole; null where no time runs."""
    nobody_since: datetime | None
    """Since when a post of this step has nobody who may answer."""
    frozen_at: datetime | None
    """Since when the project is frozen: nothing is decided meanwhile."""
    policy_version: int
    facts: dict[str, JsonValue]
    facts_sha256: str
    papers: list[PaperData]
    waived: list[str]
    """What an override lets pass."""
    missing: list[str]
    """What the gate no longer had when the last one agreed."""
    steps: list[StepData]
    settled_at: datetime | None
    settled_by: str | None
    differences: list[ChangeData]
    """Between the round before and this one."""
    changed_since: list[ChangeData]
    """On the project since the facts were frozen; it is not what is asked."""
    earlier: list[EarlierData]
    next: int | None
    """The request in which the same was asked again."""
    hold: HoldData | None
    freezes: list[FreezeData]

    @classmethod
    def of_dossier(cls, found: RequestDossier, calendar: WorkCalendar) -> Self:
        request, hold = found.request, found.hold
        return cls(
            **_line(found),
            reason=request.reason,
            owner=email_of(request.project.owner),
            persons=request.persons,
            needs_code=found.adopted.policy.needs_code(request.facts["investment"]),
            expires_after=found.expires_after(calendar),
            nobody_since=request.nobody_since,
            frozen_at=request.project.frozen_at,
            policy_version=request.policy_version_id,
            facts=request.facts,
            facts_sha256=request.facts_sha256,
            papers=[PaperData.of(each) for each in found.papers],
            waived=request.waived or [],
            missing=request.missing or [],
            steps=[StepData.of(each) for each in found.steps],
            settled_at=request.settled_at,
            settled_by=email_of(request.settled_by),
            differences=ChangeData.several(found.differences),
            changed_since=ChangeData.several(found.changed_since),
            earlier=[EarlierData.of(each) for each in found.earlier],
            next=found.next_id,
            hold=HoldData(until=hold.until_day, reason=hold.reason) if hold else None,
            freezes=[FreezeData.of(each) for each in found.freezes],
        )


def _line(listed: ListedRequest) -> dict[str, Any]:
    request = listed.request
    return {
        "request": request.id,
        "project": request.project.number,
        "name": request.project.name,
        "subject": request.subject,
        "before": request.before,
        "after": request.after,
        "terms": request.terms,
        "state": request.state,
        "requested_by": request.requested_by.email,
        "requested_at": request.requested_at,
        "step": request.step + 1,
        "step_count": len(request.written_steps),
        "asked": sorted({each.person.email for each in listed.still_asked}),
        "answer_by": listed.answer_by,
    }
