"""A year in miniature: the whole engine against a model that walks day by day."""

from collections import Counter
from datetime import date, timedelta
from functools import cache
from random import Random

import chinese_calendar
import pytest
from sqlalchemy import select

from db.models import ApprovalRequest, Mail, NoteKind, Order, Project
from db.queries.lights import light_of
from notifications.senders.mailbox import LocalMailbox
from runs.sweep import sweep
from runtime.opening import Runtime
from runtime.settings import read_settings
from state_machines.approvals import Answer, ApprovalState
from state_machines.facts import EvidenceKind
from state_machines.stages import Move, Stage
from tests.builders import (
    BILLION,
    CALENDAR,
    LANXI,
    MILLION,
    READY,
    SHANGHAI,
    YIWU,
    add_person,
    add_project,
)
from tests.reference.city import RUNGS, ModelProject
from tests.use_cases.pauses.pausing import extend, hold
from use_cases.add_note import add_note
from use_cases.advance import Advanced, advance
from use_cases.ask_for_hold import ask_for_hold
from use_cases.decide import decide
from use_cases.disown import disown
from use_cases.end_freeze import end_freeze

FIRST = date(2026, 3, 2)
PROJECTS, DAYS = 60, 120
is_workday = cache(chinese_calendar.is_workday)
BEGINNINGS = [Stage.LEAD, Stage.NEGOTIATION, Stage.SIGNED, Stage.FACTORY_LEASED]


def model_of(staff, *, unit, headquarters, owner, investment, stage):
    """Lanxi's posts are all filled; in Yiwu nobody holds one."""
    ours = unit == LANXI
    head = staff.headquarters_head if headquarters else (staff.unit_leader if ours else None)
    tells = [
        {owner, head} - {None},  # None is an owner who has left
        {staff.unit_leader, staff.special_team_lead} if ours else set(),
        {staff.director, staff.promotion_center_head},
        {staff.deputy_mayor},
    ]
    project = ModelProject(investment >= 5 * BILLION, [*map(frozenset, tells)], stage)
    project.enter(stage.value, FIRST)
    return project


@pytest.fixture
def city(database, clock, staff):
    """Projects of every kind and stage by number, beside their models."""
    random, models = Random(2026), {}  # noqa: S311 (the same year each time)
    with database.writing() as session:
        gone = add_person(session, active=False)
        for n in range(PROJECTS):
            unit = YIWU if n % 6 == 5 else LANXI
            kind = {
                "headquarters": SHANGHAI if n % 3 else None,
                "owner": staff.owner if n % 4 else None,
                "investment": random.choice([0, 300 * MILLION, 2 * BILLION, 6 * BILLION]),
                "stage": random.choice(BEGINNINGS),
            }
            project = add_project(
                session, now=clock(), stage=kind["stage"], evidence=EvidenceKind,
                **READY[Stage.STARTED]
                | {
                    "unit_code": unit,
                    "headquarters_key": kind["headquarters"],
                    "owner_id": kind["owner"] or gone,
                    "investment": kind["investment"],
                },
            )  # fmt: skip
            models[project.number] = project.id, model_of(staff, unit=unit, **kind)
    return models


def move(session, project_id, step, *, by, now):
    """Ask, and let everybody agree."""
    done = advance(
        session, project_id, Move(step), by=by, now=now, calendar=CALENDAR, reason="会议决定"
    )
    if isinstance(done, Advanced):
        return
    asked = session.get_one(ApprovalRequest, done.request_id)
    while waiting := [e.person_id for e in asked.current if e.state is ApprovalState.PENDING]:
        decide(session, asked.id, Answer.APPROVE, by=waiting[0], now=now, calendar=CALENDAR)


