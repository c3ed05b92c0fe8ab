"""Every tier, move, kind of step and order of answers, in the database and in the plain model."""

from contextlib import nullcontext
from copy import deepcopy
from itertools import product

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import Project, StageChange
from db.queries.policies import policy_in_force
from state_machines.approvals import Answer
from state_machines.errors import Refusal
from state_machines.stages import Move, Stage
from tests.builders import BILLION, CALENDAR, MILLION, Staff, add_ready_project
from tests.reference.approvals import Round
from tests.use_cases.side_by_side import SideBySide, city_of, last_mail, steps_of
from tests.use_cases.step_kinds import KINDS, adopt, persons_by_hand, steps_by_hand
from use_cases.advance import Requested, advance
from use_cases.decide import decide
from use_cases.move_project import move_project

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
YES, NO, BACK = "approve", "reject", "send_back"


def ready_project(session: Session, staff: Staff, move: Move, investment: int, *, now) -> Project:
    stage, ready_for = MOVES[move]
    project = add_ready_project(session, staff, stage, now=now, to=ready_for, investment=investment)
    for first in {Move.REVIVE: [Move.LOSE], Move.ANNUL_START: [Move.START]}.get(move, []):
        move_project(
            session, project, first, by=None, now=now, calendar=CALENDAR,
            adopted=policy_in_force(session),
        )  # fmt: skip
    return project


def choices(side: SideBySide, depth: int, nth: int) -> list[tuple[int, str]]:
    """Who could answer next, and what.

    All that there is where nothing else differs (`nth` 0); else the first or the last by post
    agrees, and in one place says one kind of no instead.
    """
    waiting = sorted((role, person) for role, _, person, _ in side.model.waiting)
    if nth == 0:
        return [*product(sorted({person for _, person in waiting}), (YES, NO, BACK))]
    answers = [YES, (NO, BACK)[nth // 3 % 2]] if depth == nth % 3 else [YES]
    return [(waiting[-(nth % 2)][1], answer) for answer in answers]


def play(side: SideBySide, nth: int, *, now, depth: int = 0) -> None:
    """Let the round go on in every way from here, each undone again."""
    for person, answer in choices(side, depth, nth):
        before, read_until = deepcopy(side.model), side.read_until
        with side.session.begin_nested() as way:
            say(side, person, answer, now=now)
            if side.model.state == "pending":
                play(side, nth, now=now, depth=depth + 1)
            else:
                if nth == 0:
                    say(side, person, {YES: NO, NO: BACK, BACK: YES}[answer], now=now)
                assert moved(side) == (side.model.state == "approved")
            way.rollback()
        side.model, side.read_until = before, read_until


def say(side: SideBySide, person: int, answer: str, *, now) -> None:
    side.model.told = set()
    refusal = side.model.answer(person, answer)
    with pytest.raises(Refusal) if refusal else nullcontext():
        decide(
            side.session, side.request_id, Answer(answer), by=person, now=now, calendar=CALENDAR,
            comment="议而后决",
        )  # fmt: skip
    side.agrees()


def moved(side: SideBySide) -> bool:
    """Whether the project is where the request asked it to be; with one row of history if so."""
    request = side.request
    rows = side.session.scalar(
        select(func.count()).where(StageChange.request_id == side.request_id)
    )
    assert rows == (request.project.stage is request.after)
    return request.project.stage is request.after


@pytest.mark.parametrize("kind", ["shipped", *KINDS])
def test_every_order_of_answers_ends_in_the_database_as_it_does_in_the_model(
    database, staff, clock, kind
):
    now = clock()
    city = city_of(staff, now.date())
    with database.writing() as session:
        if kind != "shipped":
            adopt(session, kind, now=now)
        for nth, (move, investment) in enumerate(product(MOVES, INVESTMENTS)):
            project = ready_project(session, staff, move, investment, now=now)
            read_until = last_mail(session)
            asked = advance(
                session, project.id, move, by=staff.officer, now=now, calendar=CALENDAR,
                reason="按程序",
            )  # fmt: skip
            assert isinstance(asked, Requested)
            steps = steps_by_hand(kind, move, investment)
            persons = persons_by_hand(move, investment)
            model = Round(city, steps, persons, staff.officer, owner=staff.owner)
            side = SideBySide(session, asked.request_id, model, read_until)
            assert steps_of(side.request) == steps
            assert model.open() == ""
            side.agrees()

            play(side, nth, now=now)
