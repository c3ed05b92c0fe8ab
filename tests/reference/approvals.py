"""Rounds of asking as product.md (sections 4 and 10) tells them, in plain lists and sets.

None of Luodi's code. People are numbers, posts and roles are words (there is one city, so a role
names its post), and days are counted one at a time by who turns the calendar.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations

REMINDERS, STEP_DEADLINE, ROUND_DEADLINE = (2, 4), 5, 15
TWO_PERSONS_FROM = 1_000_000_000
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


def tier_of(investment: int | None) -> str:
    """Ten billion itself is still of the tier before."""
    amount = investment or 0
    if amount > 10_000_000_000:
        return "above_10bn"
    if amount >= 5_000_000_000:
        return "from_5bn"
    return "from_1bn" if amount >= 1_000_000_000 else "under_1bn"


@dataclass(frozen=True)
class Step:
    """Posts asked at once: all must agree, or any one, or a number of them."""

    asks: tuple[str, ...]
    needs: str | int = "all"
    veto: bool = True


LEADER, DIRECTOR = Step(("unit_leader",)), Step(("general_headquarters_director",))
TEAM_AND_CENTER = Step(("special_team_lead", "promotion_center_head"))
BY_TIER = {
    "under_1bn": [LEADER],
    "from_1bn": [LEADER, DIRECTOR],
    "from_5bn": [TEAM_AND_CENTER, LEADER, DIRECTOR],
    "above_10bn": [TEAM_AND_CENTER, LEADER, DIRECTOR, Step(("deputy_mayor",))],
}
"""Who must agree to a move that the tiers decide, in order."""


def is_agreed(step: Step, yes: Collection[tuple[str, int]]) -> bool:
    """Whether so many yeses, each a post and a person, satisfy a step; tried in every way."""
    posts = {post for post, _ in yes}
    if step.needs == "all":
        return posts >= {*step.asks}
    if step.needs == "any":
        return bool(posts)
    number = int(step.needs)
    return any(
        len({post for post, _ in some}) == number == len({person for _, person in some})
        for some in combinations(sorted(yes), number)
    )


def result(step: Step, voices: Iterable[tuple[str, int, str]]) -> str | None:
    """What a step's answers come to: post, person, and what they said or `pending`."""
    voices = [*voices]
    said = {answer for _, _, answer in voices}
    if step.veto:
        for veto in ("rejected", "sent_back"):
            if veto in said:
                return veto
    yes = {(post, person) for post, person, answer in voices if answer == "approved"}
    if is_agreed(step, yes):
        return "approved"
    waiting = {(post, person) for post, person, answer in voices if answer == "pending"}
    if said & {"rejected", "sent_back"} and not is_agreed(step, yes | waiting):
        return "rejected" if "rejected" in said else "sent_back"
    return None


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
        return [each.person for each in now if each.person not in self.left]

    def stand_in(self, person: int) -> int | None:
        now = [e for e in self.delegations if e.whose == person and e.is_on(self.today)]
        return next((e.person for e in reversed(now) if e.person not in self.left), None)

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

    def above(self, role: str, post: str, barred: Collection[int], why: str) -> list[Question]:
        for superior in self.line(post)[1:]:
            if answering := self.answering(superior, barred):
                return [Question(role, superior, *each, why) for each in answering.items()]
        return []

    def _reason(self, role: str, post: str, holder: int | None) -> str:
        if post == role:
            return "holds" if holder is None else "stands_in"
        return "excluded" if self.holders(role) else "empty"


def unanswerable(city: City, steps: list[Step], barred: Collection[int], persons: int) -> str:
    """Why a round could never be agreed to, as things stand; empty if it could."""
    everybody: set[int] = set()
    for step in steps:
        could = {(q.role, q.person) for role in step.asks for q in city.whom(role, barred)}
        if not is_agreed(step, could):
            return "quorum_out_of_reach" if could and step.needs != "all" else "nobody_to_ask"
        everybody |= {person for _, person in could}
    if len(everybody) < persons and not city.whom(steps[-1].asks[-1], barred, but=everybody):
        return "nobody_to_ask"
    return ""


@dataclass
class Asked:
    """A question put to somebody in one step, and what became of it."""

    step: int
    question: Question
    state: str = "pending"
    passed_on: bool = False
    """Reassigned, or the mail did not arrive: not to be asked for the same post again."""


ANSWERS = {"approve": "approved", "reject": "rejected", "send_back": "sent_back"}


