"""What a request is made of, as data for programs: steps, people, papers, earlier rounds."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, JsonValue

from db.models import Approval, ApprovalRequest, Evidence, Freeze, Person
from db.queries.request_dossier import FactChange, StepSeen, StepStanding
from state_machines.approvals import (
    Answer,
    ApprovalState,
    AskedBecause,
    NoLongerAsked,
    RequestState,
)
from state_machines.facts import EvidenceKind
from state_machines.posts import Role
from state_machines.steps import Quorum


class Data(BaseModel):
    """Base of what is said to programs: never changed once read, and nothing in it unsaid."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class AskedData(Data):
    """One person asked for one post, and what became of that."""

    role: Role
    """The post whose agreement the step needs."""
    post: str
    """The post that was asked in the end, as role@place: that one, or a superior."""
    person: str
    name: str
    on_behalf_of: str | None
    because: AskedBecause
    note: str | None
    state: ApprovalState
    no_longer: NoLongerAsked | None
    asked_at: datetime
    answer: Answer | None
    carried: bool
    """Given once, for another post of this request."""
    answered_at: datetime | None
    comment: str | None

    @classmethod
    def of(cls, row: Approval) -> Self:
        return cls(
            role=row.asked_role,
            post=row.post,
            person=row.person.email,
            name=row.person.name,
            on_behalf_of=email_of(row.on_behalf_of),
            because=row.because,
            note=row.note,
            state=row.state,
            no_longer=row.no_longer,
            asked_at=row.asked_at,
            answer=row.answer,
            carried=row.carried,
            answered_at=row.answered_at,
            comment=row.comment,
        )


class StepData(Data):
    """One step, and who was asked in it."""

    number: int
    asks: list[Role]
    needs: Quorum | int
    veto: bool
    standing: StepStanding
    people: list[AskedData]

    @classmethod
    def of(cls, seen: StepSeen) -> Self:
        return cls(
            number=seen.number,
            asks=list(seen.step.asks),
            needs=seen.step.needs,
            veto=seen.step.veto,
            standing=seen.standing,
            people=[AskedData.of(each) for each in seen.asked],
        )


class ChangeData(Data):
    """A fact that was one thing and is another."""

    fact: str
    before: JsonValue
    after: JsonValue

    @classmethod
    def several(cls, changes: Iterable[FactChange]) -> list[Self]:
        return [cls(fact=each.name, before=each.before, after=each.after) for each in changes]


class PaperData(Data):
    """A piece of evidence that the request was sealed with."""

    evidence: int
    kind: EvidenceKind
    title: str
    reference: str | None
    file_name: str | None
    file_sha256: str | None

    @classmethod
    def of(cls, paper: Evidence) -> Self:
        return cls(
            evidence=paper.id,
            kind=paper.kind,
            title=paper.title,
            reference=paper.reference,
            file_name=paper.file_name,
            file_sha256=paper.file_sha256,
        )


class EarlierData(Data):
    """A round in which the same was asked before, with the answers that do not count any more."""

    request: int
    state: RequestState
    settled_at: datetime | None
    settled_by: str | None
    answers: list[AskedData]

    @classmethod
    def of(cls, request: ApprovalRequest) -> Self:
        return cls(
            request=request.id,
            state=request.state,
            settled_at=request.settled_at,
            settled_by=email_of(request.settled_by),
            answers=[AskedData.of(each) for each in request.approvals if each.answer],
        )


class FreezeData(Data):
    """An answer that was disowned, and what an administrator made of it."""

    person: str
    frozen_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    annulled: bool | None
    reason: str | None

    @classmethod
    def of(cls, freeze: Freeze) -> Self:
        return cls(
            person=freeze.person.email,
            frozen_at=freeze.frozen_at,
            ended_at=freeze.ended_at,
            ended_by=email_of(freeze.ended_by),
            annulled=freeze.annulled,
            reason=freeze.reason,
        )


class HoldData(Data):
    """The hold that the project is under: no deadline comes nearer before its end."""

    until: date
    reason: str


def email_of(person: Person | None) -> str | None:
    return person.email if person else None
