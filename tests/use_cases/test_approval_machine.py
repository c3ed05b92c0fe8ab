"""Whatever happens to a request, in any order: the engine and the plain model stand alike.

`LUODI_TEST_WALKS=500 pytest tests/use_cases/test_approval_machine.py --timeout=0` walks for
thousands of steps.
"""

import os
from collections.abc import Callable, Collection
from dataclasses import asdict
from datetime import date, datetime, timedelta
from functools import partial

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from db.models import Project
from db.queries.chasing import due_requests, outdated_requests
from db.session import Database
from db.writing import GatheringSession
from state_machines.approvals import Answer
from state_machines.dates import PartialDate
from state_machines.errors import Refusal, ValueRefused
from state_machines.posts import Role
from state_machines.stages import Move, Stage
from state_machines.working_days import CITY_TIME
from tests.builders import (
    BILLION,
    CALENDAR,
    LANXI,
    MILLION,
    Staff,
    add_holder,
    add_person,
    add_ready_project,
    found_city,
)
from tests.databases import on_postgresql, on_sqlite
from tests.reference.approvals import Round, tier_of, unanswerable
from tests.reference.posts import Tenure
from tests.reference.trail import broken
from tests.use_cases.side_by_side import SideBySide, city_of, last_mail, steps_of
from tests.use_cases.step_kinds import KINDS, adopt, persons_by_hand, steps_by_hand
from use_cases.advance import Requested, advance
from use_cases.chase_request import chase_request
from use_cases.decide import decide
from use_cases.edit_project import edit_project
from use_cases.notice_failed import notice_failed
from use_cases.nudge import nudge
from use_cases.people.appoint import appoint
from use_cases.people.delegate import delegate
from use_cases.people.end_delegation import end_delegation
from use_cases.people.leave import leave
from use_cases.people.vacate import vacate
from use_cases.reassign import reassign
from use_cases.withdraw import withdraw

A_DAY, A_MINUTE = timedelta(days=1), timedelta(minutes=1)
MOVES = {
    Stage.NEGOTIATION: (Move.SIGN, Move.LOSE),
    Stage.SIGNED: (Move.LOSE, Move.STEP_BACK),
    Stage.LOST: (Move.REVIVE,),
}
PLACES = {
    "unit_leader": LANXI,
    "special_team_lead": "special-team-3",
    "promotion_center_head": "promotion-center",
    "general_headquarters_director": "general-headquarters",
    "deputy_mayor": "330700",
}
OFFICERS = ("officer", "second_officer")
PEOPLE = (
    *("unit_leader", "special_team_lead", "promotion_center_head", "director", "deputy_mayor"),
    *("second_leader", "one_more", "another", "owner"),
)
people, posts, officers = map(st.sampled_from, (PEOPLE, tuple(PLACES), OFFICERS))
answers = st.sampled_from(["approve"] * 3 + ["reject", "send_back"])
pick = st.integers(0, 5)
REFUSED = {
    "NotTheApprover": "not_the_approver",
    "AnsweredOtherwise": "answered_otherwise",
    "RequestClosed": "closed",
    "NotAllowed": "not_allowed",
    "NotEligible": "not_eligible",
    "NudgedToday": "nudged_today",
    "NobodyToAsk": "nobody_to_ask",
    "QuorumOutOfReach": "quorum_out_of_reach",
    "GateNotMet": "gate_not_met",
}