@dataclass
class Round:
    """One request. Each event changes `state` and `asked`, and says in `told` who hears of it."""

    city: City
    steps: list[Step]
    persons: int
    requester: int
    owner: int | None = None
    editor: int | None = None
    turn: int = 0
    state: str = "pending"
    asked: list[Asked] = field(default_factory=list)
    days: int = 0
    """Working days since the opening; `step_days` since the step was asked."""
    step_days: int = 0
    reminded: int = 0
    overdue: bool = False
    told: set[tuple[str, int]] = field(default_factory=set)

    # What can be seen.

    @property
    def barred(self) -> set[int]:
        return {e for e in (self.requester, self.owner, self.editor) if e is not None}

    @property
    def waiting(self) -> set[tuple[str, str, int, int | None]]:
        """Who is asked now: for which role, as which post, who, on whose behalf."""
        return {
            (e.question.role, e.question.post, e.question.person, e.question.on_behalf_of)
            for e in self.asked
            if e.state == "pending"
        }

    @property
    def people_waiting(self) -> set[int]:
        return {person for _, _, person, _ in self.waiting}

    @property
    def agreed(self) -> set[int]:
        return {each.question.person for each in self.asked if each.state == "approved"}

    @property
    def step(self) -> Step:
        return self.steps[self.turn]

    @property
    def here(self) -> list[Asked]:
        return [each for each in self.asked if each.step == self.turn]

    @property
    def is_stuck(self) -> bool:
        """Nobody who is asked could bring the step to an end."""
        return self.state == "pending" and not self.people_waiting

    # What happens.

    def open(self) -> str:
        """Ask the first step; says why not, if it cannot be."""
        refusal = unanswerable(self.city, self.steps, self.barred, self.persons)
        if not refusal:
            self._event(self._ask_step)
        return refusal

    def answer(self, person: int, answer: str) -> str:
        """Take an answer; says why not, if it does not count."""
        given = {e.state for e in self.asked if e.question.person == person} & {*ANSWERS.values()}
        mine = [e for e in self.here if e.question.person == person and e.state == "pending"]
        if self.state == "pending" and mine:
            mine = [each for each in mine if self._may_answer(person, each.question.post)]
            if not mine:
                return "not_the_approver"
            self._event(self._answer, mine, ANSWERS[answer], by=person)
            return ""
        if given:
            return "" if ANSWERS[answer] in given else "answered_otherwise"
        if person not in {each.question.person for each in self.asked}:
            return "not_the_approver"
        return "not_the_approver" if self.state == "pending" else "closed"

    def withdraw(self, by: int) -> str:
        if by not in (self.requester, self.owner):
            return "not_allowed"
        if self.state != "pending":
            return "closed"
        self._event(self._settle, "withdrawn", by=by)
        return ""

    def supersede(self, by: int) -> None:
        self._event(self._settle, "superseded", by=by)

    def people_change(self) -> None:
        """A holder came, left or is stood in for; or somebody became the owner."""
        if self.state == "pending":
            self._event(self._reroute)

    def mail_bounces(self, person: int) -> None:
        """The question goes to the superior at once."""
        if self.state == "pending" and person in self.people_waiting:
            self._event(self._pass_up, person)

    def reassign(self, person: int, to: int) -> str:
        """Pass somebody's question on, to who may answer for the same or the superior post."""
        if self.state != "pending":
            return "closed"
        if person not in self.people_waiting:
            return "not_the_approver"
        mine = [e for e in self.here if e.question.person == person and e.state == "pending"]
        passed = {each.question.role: self._could_take(each.question, to) for each in mine}
        if to == person or not all(passed.values()) or to in self.agreed:
            return "not_eligible"
        self._event(self._reassign, mine, [q for q in passed.values() if q])
        return ""

    def day_passes(self, is_working: bool) -> None:
        """Whoever turns the calendar turns `city.today` too."""
        if self.state == "pending" and is_working:
            self.days += 1
            self.step_days += 1

    def morning(self) -> None:
        """What the machine does on a working day at nine, for however long it did nothing."""
        if self.state == "pending":
            self._event(self._chase)

    # How.

    def _event(self, happen, *args, by: int | None = None) -> None:
        """Whoever is asked something new is told, and whoever is asked nothing any more."""
        before, people_before = self.waiting, self.people_waiting
        self.told = {("receipt", by)} if happen == self._answer and by is not None else set()
        happen(*args)
        new = {(role, person) for role, _, person, _ in self.waiting}
        new -= {(role, person) for role, _, person, _ in before}
        self.told |= {("asked", person) for _, person in new}
        if self.state == "pending":
            gone = people_before - self.people_waiting - {by}
            self.told |= {("no_longer", person) for person in gone}
        else:
            self.told |= {("settled", e) for e in {*people_before, self.requester} - {by}}

    def _answer(self, mine: list[Asked], said: str) -> None:
        is_vote = not isinstance(self.step.needs, str)
        for each in mine:
            each.state = said
            for other in self.here:
                same = other.question.role == each.question.role
                if same and other.state == "pending" and not is_vote and other not in mine:
                    other.state = "moot"
        self._take_stock()

    def _take_stock(self) -> None:
        voices = [(e.question.role, e.question.person, e.state) for e in self.here]
        match result(self.step, voices):
            case None:
                return
            case "approved" if self.turn < len(self.steps) - 1:
                self._moot(self.here)
                self.turn += 1
                self._ask_step()
            case "approved":
                self._finish()
            case verdict:
                self._settle(verdict)

    def _ask_step(self) -> None:
        self.step_days, self.reminded, self.overdue = 0, 0, False
        self._ask([q for role in self.step.asks for q in self.city.whom(role, self.barred)])
        if self._is_agreed():
            self._take_stock()

    def _ask(self, questions: list[Question]) -> None:
        """Whoever has agreed in this round is not asked again; nor is a post that has agreed."""
        for each in questions:
            if each.person in self.agreed:
                self._put(each, "approved")
        covered = {e.question.role for e in self.here if e.state == "approved"}
        is_vote = not isinstance(self.step.needs, str)
        for each in questions:
            if is_vote or each.role not in covered:
                self._put(each, "pending")

    def _put(self, question: Question, state: str) -> None:
        for each in self.here:
            if (each.question.role, each.question.person) == (question.role, question.person):
                if each.state == "moot":
                    each.question, each.state = question, state
                return
        self.asked.append(Asked(self.turn, question, state))

    def _finish(self) -> None:
        """Everybody agrees; but one person alone is not enough where two must."""
        self._moot(self.here)
        if len(self.agreed) >= self.persons:
            self._settle("approved")
            return
        role = self.step.asks[-1]
        for each in self.city.whom(role, self.barred, but=self.agreed):
            self._put(replace(each, because="second_person"), "pending")

    def _settle(self, state: str) -> None:
        self.state = state
        self._moot(self.asked)

    def _reroute(self) -> None:
        roles = dict.fromkeys(self.step.asks)
        for each in self.here:
            q = each.question
            if each.state == "pending" and not self._is_asked_rightly(q):
                each.state = "moot"
        if self._is_agreed():
            self._take_stock()
            return
        for role in roles:
            if not self._has_answered(role):
                self._ask([q for q in self.city.whom(role, self.barred) if self._is_open_to(q)])
        self._take_stock()

    def _pass_up(self, person: int) -> None:
        for each in [e for e in self.here if e.question.person == person]:
            if each.state == "pending":
                each.state, each.passed_on = "moot", True
                q = each.question
                self._ask(self.city.above(q.role, q.post, self.barred, "undelivered"))
        self._take_stock()

    def _reassign(self, mine: list[Asked], questions: list[Question]) -> None:
        for each in mine:
            each.state, each.passed_on = "moot", True
        for question in questions:
            self._put(question, "pending")

    def _chase(self) -> None:
        if self.days > ROUND_DEADLINE:
            self._settle("expired")
            return
        reached = [n for n in REMINDERS if self.reminded < n <= self.step_days]
        if reached:
            self.reminded = max(reached)
            self.told |= {("reminded", person) for person in self.people_waiting}
        if self.step_days > STEP_DEADLINE and not self.overdue:
            self.overdue = True
            for each in [e for e in self.here if e.state == "pending"]:
                q = each.question
                self._ask(self.city.above(q.role, q.post, self.barred, "overdue"))
            self._take_stock()

    def _is_agreed(self) -> bool:
        voices = [(e.question.role, e.question.person, e.state) for e in self.here]
        return result(self.step, voices) == "approved"

    def _has_answered(self, role: str) -> bool:
        """In a vote everybody keeps their voice; else one answer closes a post."""
        if not isinstance(self.step.needs, str):
            return False
        return any(e.question.role == role and e.state in ANSWERS.values() for e in self.here)

    def _is_asked_rightly(self, q: Question) -> bool:
        return self.city.answering(q.post, self.barred).get(q.person, "nobody") == q.on_behalf_of

    def _is_open_to(self, q: Question) -> bool:
        return not any(
            e.passed_on and (e.question.role, e.question.person) == (q.role, q.person)
            for e in self.here
        )

    def _may_answer(self, person: int, post: str) -> bool:
        """A holder may, also while somebody stands in; so may whoever stands in."""
        if person in self.barred:
            return False
        return person in self.city.holders(post) or person in self.city.answering(post, self.barred)

    def _could_take(self, q: Question, to: int) -> Question | None:
        for post in self.city.line(q.post)[:2]:
            answering = self.city.answering(post, self.barred)
            if to in answering:
                return Question(q.role, post, to, answering[to], "reassigned")
        return None

    @staticmethod
    def _moot(rows: list[Asked]) -> None:
        for each in rows:
            if each.state == "pending":
                each.state = "moot"
