"""Whom to ask: from the posts of a step to the people who may answer for them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from state_machines.approvals import AskedBecause
from state_machines.errors import NobodyToAsk, QuorumOutOfReach
from state_machines.posts import Answerer, Places, PostKey, Role, Roster, post_of
from state_machines.steps import Step, has_quorum, most_distinct


@dataclass(frozen=True)
class Question:
    """One person to be asked, the post that they are asked for, and why they are."""

    role: Role
    """The post of the step: its agreement is what counts."""
    post: PostKey
    """The post that is asked in the end: that one, or a superior."""
    answerer: Answerer
    because: AskedBecause

    @property
    def person_id(self) -> int:
        return self.answerer.person_id


@dataclass(frozen=True)
class Circle:
    """The people around one project, as they are on one day, and who of them may answer."""

    places: Places
    roster: Roster
    superiors: Mapping[Role, Role]
    excluded: frozenset[int]
    """Requester, owner and last material editor: they answer nothing here."""
    spared: frozenset[int] = frozenset()
    """They answer only where their post has nobody else: who certified the funds."""

    def whom(self, role: Role, *, but: Collection[int] = ()) -> tuple[Question, ...]:
        """Return who answers for a post, climbing to its superiors while nobody there may.

        Empty if nobody up the line may answer. Safe against a circle of superiors.
        """
        own = post_of(role, self.places)
        for post in self._line(role):
            if answerers := self.answering(post, but=but):
                return tuple(
                    Question(role, post, each, self._reason(own, post, each, but))
                    for each in answerers
                )
        return ()

    def above(
        self, role: Role, post: PostKey, because: AskedBecause, *, but: Collection[int] = ()
    ) -> tuple[Question, ...]:
        """Return who answers for the posts above `post`, the nearest that anybody may answer."""
        for superior in [*self._line(post.role)][1:]:
            if answerers := self.answering(superior, but=but):
                return tuple(Question(role, superior, each, because) for each in answerers)
        return ()

    def answering(self, post: PostKey, *, but: Collection[int] = ()) -> tuple[Answerer, ...]:
        """Return who may answer for one post, each person once, in their own name if they can."""
        barred = self.excluded | {*but}
        found = self.roster.answering(post, barred | self.spared) or self.roster.answering(
            post, barred
        )
        own_name_first = sorted(found, key=lambda each: each.on_behalf_of is not None)
        once = {each.person_id: each for each in reversed(own_name_first)}
        return tuple(each for each in found if once[each.person_id] is each)

    def takers(self, role: Role, post: PostKey) -> tuple[Question, ...]:
        """Return to whom a question for a post can pass: its others, or who is above it."""
        because = AskedBecause.REASSIGNED
        same = (Question(role, post, each, because) for each in self.answering(post))
        return (*same, *self.above(role, post, because))

    def may_decide(self, person_id: int, post: PostKey) -> bool:
        """Say whether a person who was asked for a post may answer for it still."""
        return self.roster.may_decide(person_id, post, self.excluded)

    def _line(self, role: Role) -> Iterator[PostKey]:
        seen: set[Role] = set()
        current: Role | None = role
        while current is not None and current not in seen:
            seen.add(current)
            if post := post_of(current, self.places):
                yield post
            current = self.superiors.get(current)

    def _reason(
        self, own: PostKey | None, post: PostKey, answerer: Answerer, but: Collection[int]
    ) -> AskedBecause:
        if post == own:
            stands_in = answerer.on_behalf_of is not None
            return AskedBecause.STANDS_IN if stands_in else AskedBecause.HOLDS
        held = own is not None and bool(self.roster.holders.get(own))
        return AskedBecause.EXCLUDED if held else AskedBecause.EMPTY


def refuse_unanswerable(steps: Sequence[Step], circle: Circle, *, persons: int) -> None:
    """Refuse a round that could never be agreed to, as things stand.

    `persons` is how many distinct persons must agree in all. Raises `NobodyToAsk` naming the post
    and `QuorumOutOfReach` naming the step, 1 for the first.
    """
    everybody: set[int] = set()
    for number, step in enumerate(steps, 1):
        eligible = {role: {each.person_id for each in circle.whom(role)} for role in step.asks}
        if not has_quorum(step, eligible):
            if isinstance(step.needs, int) and any(eligible.values()):
                raise QuorumOutOfReach(number, step.needs, most_distinct(eligible))
            raise NobodyToAsk(next(role for role in step.asks if not eligible[role]))
        everybody.update(*eligible.values())
    last = steps[-1].asks[-1]
    if len(everybody) < persons and not circle.whom(last, but=everybody):
        raise NobodyToAsk(last)
