"""Who holds which post and who answers for it, as product.md (section 4) tells it.

None of Luodi's code. People are numbers and posts are words: there is one city, so a role names its
post.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta

SUPERIORS = {
    "case_officer": "unit_leader",
    "intake": "unit_leader",
    "unit_leader": "general_headquarters_director",
    "headquarters_head": "general_headquarters_director",
    "special_team_lead": "general_headquarters_director",
    "promotion_center_head": "general_headquarters_director",
    "general_headquarters_director": "deputy_mayor",
    "deputy_mayor": "general_headquarters_director",
}


@dataclass
class Tenure:
    """From one day to another, both included, somebody holds a post or stands in for somebody."""

    whose: str | int
    person: int
    first: date
    last: date | None = None

    def is_on(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True)
class Question:
    role: str
    """The post that the step names."""
    post: str
    """The post that is asked for it: that one, or one above."""
    person: int
    on_behalf_of: int | None
    because: str


@dataclass
class City:
    """Who holds which post, who stands in for whom, who has left; and which day it is."""

    today: date
    holdings: list[Tenure] = field(default_factory=list)
    delegations: list[Tenure] = field(default_factory=list)
    left: set[int] = field(default_factory=set)
    superiors: dict[str, str] = field(default_factory=lambda: {**SUPERIORS})

    def holders(self, post: str) -> list[int]:
        now = [each for each in self.holdings if each.whose == post and each.is_on(self.today)]
        now.sort(key=lambda each: each.first)
        return [*dict.fromkeys(each.person for each in now if each.person not in self.left)]

    def stand_in(self, person: int) -> int | None:
        now = [e for e in self.delegations if e.whose == person and e.is_on(self.today)]
        return next((e.person for e in reversed(now) if e.person not in self.left), None)

    def appoint(self, post: str, person: int, first: date, last: date | None = None) -> None:
        """Others who hold the post go on doing so."""
        joined = [
            e
            for e in self.holdings
            if (e.whose, e.person) == (post, person)
            and (e.last is None or e.last >= first)
            and (last is None or e.first <= last)
        ]
        ends = [last, *(each.last for each in joined)]
        new = Tenure(post, person, min([first, *(each.first for each in joined)]))
        new.last = None if None in ends else max(end for end in ends if end)
        at = self.holdings.index(joined[0]) if joined else len(self.holdings)
        self.holdings.insert(at, new)
        self.holdings = [e for e in self.holdings if not any(e is each for each in joined)]

    def vacate(self, post: str, person: int, last: date) -> None:
        """The last day is theirs still; days that would begin later are taken away."""
        mine = [e for e in self.holdings if (e.whose, e.person) == (post, person)]
        for each in mine:
            if each.first > last:
                self.holdings.remove(each)
            elif each.last is None or each.last > last:
                each.last = last

    def leave(self, person: int) -> None:
        for post in {each.whose for each in self.holdings}:
            self.vacate(str(post), person, self.today)
        self.left.add(person)

    def may_delegate(self, holder: int, stand_in: int, first: date, last: date) -> bool:
        """One stand-in a day, no circle, and no chain of more than two; tried day by day."""
        if holder == stand_in or last < first or {holder, stand_in} & self.left:
            return False
        day = first
        while day <= last:
            standing = {
                e.whose: e.person
                for e in self.delegations
                if e.is_on(day) and not {e.whose, e.person} & self.left
            }
            if holder in standing:
                return False
            standing[holder] = stand_in
            if any(_links(each, standing) > 2 for each in standing):
                return False
            day += timedelta(days=1)
        return True

    def answering(self, post: str, barred: Collection[int]) -> dict[int, int | None]:
        """Who answers for a post, each with the holder they stand in for; in their own name first.

        A delegation is followed twice, never to somebody barred, and never for somebody barred.
        """
        found: dict[int, int | None] = {}
        for holder in self.holders(post):
            if holder in barred:
                continue
            chain = [holder]
            while len(chain) <= 2:
                further = self.stand_in(chain[-1])
                if further is None or further in barred or further in chain:
                    break
                chain.append(further)
            if chain[-1] == holder:
                found[holder] = None
            else:
                found.setdefault(chain[-1], holder)
        return found

    def line(self, role: str) -> list[str]:
        """A post and those above it, each once."""
        posts: list[str] = []
        while role and role not in posts:
            posts.append(role)
            role = self.superiors.get(role, "")
        return posts

    def whom(self, role: str, barred: Collection[int], but: Collection[int] = ()) -> list[Question]:
        """Who is asked for a post: the nearest up the line that anybody may answer for."""
        for post in self.line(role):
            if answering := self.answering(post, {*barred, *but}):
                return [
                    Question(role, post, person, holder, self._reason(role, post, holder))
                    for person, holder in answering.items()
                ]
        return []

    def above(
        self, role: str, post: str, why: str, barred: Collection[int], but: Collection[int] = ()
    ) -> list[Question]:
        """Who is asked above a post: again the nearest that anybody may answer for."""
        for superior in self.line(post)[1:]:
            if answering := self.answering(superior, {*barred, *but}):
                return [Question(role, superior, *each, why) for each in answering.items()]
        return []

    def may_answer(self, person: int, post: str, barred: Collection[int]) -> bool:
        """A holder may, also while somebody stands in; so may whoever stands in."""
        if person in barred:
            return False
        return person in self.holders(post) or person in self.answering(post, barred)

    def _reason(self, role: str, post: str, holder: int | None) -> str:
        if post == role:
            return "holds" if holder is None else "stands_in"
        return "excluded" if self.holders(role) else "empty"


def _links(person: int | str, standing: dict[int | str, int]) -> int:
    """How many stand in one for another from a person on; a circle never ends."""
    count = 0
    while person in standing and count <= len(standing):
        person, count = standing[person], count + 1
    return count
