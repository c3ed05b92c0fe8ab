"""One request in the database beside the same request in the plain model."""

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import ApprovalRequest, Mail
from state_machines.approvals import ApprovalState
from tests.builders import LONG_AGO, Staff
from tests.reference.approvals import Round, Step
from tests.reference.posts import City, Tenure

POSTS = {
    "unit_leader": "unit_leader",
    "headquarters_head": "headquarters_head",
    "special_team_lead": "special_team_lead",
    "promotion_center_head": "promotion_center_head",
    "general_headquarters_director": "director",
    "deputy_mayor": "deputy_mayor",
}
"""The posts of the model by the names of those who hold them in `Staff`."""

TOLD = {
    "approval_asked": "asked",
    "approval_reminder": "reminded",
    "asked_no_longer": "freed",
    "receipt": "receipt",
    "facts_changed": "informed",
}


def city_of(staff: Staff, today: date) -> City:
    """The city that `found_city` founds, in the words of the model."""
    return City(
        today, [Tenure(post, getattr(staff, name), LONG_AGO) for post, name in POSTS.items()]
    )


def steps_of(request: ApprovalRequest) -> list[Step]:
    return [
        Step(
            tuple(role.value for role in step.asks),
            step.needs if isinstance(step.needs, int) else step.needs.value,
            step.veto,
        )
        for step in request.steps
    ]


@dataclass
class SideBySide:
    """What can be seen of a request in the database, each as the model names it."""

    session: Session
    request_id: int
    model: Round
    read_until: int = field(default=0)
    """The mail that was read last."""

    @property
    def request(self) -> ApprovalRequest:
        return self.session.get_one(ApprovalRequest, self.request_id)

    def waiting(self) -> set[tuple[str, str, int, int | None]]:
        return {
            (each.asked_role.value, each.post.partition("@")[0], each.person_id,
             each.on_behalf_of_id)
            for each in self.request.approvals
            if each.state is ApprovalState.PENDING
        }  # fmt: skip

    def told(self) -> set[tuple[str, int]]:
        """Who was told what since this was asked last, and nobody twice."""
        owed = self.session.execute(
            select(Mail.id, Mail.kind, Mail.person_id)
            .where(Mail.request_id == self.request_id, Mail.id > self.read_until)
            .order_by(Mail.id)
        ).all()
        self.read_until = max([self.read_until, *(number for number, _, _ in owed)])
        told = [(self._named(kind, person), person) for _, kind, person in owed]
        assert len(told) == len({*told}), f"told twice: {told}"
        return {*told} - {("alarmed", person) for _, person in told}

    def agrees(self, *, in_two_capacities: bool = False) -> None:
        """Assert that the two stand alike, and that the same people were told since.

        `in_two_capacities`: who loses one question and gets another at once may hear of both.
        """
        self.session.flush()
        self.session.expire_all()
        request, model, told = self.request, self.model, self.told()
        if in_two_capacities:
            asked = {person for what, person in model.told if what == "asked"}
            told -= {("freed", person) for person in asked} - model.told
        here = request.state.value, request.step, self.waiting(), told
        there = model.state, model.turn, model.waiting, model.told
        assert here == there, f"the engine: {here}, the model: {there}"

    def _named(self, kind: str, person: int) -> str:
        if kind == "request_settled":
            return "settled" if person == self.model.requester else "freed"
        return TOLD.get(kind, "alarmed" if kind == "nobody_answers" else kind)


def last_mail(session: Session) -> int:
    return session.scalar(select(func.max(Mail.id))) or 0
