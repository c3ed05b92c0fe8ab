"""Many at once: fifty answers to one question, two sweeps over one city."""

import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from db.models import (
    Approval,
    ApprovalRequest,
    AuditEntry,
    Mail,
    Order,
    Project,
    RungFiring,
    StageChange,
)
from db.session import Database
from notifications.mailbox import open_letter
from runtime.calendar import city_calendar
from state_machines.approvals import RequestState
from state_machines.stages import Move
from state_machines.working_days import CITY_TIME
from tests.databases import on_postgresql
from tests.live import Luodi, installed
from tests.stories.conftest import link_in, person_id
from use_cases.advance import Requested, advance

AT_ONCE = 50


@pytest.fixture
def luodi(tmp_path: Path, database_url: str) -> Luodi:
    luodi = installed(tmp_path, database_url=database_url)
    luodi.type("sample", "load")
    return luodi


@on_postgresql
def test_of_fifty_opposite_answers_at_once_exactly_one_stands(
    luodi: Luodi, database: Database
) -> None:
    now = datetime.now(CITY_TIME)
    with database.writing() as session:
        project = session.scalars(
            select(Project).where(Project.name_zh == "样例·户外家具制造项目")
        ).one()
        owner = person_id(session, "yu.ziang@hangzhou.example")
        asked = advance(
            session,
            project.id,
            Move.LOSE,
            by=owner,
            now=now,
            calendar=city_calendar(),
            reason="投资方放弃",
        )
    assert isinstance(asked, Requested)
    luodi.type("deliver")
    with database.writing() as session:
        mail = session.scalars(select(Mail).where(Mail.request_id == asked.request_id)).one()
        letter = open_letter(
            session,
            mail.id,
            now=now,
            base_url=luodi.address,
            calendar=city_calendar(),
            link_days=10,
        )
    link = link_in(letter.text)

    def answer(n: int) -> int:
        choice = "approve" if n % 2 else "reject"
        with luodi.client(headers={"Origin": luodi.address}) as manager:
            page = manager.get(link, follow_redirects=True)
            form = {"answer": choice, "request": str(asked.request_id), "comment": "理由"}
            return manager.post(str(page.url), data=form).status_code

    with luodi.serving(), ThreadPoolExecutor(AT_ONCE) as people:
        statuses = Counter(people.map(answer, range(AT_ONCE)))

    assert max(statuses) < 500, statuses
    with database.reading() as session:
        request = session.get_one(ApprovalRequest, asked.request_id)
        [given] = session.scalars(select(Approval).where(Approval.request_id == request.id))
        moved = session.scalar(
            select(func.count())
            .select_from(StageChange)
            .where(StageChange.request_id == request.id)
        )
        verdicts = session.scalars(
            select(AuditEntry.act).where(
                AuditEntry.project_id == project.id,
                AuditEntry.act.startswith("request_", autoescape=True),
            )
        ).all()
    assert request.state in {RequestState.APPROVED, RequestState.REJECTED}
    assert given.state.value == request.state.value
    assert moved == (1 if request.state is RequestState.APPROVED else 0)
    assert verdicts == [f"request_{request.state}"]


def test_two_sweeps_at_once_give_no_order_twice(luodi: Luodi, database: Database) -> None:
    sweeps = [
        subprocess.Popen(
            [sys.executable, "-m", "cli", "escalate"],
            env=luodi.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for _ in range(2)
    ]

    complaints = [sweep.communicate(timeout=120)[1] for sweep in sweeps]

    assert [sweep.returncode for sweep in sweeps] == [0, 0], complaints
    with database.reading() as session:
        orders = session.scalars(select(Order.project_id).where(Order.closed_at.is_(None))).all()
        mails = session.scalars(select(Mail).where(Mail.kind == "orders")).all()
        firings = session.scalars(select(RungFiring)).all()
    assert len(orders) == len(set(orders)) == 4
    assert set(Counter(mail.person_id for mail in mails).values()) == {1}
    once = [(each.visit_id, each.clock, each.episode, each.rung) for each in firings]
    assert len(once) == len(set(once))
