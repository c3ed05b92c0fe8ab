"""The mails we send: each class is one folder of templates and the facts that they may use.

A mail holds no words and no links. It is put into words when it leaves, in its reader's language.
"""

from datetime import date
from typing import Any, ClassVar

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from db.models import Project
from state_machines.approvals import Answer, AskedBecause, NoLongerAsked, RequestState, Subject
from state_machines.gates import RequirementKey
from state_machines.ladder import Clock, Light, RungKey
from state_machines.pauses import PauseLimit
from state_machines.posts import Role
from state_machines.stages import Move, Stage


@dataclass(frozen=True, kw_only=True)
class ProjectName:
    """What a project is called, in as many languages as it has a name."""

    number: str
    zh: str | None
    en: str | None

    @classmethod
    def of(cls, project: Project) -> "ProjectName":
        return cls(number=project.number, zh=project.name_zh, en=project.name_en)


@dataclass(frozen=True, kw_only=True)
class Mail:
    """What happened, as plain facts. Amounts are whole CNY yuan; a post is a `PostKey` as text."""

    kind: ClassVar[str]
    """The folder of its templates, and the first part of its key."""
    priority: ClassVar[int] = 1
    """0 leaves first."""

    def facts(self) -> dict[str, Any]:
        """Return the facts as JSON values."""
        facts: dict[str, Any] = _ADAPTERS[self.kind].dump_python(self, mode="json")
        return facts


@dataclass(frozen=True, kw_only=True)
class FactChange:
    """One field before and after, as JSON values."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, kw_only=True)
class ApprovalAsked(Mail):
    """Somebody is asked to answer a request; the letter carries their link."""

    kind = "approval_asked"
    priority = 0

    project: ProjectName
    request_id: int
    subject: Subject
    before: Stage
    after: Stage
    until: date | None = None
    """The last day of the hold that is asked for."""
    days: int | None = None
    """The working days of the extension that is asked for."""
    investment: int | None
    requested_by: str
    reason: str | None
    posts: tuple[str, ...]
    """All the posts that the reader answers for in this step: one mail asks for them together."""
    because: AskedBecause = AskedBecause.HOLDS
    answer_by: date | None = None
    """The last day for the answer."""
    then_expires: bool = False
    """What comes after that day: the round expires; else the superior is asked besides."""
    note: str | None = None
    """What whoever passed the question on wrote to the reader."""
    on_behalf_of: str | None
    waived: tuple[RequirementKey, ...]
    """What the gate asks and the project lacks, if the move goes against the gate."""
    asked_again: bool
    """There was a round before this one."""
    changed: tuple[FactChange, ...] = ()
    """What has changed since that round."""


@dataclass(frozen=True, kw_only=True)
class FreshLink(ApprovalAsked):
    """The same question, as its reader asked for a fresh link: when it leaves, older ones die."""

    kind = "fresh_link"


@dataclass(frozen=True, kw_only=True)
class ApprovalReminder(ApprovalAsked):
    """The same question again, as nobody has answered yet."""

    kind = "approval_reminder"

    nudged_by: str | None = None
    """Who asked to be answered; None where it is the machine's reminder."""


@dataclass(frozen=True, kw_only=True)
class AskedNoLonger(Mail):
    """Somebody who was asked need not answer any more, while the round goes on."""

    kind = "asked_no_longer"

    project: ProjectName
    request_id: int
    subject: Subject
    why: NoLongerAsked


@dataclass(frozen=True, kw_only=True)
class DecisionCode(Mail):
    """The six-digit code that a large amount needs besides the link; it is made on leaving."""

    kind = "decision_code"
    priority = 0

    project: ProjectName
    request_id: int
    subject: Subject


@dataclass(frozen=True, kw_only=True)
class Receipt(Mail):
    """What somebody has answered, with a link that says: this was not me."""

    kind = "receipt"

    project: ProjectName
    request_id: int
    subject: Subject
    answer: Answer
    comment: str | None
    outcome: RequestState
    """How the request stood right after the answer."""


@dataclass(frozen=True, kw_only=True)
class FactsChanged(Mail):
    """Facts changed that do not touch what is asked: for who is still asked, to know."""

    kind = "facts_changed"

    project: ProjectName
    request_id: int
    subject: Subject
    changed_by: str | None
    changes: tuple[FactChange, ...]