def pause(session, staff, project_id, model, random, day, *, now):
    """Hold, extend, freeze or thaw a project as it comes; say what was done."""
    if model.frozen_on is not None:
        end_freeze(
            session, project_id, annul=False, reason="已核实", by=staff.administrator, now=now,
            calendar=CALENDAR,
        )  # fmt: skip
        model.thaw(day)
        return "thawed"
    if not model.stays.get(model.stage):
        return None
    kind = random.choice(["held", "extended", "frozen"])
    if kind == "held" and model.held_days <= 40 and not model.is_held(day):
        until = day + timedelta(days=random.randrange(1, 25))
        hold(session, staff, project_id, until, now=now, by=staff.administrator)
        model.hold(day, until, is_workday)
        return kind
    if kind == "extended" and model.extensions < 2:
        days = random.randrange(1, model.stays[model.stage]["stage"].budget + 1)
        extend(session, staff, project_id, days, now=now, by=staff.administrator)
        model.extend(day, days, is_workday)
        return kind
    if kind == "frozen" and not model.is_held(day):
        asked = ask_for_hold(
            session, project_id, until=day + timedelta(days=1), reason="等待批复",
            by=staff.administrator, now=now, calendar=CALENDAR,
        )  # fmt: skip
        person = session.get_one(ApprovalRequest, asked.request_id).approvals[0].person_id
        decide(
            session, asked.request_id, Answer.REJECT, by=person, now=now, calendar=CALENDAR,
            comment="理由不足",
        )  # fmt: skip
        disown(session, asked.request_id, person, now=now, calendar=CALENDAR)
        model.freeze(day)
        return kind
    return None


def test_a_year_goes_as_the_model_says(database, clock, staff, city, tmp_path):
    runtime = Runtime(
        read_settings(data_folder=tmp_path), database, CALENDAR, LocalMailbox(), now=clock
    )
    random = Random(42)  # noqa: S311 (the same year each time)
    told, fired, moved, paused = set(), 0, 0, Counter()
    emails = {getattr(staff, name): f"{name}@lanxi.example" for name in vars(staff)}
    day = FIRST
    for _ in range(DAYS):
        day += timedelta(days=1)
        while not is_workday(day):
            day += timedelta(days=1)
        clock.time = CALENDAR.opening(day)

        if random.random() > 0.25:  # else the night is missed
            expected = {}
            for number, (_, model) in city.items():
                if found := model.night(day, is_workday):
                    readers = model.readers(found)
                    expected[number] = RUNGS[found.order], {emails[each] for each in readers}
                    told |= {(each, day) for each in readers}
            report = sweep(runtime, as_of=clock())
            assert {each.project: (each.rung, {*each.to}) for each in report.orders} == expected, (
                day
            )
            fired += report.fired
        with database.reading() as session:
            for project_id, model in city.values():
                light = light_of(session.get_one(Project, project_id), now=clock())
                assert light == model.light(day, is_workday), (day, project_id)

        clock.forward(hours=1)
        with database.writing() as session:
            for project_id, model in city.values():
                chance = random.random()
                if chance < 0.015 and model.moves() and model.frozen_on is None:
                    step = random.choice(model.moves())
                    move(session, project_id, step, by=staff.administrator, now=clock())
                    model.move(step, day, is_workday)
                    moved += 1
                elif chance < 0.04 or (chance < 0.1 and model.frozen_on is not None):
                    done = pause(session, staff, project_id, model, random, day, now=clock())
                    paused[done] += 1
                elif chance > 0.98:
                    happened = day - timedelta(days=random.randrange(4))
                    add_note(
                        session, project_id, NoteKind.VISIT, "考察", effective_on=happened,
                        by=staff.administrator, now=clock(), calendar=CALENDAR,
                    )  # fmt: skip
                    model.note(happened)

    assert fired > PROJECTS
    assert moved > PROJECTS
    assert min(paused[each] for each in ("held", "extended", "frozen", "thawed")) > PROJECTS // 3
    with database.reading() as session:
        stages = dict(session.execute(select(Project.number, Project.stage)).all())
        assert stages == {number: model.stage for number, (_, model) in city.items()}
        orders = session.execute(
            select(Order.project_id, Order.rung).where(Order.closed_at.is_(None))
        )
        assert dict(orders.all()) == {
            project_id: RUNGS[model.order]
            for project_id, model in city.values()
            if model.order is not None
        }
        keys = session.scalars(select(Mail.key).where(Mail.kind == "orders")).all()
        assert sorted(keys) == sorted(f"orders/{each}/{on.isoformat()}" for each, on in told)
