"""The steps of a round of asking: whose agreement each needs, and when it has it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from state_machines.approvals import ApprovalState, RequestMove
from state_machines.posts import Role


class Quorum(StrEnum):
    ALL = "all"
    ANY = "any"


class Step(BaseModel):
    """Some posts that are asked at once, and how many of them must agree.

    `needs` is every one of them, any one, or a number of them, each agreed to by a person of its
    own. With `veto`, one rejection settles the whole round; without, the step is a vote, and fails
    when its quorum can no longer be reached.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    asks: tuple[Role, ...] = Field(min_length=1)
    needs: Quorum | Annotated[int, Field(ge=1)] = Quorum.ALL
    veto: bool = True

    @property
    def fewest(self) -> int:
        """How many posts must agree."""
        match self.needs:
            case Quorum.ALL:
                return len(self.asks)
            case Quorum.ANY:
                return 1
            case number:
                return number


def _spelled_out(step: object) -> object:
    return {"asks": (step,)} if isinstance(step, str) else step


WrittenStep = Annotated[Step, BeforeValidator(_spelled_out)]
"""A step as a policy may write it: a single post needs no more than its name."""


@dataclass(frozen=True)
class Voice:
    """One person asked for one post of a step, and what became of that."""

    role: Role
    person_id: int
    state: ApprovalState


def outcome(step: Step, voices: Iterable[Voice]) -> RequestMove | None:
    """Return what a step's answers call for; None while it is open.

    A sending back asks for changes; in a vote it counts as not agreeing, like a rejection, and
    decides how the vote fails only if nobody rejected.
    """
    voices = tuple(voices)
    said = {each.state for each in voices}
    if step.veto and ApprovalState.REJECTED in said:
        return RequestMove.REJECT
    if step.veto and ApprovalState.SENT_BACK in said:
        return RequestMove.SEND_BACK
    if has_quorum(step, _persons(step, voices, ApprovalState.APPROVED)):
        return RequestMove.APPROVE
    dissent = said & {ApprovalState.REJECTED, ApprovalState.SENT_BACK}
    if dissent and not is_within_reach(step, voices):
        return RequestMove.REJECT if ApprovalState.REJECTED in dissent else RequestMove.SEND_BACK
    return None


def is_within_reach(step: Step, voices: Iterable[Voice]) -> bool:
    """Say whether a step will have agreed once everybody who is asked does."""
    return has_quorum(step, _persons(step, voices, ApprovalState.APPROVED, ApprovalState.PENDING))


def has_quorum(step: Step, agreeing: Mapping[Role, Collection[int]]) -> bool:
    """Say whether a step is satisfied by the persons who agree for each post."""
    agreed = [role for role in step.asks if agreeing.get(role)]
    if isinstance(step.needs, Quorum):
        return len(set(agreed)) >= (1 if step.needs is Quorum.ANY else len(set(step.asks)))
    return most_distinct(agreeing) >= step.needs


def most_distinct(agreeing: Mapping[Role, Collection[int]]) -> int:
    """Return for how many posts somebody agrees who is counted for no other post.

    The largest matching of posts and persons, so that no order of answers changes the count.
    """
    counted_for: dict[int, Role] = {}

    def count(role: Role, tried: set[int]) -> bool:
        for person in agreeing[role]:
            if person not in tried:
                tried.add(person)
                if person not in counted_for or count(counted_for[person], tried):
                    counted_for[person] = role
                    return True
        return False

    return sum(count(role, set()) for role in agreeing)


def _persons(step: Step, voices: Iterable[Voice], *states: ApprovalState) -> dict[Role, set[int]]:
    persons: dict[Role, set[int]] = {role: set() for role in step.asks}
    for each in voices:
        if each.state in states:
            persons.setdefault(each.role, set()).add(each.person_id)
    return persons