@dataclass(frozen=True, kw_only=True)
class TierCrossed(Mail):
    """An investment crossed a tier after its approval: for the posts of the new tier, to know."""

    kind = "tier_crossed"

    project: ProjectName
    stage: Stage
    before: int | None
    after: int | None
    posts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class NobodyAnswers(Mail):
    """A pending request has a post that nobody may answer for: for the administrators."""

    kind = "nobody_answers"

    project: ProjectName
    request_id: int
    subject: Subject
    role: Role


@dataclass(frozen=True, kw_only=True)
class ProjectFroze(Mail):
    """An approver says that a decision was not theirs: for the administrators."""

    kind = "project_froze"
    priority = 0

    project: ProjectName
    request_id: int
    subject: Subject
    person: str


@dataclass(frozen=True, kw_only=True)
class FreezeEnded(Mail):
    """An administrator has looked into a disowned decision: for both people."""

    kind = "freeze_ended"

    project: ProjectName
    request_id: int
    subject: Subject
    annulled: bool
    ended_by: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class RequestSettled(Mail):
    """A round of asking is over: for who asked, and for those who had not answered yet."""

    kind = "request_settled"

    project: ProjectName
    request_id: int
    subject: Subject
    outcome: RequestState
    settled_by: str | None
    """None where the machine settled it."""
    comment: str | None
    missing: tuple[RequirementKey | PauseLimit, ...]
    """What the gate no longer had, or the rules did not leave, where that sent the round back."""
    yours: bool
    """The reader made the request; else they were asked and need not answer any more."""
    until: date | None = None
    """The last day of the hold that was asked for."""
    days: int | None = None
    """The working days of the extension that was asked for."""


@dataclass(frozen=True, kw_only=True)
class StageChanged(Mail):
    """A project has moved: for its owner."""

    kind = "stage_changed"

    project: ProjectName
    move: Move
    before: Stage
    after: Stage
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class ClockRun:
    """How long one clock has run: working days, from the day that it was started on."""

    clock: Clock
    since: date
    spent: int


@dataclass(frozen=True, kw_only=True)
class OrderItem:
    """One supervision order, as one reader is told of it."""

    order: str
    project: ProjectName
    stage: Stage
    light: Light
    rung: RungKey
    """Where the order stands."""
    clocks: tuple[ClockRun, ...]
    posts: tuple[str, ...]
    """The posts that the reader is told for; none for the project's owner."""
    copy: bool
    """For their information only: the order stands on a higher rung."""
    next_rung: RungKey | None
    next_on: date | None
    """When the next rung is due; None at the top."""


@dataclass(frozen=True, kw_only=True)
class OrdersIssued(Mail):
    """The one order mail of a person and day. What it lists is read when it leaves."""

    kind = "orders"
    priority = 2

    day: date
    items: tuple[OrderItem, ...] = ()
    """The most urgent first, and no more than one letter shows."""
    more: int = 0
    """How many others the letter only counts."""


@dataclass(frozen=True, kw_only=True)
class EmptyPost:
    """A post that nobody holds, and how many projects it is empty for."""

    post: str
    projects: int


@dataclass(frozen=True, kw_only=True)
class EmptyPostsAlarm(Mail):
    """Posts that were needed and that nobody holds: for the administrators, once a day."""

    kind = "empty_posts"

    day: date
    posts: tuple[EmptyPost, ...]


MAILS: dict[str, type[Mail]] = {
    each.kind: each
    for each in (
        *(ApprovalAsked, ApprovalReminder, FreshLink, AskedNoLonger, RequestSettled),
        *(DecisionCode, Receipt, FactsChanged, TierCrossed),
        *(NobodyAnswers, ProjectFroze, FreezeEnded),
        *(StageChanged, OrdersIssued, EmptyPostsAlarm),
    )
}


_ADAPTERS: dict[str, TypeAdapter[Any]] = {kind: TypeAdapter(each) for kind, each in MAILS.items()}


def read(kind: str, facts: dict[str, Any]) -> Mail:
    """Return the mail whose facts were stored; raises `ValueError` if they are not its."""
    mail: Mail = _ADAPTERS[kind].validate_python(facts)
    return mail
