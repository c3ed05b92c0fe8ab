"""Every tier, move, kind of step and order of answers, in the database and in the plain model."""

from collections.abc import Iterator
from hashlib import sha256
from itertools import permutations, product
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import ApprovalRequest, PolicyVersion, Project, StageChange
from db.queries.policies import policy_in_force
from state_machines.approvals import Answer
from state_machines.errors import Refusal
from state_machines.policy import Policy
from state_machines.stages import Move, Stage
from tests.builders import BILLION, CALENDAR, MILLION, Staff, add_ready_project
from tests.reference.approvals import BY_TIER, TWO_PERSONS_FROM, Round, Step, tier_of
from tests.use_cases.side_by_side import SideBySide, city_of, last_mail, steps_of
from use_cases.advance import Requested, advance
from use_cases.decide import decide
from use_cases.move_project import move_project

SHIPPED = Path(__file__).parents[2] / "policies" / "jinhua.toml"
INVESTMENTS = (300 * MILLION, BILLION, 5 * BILLION, 10 * BILLION + 1)
MOVES = {
    # the move; where the project is, and for which stage it is ready
    Move.SIGN: (Stage.NEGOTIATION, Stage.SIGNED),
    Move.LEASE_FACTORY: (Stage.SIGNED, Stage.FACTORY_LEASED),
    Move.START: (Stage.FACTORY_LEASED, Stage.STARTED),
    Move.LOSE: (Stage.SIGNED, Stage.SIGNED),
    Move.REVIVE: (Stage.SIGNED, Stage.SIGNED),
    Move.STEP_BACK: (Stage.SIGNED, Stage.SIGNED),
    Move.ANNUL_START: (Stage.FACTORY_LEASED, Stage.STARTED),
}
BY_TIER_OF_MONEY = {Move.SIGN, Move.LEASE_FACTORY, Move.START, Move.LOSE, Move.REVIVE}
THREE = ("unit_leader", "special_team_lead", "promotion_center_head")
KINDS = {
    "all": 'needs = "all"',
    "any": 'needs = "any"',
    "two of three": "needs = 2",
    "vote": "needs = 2, veto = false",
    "any without a veto": 'needs = "any", veto = false',
}
YES, NO, BACK = "approve", "reject", "send_back"


def steps_by_hand(kind: str, move: Move, investment: int) -> list[Step]:
    if kind == "shipped":
        alone = {Move.STEP_BACK: "unit_leader", Move.ANNUL_START: "general_headquarters_director"}
        return [Step((alone[move],))] if move in alone else BY_TIER[tier_of(investment)]
    needs: dict[str, Step] = {
        "all": Step(THREE),
        "any": Step(THREE, "any"),
        "two of three": Step(THREE, 2),
        "vote": Step(THREE, 2, veto=False),
        "any without a veto": Step(THREE, "any", veto=False),
    }
    step, director = needs[kind], Step(("general_headquarters_director",))
    if move not in BY_TIER_OF_MONEY:
        return [step]
    return {
        "under_1bn": [step],
        "from_1bn": [director, step],
        "from_5bn": [step, director],
        "above_10bn": [step, Step(("deputy_mayor",)), director],
    }[tier_of(investment)]


def adopt(session: Session, kind: str, *, now) -> None:
    """Adopt the shipped policy, with steps of one kind wherever somebody must agree."""
    before, _, rest = SHIPPED.read_text("utf-8").partition("[approvals.sign]")
    _, _, after = rest.partition("[approvals.lease_factory]")
    step = f"{{ asks = {[*THREE]}, {KINDS[kind]} }}"
    director, mayor = '"general_headquarters_director"', '"deputy_mayor"'
    sign = f"""[approvals.sign]
under_1bn = [{step}]
from_1bn = [{director}, {step}]
from_5bn = [{step}, {director}]
above_10bn = [{step}, {mayor}, {director}]
"""
    going_back, mark, more = after.partition("# More time where a project is.")
    for alone in ('["unit_leader"]', f"[{director}]"):
        going_back = going_back.replace(f"every_tier = {alone}", f"every_tier = [{step}]")
    text = f"{before}{sign}[approvals.lease_factory]{going_back}{mark}{more}"
    Policy.parse(text, file=kind)
    session.add(
        PolicyVersion(
            name="jinhua", source=text, sha256=sha256(text.encode()).hexdigest(), adopted_at=now
        )
    )
    session.flush()


