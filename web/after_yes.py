"""What comes after a reader's yes: who must still agree, or that it comes true at once."""

from dataclasses import dataclass

from db.models import ApprovalRequest
from state_machines.approvals import ApprovalState, RequestMove
from state_machines.asking import Circle
from state_machines.posts import Role
from state_machines.steps import Quorum, Step, Voice, has_quorum, outcome


@dataclass(frozen=True)
class AfterYes:
    """Who must still agree once one person has; nobody and nothing means that it comes true."""

    posts: tuple[str, ...]
    """The others of this step."""
    steps: tuple[Step, ...]
    """Those that have not had their turn."""
    further_person: bool
    """All posts would have agreed, but by too few persons: somebody else is asked besides."""

    @property
    def comes_true(self) -> bool:
        return not (self.posts or self.steps or self.further_person)


def after_yes(request: ApprovalRequest, person_id: int, circle: Circle) -> AfterYes:
    """Say what a yes of one of those who are asked now would lead to.

    A later step that those who have agreed by then would be asked in has agreed with them.
    """
    agreed = {e.person_id for e in request.approvals if e.state is ApprovalState.APPROVED}
    agreed.add(person_id)
    step = request.steps[request.step]
    later = tuple(
        each
        for each in request.steps[request.step + 1 :]
        if not has_quorum(each, {role: _asked(role, circle) & agreed for role in each.asks})
    )
    waiting = [each for each in request.current if each.state is ApprovalState.PENDING]
    mine = {each.asked_role for each in waiting if each.person_id == person_id}
    voices = [
        Voice(
            each.asked_role,
            each.person_id,
            ApprovalState.APPROVED
            if each in waiting and each.person_id == person_id
            else each.state,
        )
        for each in request.current
    ]
    if outcome(step, voices) is RequestMove.APPROVE:
        too_few = len(agreed) < request.persons
        return AfterYes((), later, further_person=not later and too_few)
    # In a vote the others of a post keep their voice; else its first answer is the post's.
    answered = mine if isinstance(step.needs, Quorum) else set()
    others = [
        each.post
        for each in waiting
        if each.person_id != person_id and each.asked_role not in answered
    ]
    return AfterYes(tuple(dict.fromkeys(others)), later, further_person=False)


def _asked(role: Role, circle: Circle) -> set[int]:
    return {each.person_id for each in circle.whom(role)}
