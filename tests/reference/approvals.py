"""Rounds of asking as product.md (sections 4 and 10) tells them, in plain lists and sets.

None of Luodi's code. People are numbers, posts and answers are words, and days are counted one at
a time by who turns the calendar.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from itertools import combinations

from tests.reference.posts import City, Question

REMINDERS, STEP_DEADLINE, ROUND_DEADLINE = (2, 4), 5, 15
TWO_PERSONS_FROM = 1_000_000_000
ANSWERS = {"approve": "approved", "reject": "rejected", "send_back": "sent_back"}


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
    lost_by: str = ""
    """`reassigned` or `undelivered`: whoever lost it so is not asked it again."""


@dataclass
class Round:
    """One request. Each event changes `state` and `asked`, and says in `told` who hears of it.

    `asked` something new; `freed` of all that they were asked; `settled`, for who requested it;
    `reminded`; a `receipt` for an answer.
    """

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
    nudged: bool = False
    """Since the last working day began; days off count with the one after them."""
    told: set[tuple[str, int]] = field(default_factory=set)

    @property
    def barred(self) -> set[int]:
        """Separation of duties."""
        return {e for e in (self.requester, self.owner, self.editor) if e is not None}

    @property
    def step(self) -> Step:
        return self.steps[self.turn]

    @property
    def is_vote(self) -> bool:
        """In a vote everybody keeps their voice; else the first answer closes a post."""
        return not isinstance(self.step.needs, str)

    @property
    def here(self) -> list[Asked]:
        return [each for each in self.asked if each.step == self.turn]

    @property
    def pending(self) -> list[Asked]:
        return [each for each in self.here if each.state == "pending"]

    @property
    def waiting(self) -> set[tuple[str, str, int, int | None]]:
        """Who is asked now: for which role, as which post, who, on whose behalf."""
        questions = (each.question for each in self.pending)
        return {(q.role, q.post, q.person, q.on_behalf_of) for q in questions}

    @property
    def people_waiting(self) -> set[int]:
        return {each.question.person for each in self.pending}

    @property
    def agreed(self) -> set[int]:
        return {each.question.person for each in self.asked if each.state == "approved"}

    @property
    def heard(self) -> set[int]:
        """Who has answered in this step: nobody answers twice."""
        return {e.question.person for e in self.here if e.state in ANSWERS.values()}

    def open(self) -> str:
        """Ask the first step; says why not, if it cannot be."""
        refusal = unanswerable(self.city, self.steps, self.barred, self.persons)
        if not refusal:
            self._tell(self._ask_step)
        return refusal

    def answer(self, person: int, answer: str, *, gate_holds: bool = True) -> str:
        """Take an answer; says why not, if it does not count."""
        mine = [each for each in self.pending if each.question.person == person]
        if self.state == "pending" and mine:
            able = [e for e in mine if self.city.may_answer(person, e.question.post, self.barred)]
            if able:
                self._tell(lambda: self._answer(able, ANSWERS[answer], gate_holds), by=person)
                self.told.add(("receipt", person))
            return "" if able else "not_the_approver"
        given = {e.state for e in self.asked if e.question.person == person} & {*ANSWERS.values()}
        if given:
            return "" if ANSWERS[answer] in given else "answered_otherwise"
        was_asked = any(each.question.person == person for each in self.asked)
        return "closed" if was_asked and self.state != "pending" else "not_the_approver"

    def withdraw(self, by: int) -> str:
        if by not in (self.requester, self.owner):
            return "not_allowed"
        if self.state != "pending":
            return "closed"
        self.end("withdrawn", by=by)
        return ""

    def end(self, state: str, by: int | None) -> None:
        """Withdrawn, or superseded by an edit."""
        self._tell(lambda: self._settle(state), by=by)

    @property
    def is_stuck(self) -> bool:
        """Not even with everybody who is asked would the step agree, or the second person."""
        if self.state != "pending":
            return False
        hoped = [(q, p, "approved" if s == "pending" else s) for q, p, s in self._voices()]
        if result(replace(self.step, veto=False), hoped) != "approved":
            return True
        is_agreed_already = result(self.step, self._voices()) == "approved"
        return is_agreed_already and not self.people_waiting - self.agreed

    def people_change(self, people: Collection[int], posts: Collection[str] = ()) -> None:
        """A holder came, left or is stood in for: what waits for them goes to the right ones."""
        waiting = [each.question for each in self.pending]
        if self.is_stuck or any(
            q.person in people or q.on_behalf_of in people or q.post in posts for q in waiting
        ):
            self._tell(self._reroute)

    def owner_changes(self, owner: int | None) -> None:
        self.owner = owner
        if self.state == "pending":
            self._tell(self._reroute)

    def mail_bounces(self, person: int) -> None:
        """The question goes to the superior at once."""
        if person in self.people_waiting:
            self._tell(lambda: self._pass_up(person))

    def reassign(self, person: int, to: int) -> str:
        """Pass somebody's question on, to who may answer for the same or the superior post."""
        if self.state != "pending":
            return "closed"
        mine = [each for each in self.pending if each.question.person == person]
        if not mine:
            return "not_the_approver"
        passed = [self._taken_by(to, each.question) for each in mine]
        if to in self.people_waiting | self.heard | self.agreed or None in passed:
            return "not_eligible"
        self._tell(lambda: self._reassign(mine, [each for each in passed if each]))
        return ""

    def nudge(self, by: int) -> str:
        if by not in (self.requester, self.owner):
            return "not_allowed"
        if self.state != "pending":
            return "closed"
        if self.nudged:
            return "nudged_today"
        self.nudged = True
        self.told = {("reminded", person) for person in self.people_waiting}
        return ""

    def inform(self, by: int | None) -> None:
        """Facts changed that do not touch what is asked."""
        self.told |= {("informed", person) for person in self.people_waiting - {by}}

    def day_passes(self, *, is_working: bool, was_working: bool) -> None:
        """Whoever turns the calendar turns `city.today`, too."""
        self.nudged = self.nudged and not was_working
        self.days += is_working
        self.step_days += is_working

    def morning(self) -> None:
        """What the machine does at nine, for however long it did nothing."""
        if self.state != "pending":
            return
        if self.days > ROUND_DEADLINE:
            self._tell(lambda: self._settle("expired"))
            return
        before = self.people_waiting
        # Two events: whoever loses one question and gets another hears of both.
        self._tell(self._reroute)
        told = self.told
        if self.state == "pending":
            self._tell(lambda: self._chase(before))
        self.told |= told

    @property
    def has_work(self) -> bool:
        """Whether a morning would find something that is due by the calendar."""
        reminder = any(self.reminded < n <= self.step_days for n in REMINDERS)
        missed = self.step_days > STEP_DEADLINE and not self.overdue
        return self.state == "pending" and (reminder or missed or self.days > ROUND_DEADLINE)

    @property
    def fits(self) -> bool:
        """Whether those who are asked are those who answer today for what they are asked."""
        waiting = {(each.question.role, each.question.person) for each in self.pending}
        for each in self.pending:
            q = each.question
            if not self._is_asked_rightly(q):
                return False
            if self._has_answer(q.role) and not self.is_vote:
                continue
            today = {(new.role, new.person) for new in self._today(q, self._lost(q.role))}
            if {pair for pair in today - waiting if pair[1] not in self.heard | self.agreed}:
                return False
        return True

    def _tell(self, happen: Callable[[], None], *, by: int | None = None) -> None:
        """Whoever is asked something new hears of it, and whoever is asked nothing any more."""
        before, people_before, turn = self.waiting, self.people_waiting, self.turn
        self.told = set()
        happen()
        new = {(role, post, person) for role, post, person, _ in self.waiting}
        if self.turn == turn:
            new -= {(role, post, person) for role, post, person, _ in before}
        self.told |= {("asked", person) for _, _, person in new}
        self.told |= {("freed", person) for person in people_before - self.people_waiting - {by}}
        if self.state != "pending" and self.requester != by:
            self.told.add(("settled", self.requester))

    def _answer(self, mine: list[Asked], said: str, gate_holds: bool) -> None:
        for each in mine:
            each.state = said
        if said == "approved" and not gate_holds:
            self._settle("sent_back")
            return
        self._take_stock([each.question.role for each in mine])

    def _take_stock(self, answered: Collection[str] = ()) -> None:
        others = [e for e in self.pending if e.question.role in answered and not self.is_vote]
        match result(self.step, self._voices(but=others)):
            case None:
                self._moot(others)
            case "approved" if self.turn < len(self.steps) - 1:
                self._moot(self.pending)
                self.turn += 1
                self._ask_step()
            case "approved":
                self._finish()
            case verdict:
                self._settle(verdict)

    def _finish(self) -> None:
        """Every post agrees; but one person alone is not enough where two must."""
        if len(self.agreed) >= self.persons:
            self._settle("approved")
            return
        # Whoever is asked still may be the second; else the last post climbs again.
        if not self.people_waiting - self.agreed:
            last = self.step.asks[-1]
            lost = {each.question.person for each in self.here if each.lost_by}
            for each in self.city.whom(last, self.barred, but=self.agreed | self.heard | lost):
                self._put(replace(each, because="second_person"))

    def _settle(self, state: str) -> None:
        self._moot(self.pending)
        self.state = state

    def _ask_step(self) -> None:
        self.step_days, self.reminded, self.overdue = 0, 0, False
        self._ask([q for role in self.step.asks for q in self.city.whom(role, self.barred)])
        if result(self.step, self._voices()) == "approved":
            self._take_stock()

    def _ask(self, questions: Iterable[Question]) -> None:
        """Whoever has agreed in this round is not asked again; nor is a post that has agreed."""
        questions = [*questions]
        for each in questions:
            if each.person in self.agreed:
                self._put(each, "approved")
        if result(self.step, self._voices()) is not None:
            return
        for each in questions:
            if each.person not in self.heard and (self.is_vote or not self._has_answer(each.role)):
                self._put(each)

    def _put(self, question: Question, state: str = "pending") -> None:
        for each in self.here:
            if (each.question.role, each.question.person) == (question.role, question.person):
                if each.state == "moot" or state == "approved":
                    each.question, each.state, each.lost_by = question, state, ""
                return
        self.asked.append(Asked(self.turn, question, state))

    def _reroute(self) -> None:
        """The posts that were asked go on being asked, of whoever answers for them today."""
        asked = [each.question for each in self.pending]
        self._moot(e for e in self.pending if not self._is_asked_rightly(e.question))
        for each in self.pending:  # in whose name they are asked may have changed
            answering = self.city.answering(each.question.post, self.barred)
            if each.question.person in answering:
                holder = answering[each.question.person]
                each.question = replace(each.question, on_behalf_of=holder)
        for each in self.pending:  # a stand-in who holds the post by now answers for themselves
            q = each.question
            today = self.city.answering(q.post, self.barred)
            each.question = replace(q, on_behalf_of=today.get(q.person, q.on_behalf_of))
        for role in self.step.asks:
            if self._has_answer(role) and not self.is_vote:
                continue
            lost = self._lost(role)
            found = [q for old in asked if old.role == role for q in self._today(old, lost)]
            self._ask(found or self.city.whom(role, self.barred, but=lost))
        self._take_stock()

    def _today(self, old: Question, lost: set[int]) -> list[Question]:
        """Who answers today for what was asked; what was passed on stays with that person."""
        answering = self.city.answering(old.post, self.barred | lost)
        if old.because == "reassigned":
            answering = self.city.answering(old.post, self.barred)
            answering = {p: h for p, h in answering.items() if old.person in (p, h)}
        found = [replace(old, person=p, on_behalf_of=h) for p, h in answering.items()]
        if self._is_asked_rightly(old) and old.person not in answering:
            found.append(old)
        return found

    def _lost(self, role: str) -> set[int]:
        """Who lost a question for a post so that they are not asked it again."""
        return {e.question.person for e in self.here if e.question.role == role and e.lost_by}

    def _is_asked_rightly(self, q: Question) -> bool:
        if not self.city.may_answer(q.person, q.post, self.barred):
            return False
        passed_by = self._lost(q.role) | (self.agreed if q.because == "second_person" else set())
        if q.because == "reassigned":
            passed_by = set()
        answering = self.city.answering(q.post, self.barred | passed_by)
        return q.person in answering or q.person not in answering.values()

    def _pass_up(self, person: int) -> None:
        mine = [each for each in self.pending if each.question.person == person]
        for each in mine:
            each.state, each.lost_by = "moot", "undelivered"
        lost = {each.question.person for each in self.here if each.lost_by == "undelivered"}
        for q in [each.question for each in mine]:
            above = self.city.above(q.role, q.post, "undelivered", self.barred, but=lost)
            self._ask(above or self.city.whom(q.role, self.barred, but=lost))
        self._take_stock()

    def _reassign(self, mine: list[Asked], questions: list[Question]) -> None:
        for each in mine:
            each.state, each.lost_by = "moot", "reassigned"
        self._ask(questions)

    def _taken_by(self, person: int, q: Question) -> Question | None:
        same = self.city.answering(q.post, self.barred)
        if person in same:
            return Question(q.role, q.post, person, same[person], "reassigned")
        above = self.city.above(q.role, q.post, "reassigned", self.barred)
        return next((each for each in above if each.person == person), None)

    def _chase(self, asked_before: set[int]) -> None:
        missed = [n for n in REMINDERS if self.reminded < n <= self.step_days]
        self.reminded = max([self.reminded, *missed])
        if self.step_days > STEP_DEADLINE and not self.overdue:
            self.overdue = True
            self._ask_superiors()
        elif missed:
            self.told |= {("reminded", person) for person in self.people_waiting & asked_before}

    def _ask_superiors(self) -> None:
        """Asked besides: time alone agrees to nothing, so not who has agreed for another post."""
        for role in self.step.asks:
            asked = [each.question for each in self.pending if each.question.role == role]
            if asked:
                known = {each.person for each in asked} | self._lost(role)
                but = known | self.agreed | self.heard
                for each in self.city.above(role, asked[-1].post, "overdue", self.barred, but=but):
                    self._put(each)

    def _has_answer(self, role: str) -> bool:
        return any(e.question.role == role and e.state in ANSWERS.values() for e in self.here)

    def _voices(self, but: Collection[Asked] = ()) -> list[tuple[str, int, str]]:
        here = [each for each in self.here if not any(each is other for other in but)]
        return [(each.question.role, each.question.person, each.state) for each in here]

    @staticmethod
    def _moot(rows: Iterable[Asked]) -> None:
        for each in [*rows]:
            each.state = "moot"