def orders(kind: str, move: Move, investment: int) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """In which order the posts of a step answer, and what the first answers are; then all agree.

    Every order of every answer where they matter most, and for the rest what tells them apart.
    """
    if move is Move.SIGN and investment < BILLION and kind != "shipped":
        yield from product(permutations(THREE), map(list, product((YES, NO, BACK), repeat=3)))
        return
    forwards = [[], [NO], [BACK], [YES, NO], [YES, BACK], [YES, YES, NO], [YES, YES, YES, BACK]]
    yield from product([THREE], forwards)
    yield from product([THREE[::-1]], [[], [NO, BACK], [BACK, NO, YES], [NO, YES, YES, NO]])


def ready_project(session: Session, staff: Staff, move: Move, investment: int, *, now) -> Project:
    stage, ready_for = MOVES[move]
    project = add_ready_project(session, staff, stage, now=now, to=ready_for, investment=investment)
    for first in {Move.REVIVE: [Move.LOSE], Move.ANNUL_START: [Move.START]}.get(move, []):
        move_project(
            session, project, first, by=None, now=now, calendar=CALENDAR,
            adopted=policy_in_force(session),
        )  # fmt: skip
    return project


def play(side: SideBySide, order: tuple[str, ...], answers: list[str], *, now) -> None:
    """Answer until the round is settled, in one order; the two must stand alike after each."""
    left = [*answers]
    while side.model.state == "pending":
        _, _, person, _ = min(
            side.model.waiting,
            key=lambda e: (order.index(e[0]) if e[0] in order else len(order), e[2]),
        )
        answer = left.pop(0) if left else YES
        say(side, person, answer, now=now)
    say(side, person, {YES: NO, NO: BACK, BACK: YES}[answer], now=now)


def say(side: SideBySide, person: int, answer: str, *, now) -> None:
    side.model.told = set()
    refusal = side.model.answer(person, answer)
    try:
        decide(
            side.session, side.request_id, Answer(answer), by=person, now=now, calendar=CALENDAR,
            comment="议而后决",
        )  # fmt: skip
    except Refusal as refused:
        assert refusal, refused
    else:
        assert not refusal
    side.agrees()


@pytest.mark.parametrize("kind", ["shipped", *KINDS])
def test_every_order_of_answers_ends_in_the_database_as_it_does_in_the_model(
    database, staff, clock, kind
):
    now = clock()
    city = city_of(staff, now.date())
    played = 0
    for move, investment in product(MOVES, INVESTMENTS):
        with database.writing() as session:
            if kind != "shipped" and not played:
                adopt(session, kind, now=now)
            for order, answers in orders(kind, move, investment):
                project = ready_project(session, staff, move, investment, now=now)
                read_until = last_mail(session)
                asked = advance(
                    session, project.id, move, by=staff.officer, now=now, calendar=CALENDAR,
                    reason="按程序",
                )  # fmt: skip
                assert isinstance(asked, Requested)
                steps = steps_by_hand(kind, move, investment)
                two = move in BY_TIER_OF_MONEY and investment >= TWO_PERSONS_FROM
                model = Round(city, steps, 2 if two else 1, staff.officer, owner=staff.owner)
                side = SideBySide(session, asked.request_id, model, read_until)
                assert steps_of(side.request) == steps
                assert model.open() == ""
                side.agrees()

                play(side, order, answers, now=now)

                is_approved = model.state == "approved"
                assert moved(session, project, side.request_id) == is_approved, (order, answers)
                played += 1
    assert played >= len(MOVES) * len(INVESTMENTS) * 10


def moved(session: Session, project: Project, request_id: int) -> bool:
    """Whether the project is where the request asked it to be; with one row of history if so."""
    request = session.get_one(ApprovalRequest, request_id)
    rows = session.scalar(
        select(func.count()).select_from(StageChange).where(StageChange.request_id == request_id)
    )
    assert rows == (project.stage is request.after)
    return project.stage is request.after