class Rounds(RuleBasedStateMachine):
    """One project of Lanxi, round after round, until something differs from the model."""

    def __init__(self, database: Database, ids: dict[str, int], now: datetime) -> None:
        super().__init__()
        self.session = GatheringSession(database.engine)
        self.ids, self.now = ids, now
        self.city = city_of(
            Staff(**{name: ids[name] for name in Staff.__annotations__}), self.today
        )
        self.city.holdings.append(Tenure("unit_leader", ids["second_leader"], date(2020, 1, 1)))
        self.side: SideBySide | None = None
        self.delegations: dict[int, Tenure] = {}
        self.owner: int | None = ids["owner"]
        self.editor: int | None = None
        self.edits = 0
        self.is_planned = True

    def teardown(self) -> None:
        assert broken(self.session) == []
        self.session.rollback()
        self.session.close()

    @property
    def today(self) -> date:
        return self.now.astimezone(CITY_TIME).date()

    @property
    def at(self) -> dict:
        return {"now": self.now, "calendar": CALENDAR}

    @property
    def project(self) -> Project:
        return self.session.get_one(Project, self.project_id)

    @property
    def round(self) -> Round | None:
        """The round that pends."""
        return self.side.model if self.side and self.side.model.state == "pending" else None

    def attempt(self, act: Callable[[], object], expected: str = "") -> None:
        """Do something that is refused if and only if it is expected to be, and says so."""
        self.now += A_MINUTE
        said = ""
        try:
            with self.session.begin_nested():
                act()
        except ValueRefused:
            said = "value_refused"
        except Refusal as refusal:
            said = REFUSED[type(refusal).__name__]
        assert said == expected

    @initialize(
        kind=st.sampled_from(["shipped", *KINDS]),
        investment=st.sampled_from([300 * MILLION, BILLION, 5 * BILLION, 11 * BILLION]),
    )
    def found(self, kind: str, investment: int) -> None:
        self.kind, self.investment = kind, investment
        if kind != "shipped":
            adopt(self.session, kind, now=self.now)
        staff = Staff(**{name: self.ids[name] for name in Staff.__annotations__})
        self.project_id = add_ready_project(
            self.session, staff, Stage.NEGOTIATION, now=self.now, to=Stage.SIGNED,
            investment=investment,
        ).id  # fmt: skip

    @precondition(lambda self: not self.round)
    @rule(by=officers, which=pick)
    def ask(self, by: str, which: int) -> None:
        moves = MOVES[self.project.stage]
        self.move = moves[which % len(moves)]
        model = self._new_round(self.ids[by])
        expected = "" if self._gate_holds() else "gate_not_met"
        expected = expected or unanswerable(self.city, model.steps, model.barred, model.persons)
        read_until = last_mail(self.session)
        found: list[int] = []

        def act() -> None:
            asked = advance(
                self.session,
                self.project_id,
                self.move,
                by=self.ids[by],
                reason="按程序",
                **self.at,
            )
            assert isinstance(asked, Requested)
            found.append(asked.request_id)

        self.attempt(act, expected)
        if found:
            self.side = SideBySide(self.session, found[0], model, read_until)
            assert steps_of(self.side.request) == model.steps
            assert model.open() == ""
            self.side.agrees()

    @precondition(lambda self: self.side)
    @rule(who=people, answer=answers)
    def answer(self, who: str, answer: str) -> None:
        self._answer(self.ids[who], answer)

    @precondition(lambda self: self.round and self.round.people_waiting)
    @rule(which=pick, answer=answers)
    def answer_as_one_who_is_asked(self, which: int, answer: str) -> None:
        waiting = sorted(self.round.people_waiting)
        self._answer(waiting[which % len(waiting)], answer)

    @precondition(lambda self: self.round)
    @rule(most=st.integers(2, 6))
    def those_who_are_asked_agree(self, most: int) -> None:
        for _ in range(most):
            if self.round and self.round.people_waiting:
                self._answer(min(self.round.people_waiting), "approve")

    def _answer(self, person: int, answer: str) -> None:
        self.side.model.told = set()
        refusal = self.side.model.answer(person, answer, gate_holds=self._gate_holds())
        self.attempt(
            lambda: decide(
                self.session, self.side.request_id, Answer(answer), by=person, comment="议而后决",
                **self.at,
            ),
            refusal,
        )  # fmt: skip
        self.side.agrees()
        assert (self.project.stage is self.side.request.after) == (
            self.side.model.state == "approved"
        )

    @precondition(lambda self: self.round)
    @rule(by=officers, now=pick)
    def withdraw(self, by: str, now: int) -> None:
        self.told_nothing()
        if now and self.ids[by] == self.round.requester:
            return
        refusal = self.side.model.withdraw(self.ids[by])
        self.attempt(
            lambda: withdraw(self.session, self.side.request_id, by=self.ids[by], now=self.now),
            refusal,
        )
        self.side.agrees()

    @precondition(lambda self: self.round)
    @rule(by=officers)
    def nudge(self, by: str) -> None:
        self.told_nothing()
        refusal = self.side.model.nudge(self.ids[by])
        self.attempt(
            lambda: nudge(self.session, self.side.request_id, by=self.ids[by], **self.at), refusal
        )
        self.side.agrees()

    @precondition(lambda self: self.side)
    @rule(who=people, to=people)
    def reassign(self, who: str, to: str) -> None:
        self.told_nothing()
        refusal = self.side.model.reassign(self.ids[who], self.ids[to])
        self.attempt(
            lambda: reassign(
                self.session, self.side.request_id, from_id=self.ids[who], to_id=self.ids[to],
                reason="出差", by=self.ids["administrator"], **self.at,
            ),
            refusal,
        )  # fmt: skip
        self.side.agrees()

    @precondition(lambda self: self.round and self.round.people_waiting)
    @rule(which=pick)
    def a_mail_bounces(self, which: int) -> None:
        waiting = sorted(self.round.people_waiting)
        person = waiting[which % len(waiting)]
        self.round.mail_bounces(person)
        self.attempt(lambda: notice_failed(self.session, self.side.request_id, person, **self.at))
        self.side.agrees(in_two_capacities=True)

    @rule(who=people, post=posts, lasts=st.none() | st.integers(0, 6), later=st.integers(0, 2))
    def appoint(self, who: str, post: str, lasts: int | None, later: int) -> None:
        first = self.today + later * A_DAY
        last = None if lasts is None else first + lasts * A_DAY
        person = self.ids[who]
        is_gone = person in self.city.left
        if not is_gone:
            self.city.appoint(post, person, first, last)
        act = partial(
            appoint, self.session, Role(post), PLACES[post], person, from_day=first, to_day=last
        )
        today = first <= self.today
        self.people_change(
            act, {person} if today else (), post if today else "",
            refusal="value_refused" if is_gone else "",
        )  # fmt: skip

    @rule(who=people, post=posts, later=st.integers(-1, 2))
    def vacate(self, who: str, post: str, later: int) -> None:
        last, person = self.today + later * A_DAY, self.ids[who]
        if (post, person) not in {(each.whose, each.person) for each in self.city.holdings}:
            return
        self.city.vacate(post, person, last)
        act = partial(vacate, self.session, Role(post), PLACES[post], person, last_day=last)
        self.people_change(act, {person} if later < 0 else ())

    @rule(who=people)
    def leave(self, who: str) -> None:
        person = self.ids[who]
        if person in self.city.left:
            return
        self.city.leave(person)
        touched = {person}.union(
            *(
                {each.whose, each.person}
                for each in self.city.delegations
                if person in (each.whose, each.person) and each.last >= self.today
            )
        )
        owns, self.owner = self.owner == person, None if self.owner == person else self.owner
        if owns and self.round:
            self._leave_projects(person, touched)
        else:
            self.people_change(partial(leave, self.session, person), touched)

    def _leave_projects(self, person: int, touched: set[int]) -> None:
        """The project has no owner, which whoever is asked is told as an edit."""
        self.told_nothing()
        administrator = self.ids["administrator"]
        self.attempt(lambda: leave(self.session, person, by=administrator, **self.at))
        self.round.owner_changes(None)
        if self.round:
            self.round.inform(administrator)
        self.side.agrees(in_two_capacities=True)

    @rule(who=people, to=people, later=st.integers(0, 2), lasts=st.integers(0, 9))
    def delegate(self, who: str, to: str, later: int, lasts: int) -> None:
        first = self.today + later * A_DAY
        tenure = Tenure(self.ids[who], self.ids[to], first, first + lasts * A_DAY)
        if tenure in self.delegations.values():
            return
        may = self.city.may_delegate(self.ids[who], tenure.person, first, tenure.last)
        if may:
            self.city.delegations.append(tenure)

        def act(**at) -> None:
            number = delegate(
                self.session, self.ids[who], self.ids[to], from_day=first, to_day=tenure.last, **at
            )
            self.delegations[number] = tenure

        today = {tenure.whose} if later == 0 else ()
        self.people_change(act, today, refusal="" if may else "value_refused")

    @precondition(lambda self: self.delegations)
    @rule(which=pick, at_once=st.booleans())
    def end_a_delegation(self, which: int, at_once: bool) -> None:
        number = sorted(self.delegations)[which % len(self.delegations)]
        tenure, last = self.delegations[number], self.today - at_once * A_DAY
        if last > tenure.last or {tenure.whose, tenure.person} & self.city.left:
            return
        is_news = at_once and last < tenure.last
        if tenure.first > last:
            self.city.delegations.remove(tenure)
            del self.delegations[number]
        tenure.last = last
        self.people_change(
            partial(end_delegation, self.session, number, last_day=last),
            {tenure.whose, tenure.person} if is_news else (),
        )

    @rule(by=officers, which=st.integers(0, 9))
    def edit_a_fact(self, by: str, which: int) -> None:
        """Seldom one that matters: else no round would live to see its end."""
        self.edits += 1
        if which == 0:
            self.edit({"site": f"{self.edits}号地块"}, by, is_material=True)
        elif which == 1:
            self.is_planned = not self.is_planned
            planned = PartialDate("2026-06") if self.is_planned else None
            self.edit({"planned_start": planned}, by)
        else:
            self.edit({"investor_contact": f"王先生{self.edits}"}, by)

    @rule(by=officers, investment=st.sampled_from([200, 300, 999, 1_000, 5_000, 11_000]), now=pick)
    def edit_the_investment(self, by: str, investment: int, now: int) -> None:
        before, after = self.investment, investment * MILLION
        crosses = tier_of(before) != tier_of(after)
        is_material = crosses or after > before
        if after != before and (now == 0 or not is_material):
            self.investment = after
            self.edit({"investment": after}, by, is_material=is_material)

    @rule(by=officers, owner=people)
    def give_to_another_owner(self, by: str, owner: str) -> None:
        if self.ids[owner] != self.owner and self.ids[owner] not in self.city.left:
            self.owner = self.ids[owner]
            self.edit({"owner_id": self.owner}, by)

    @rule(days=st.integers(1, 9))
    def days_pass(self, days: int) -> None:
        """The machine does nothing until the last of them: an outage, if they are many."""
        for _ in range(days):
            was_working = CALENDAR.is_working(self.today)
            self.city.today += A_DAY
            self.now = CALENDAR.opening(self.city.today)
            if self.side:
                self.side.model.day_passes(
                    is_working=CALENDAR.is_working(self.today), was_working=was_working
                )
        self.morning()

    @rule()
    def a_day_passes(self) -> None:
        self.days_pass(1)

    def morning(self) -> None:
        """What a run of the chase does at nine."""
        request = self.side.request_id if self.round else None
        if self.side:
            self.side.model.told = set()
        due = due_requests(self.session, as_of=self.now)
        found = {*due, *outdated_requests(self.session, self.today)}
        assert found <= {request}
        if self.round and CALENDAR.is_working(self.today) and self.round.has_work:
            assert due == [request]
        if self.round and (CALENDAR.is_working(self.today) or not self.round.is_stuck):
            assert found or (self.round.fits and not self.round.is_stuck)
        if self.round and found:
            self.round.morning()
        for each in found:
            chase_request(self.session, each, **self.at)
        if self.side:
            self.side.agrees(in_two_capacities=True)

    def people_change(
        self,
        act: Callable[..., object],
        people: Collection[int],
        post: str = "",
        *,
        refusal: str = "",
    ) -> None:
        """`people` and `post` are those whose questions change hands today, if any."""
        self.told_nothing()
        self.attempt(lambda: act(by=self.ids["administrator"], **self.at), refusal)
        if self.round and (people or post) and not refusal:
            self.round.people_change({*people}, {post})
        if self.side:
            self.side.agrees(in_two_capacities=True)

    def edit(self, facts: dict, by: str, *, is_material: bool = False) -> None:
        self.told_nothing()
        read_until = last_mail(self.session)
        self.attempt(
            lambda: edit_project(
                self.session, self.project_id, facts, edition=None, by=self.ids[by], **self.at
            )
        )
        if is_material:
            self.editor = self.ids[by]
        if not self.round:
            return
        if is_material:
            self._ask_again(by, read_until)
            return
        if "owner_id" in facts:
            self.round.owner_changes(self.owner)
        if self.round:
            self.round.inform(self.ids[by])
        self.side.agrees()

    def _ask_again(self, by: str, read_until: int) -> None:
        before = self.side
        before.model.end("superseded", by=self.ids[by])
        before.agrees()
        model = self._new_round(before.model.requester)
        if not self._gate_holds() or model.open():
            assert not self._pending_requests()
            return
        (request_id,) = self._pending_requests()
        self.side = SideBySide(self.session, request_id, model, read_until)
        assert steps_of(self.side.request) == model.steps
        self.side.agrees()

    def _pending_requests(self) -> list[int]:
        far = self.now + 1000 * A_DAY
        return due_requests(self.session, as_of=far)

    def _new_round(self, requester: int) -> Round:
        return Round(
            self.city,
            steps_by_hand(self.kind, self.move, self.investment),
            persons_by_hand(self.move, self.investment),
            requester,
            owner=self.owner,
            editor=self.editor,
        )

    def _gate_holds(self) -> bool:
        """Nobody is kept from going back; a signed project has a planned start."""
        if self.move is Move.SIGN:
            return self.is_planned
        if self.move is not Move.REVIVE:
            return True
        return self.is_planned if self.project.stage_before is Stage.SIGNED else bool(self.owner)

    def told_nothing(self) -> None:
        if self.side:
            self.side.model.told = set()

    @invariant()
    def holds(self) -> None:
        """Nobody is asked who may not answer; nobody to ask is an alarm; a yes has its persons."""
        if not self.side:
            return
        model, request = self.side.model, self.side.request
        if model.state == "pending":
            assert not model.people_waiting & model.barred
            assert model.is_stuck == (request.nobody_since is not None), model.here
        if model.state == "approved":
            assert len(model.agreed - {model.requester}) >= model.persons


WALKS = int(os.environ.get("LUODI_TEST_WALKS", "0"))
"""How many walks of 60 steps to take instead of a few short ones."""


def walk(database: Database, now: datetime, *, examples: int) -> None:
    with database.writing() as session:
        staff = found_city(session, now=now)
        ids = asdict(staff) | {
            "second_officer": add_holder(session, Role.CASE_OFFICER, LANXI),
            "second_leader": add_holder(session, Role.UNIT_LEADER, LANXI),
            "one_more": add_person(session),
            "another": add_person(session),
        }
    run_state_machine_as_test(
        lambda: Rounds(database, ids, now),
        settings=settings(
            max_examples=WALKS or examples,
            stateful_step_count=60 if WALKS else 30,
            deadline=None,
            suppress_health_check=[*HealthCheck],
            phases=[Phase.generate] if WALKS else settings().phases,
        ),
    )


@on_sqlite
def test_no_chain_of_events_parts_the_engine_from_the_model(database, clock):
    walk(database, clock(), examples=25)


@on_postgresql
def test_no_chain_of_events_parts_them_on_postgresql_either(database, clock):
    walk(database, clock(), examples=8)
