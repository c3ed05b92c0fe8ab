"""The main job, end to end: the real commands, pages, flows, Prefect server and PostgreSQL."""

import json
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import select

from db.models import ApprovalRequest, Mail, MailState, Order, OrderNotice, Project, StageChange
from db.session import Database
from runtime.calendar import city_calendar
from state_machines.approvals import RequestState
from state_machines.stages import Stage
from state_machines.working_days import CITY_TIME, local_day
from tests.databases import on_postgresql
from tests.live import Luodi, installed
from tests.prefect_server import PrefectServer, serving
from tests.stories.conftest import Someone, everything_in, link_in, person_id

pytestmark = [on_postgresql, pytest.mark.timeout(600)]

OWNER = "yu.ziang@hangzhou.example"
DIRECTOR = "fang.zhiyuan@general-headquarters.example"
LEADER = "gong.yaohui@yiwu.example"
NAME = "光伏玻璃生产线项目"
COLUMNS = {
    "项目名称": NAME,
    "县市区": "义乌市",
    "所属产业": "建材",
    "投资额(亿元)": "8",
    "阶段": "在谈",
    "项目负责人": OWNER,
    "投资方联系人": "王先生",
    "合同编号": "YW-2026-101",
    "合同签订日期": "2026-11",
    "计划开工时间": "2027年3月",
    "是否需要厂房": "是",
}
SHEET = ",".join(COLUMNS) + "\n" + ",".join(COLUMNS.values()) + "\n"
SCANS = 30
SWEEP, ROUND = "escalate-stalled-projects/every-minute", "deliver-mail/every-minute"


@pytest.fixture
def luodi(tmp_path: Path, database_url: str) -> Luodi:
    luodi = installed(tmp_path, database_url=database_url)
    luodi.type("sample", "load")
    return luodi


def test_import_request_mail_scanners_approval_stall_unit_municipality(
    luodi: Luodi,
    database: Database,
    database_url: str,
    tmp_path: Path,
    prefect_server: PrefectServer,
) -> None:
    project = imported(luodi, database, tmp_path)
    prefect_server.start()
    with (
        luodi.serving(),
        serving(prefect_server, database_url, LUODI_BASE_URL=luodi.address),
        Someone(luodi, person(database, OWNER)) as owner,
    ):
        request_id = ask_to_sign(owner, database, project)
        assert prefect_server.run(ROUND) == "COMPLETED"
        link = link_in(letter_to(LEADER, owner, database, request_id))

        scan(link, luodi, database)
        assert stage_of(database, project.id) is Stage.NEGOTIATION

        approve(link, request_id, luodi)
        assert stage_of(database, project.id) is Stage.SIGNED
        check_history(database, project.id, request_id)

        today = local_day(datetime.now(CITY_TIME))
        for days, rung, reader in [(25, "unit", LEADER), (35, "municipality", DIRECTOR)]:
            day = city_calendar().add(today, days)
            as_of = city_calendar().opening(day) + timedelta(minutes=1)
            assert prefect_server.run(SWEEP, as_of=as_of.isoformat()) == "COMPLETED"
            assert rung_of(database, project.id) == rung
            assert person(database, reader) in told(database, project.id, on=day)
        assert prefect_server.run(ROUND) == "COMPLETED"
    check_one_order_mail_per_person_and_day(database)


def imported(luodi: Luodi, database: Database, folder: Path) -> Project:
    """Import the sheet, twice: the second time changes nothing."""
    sheet = folder / "projects.csv"
    sheet.write_text(SHEET)
    first, again = (json.loads(luodi.type("import", str(sheet), "--json")) for _ in range(2))
    assert (first["created"], first["rejected"]) == (1, [])
    assert (again["created"], again["unchanged"]) == (0, 1)
    with database.reading() as session:
        return session.scalars(select(Project).where(Project.name_zh == NAME)).one()


def person(database: Database, email: str) -> int:
    with database.reading() as session:
        return person_id(session, email)


def ask_to_sign(owner: Someone, database: Database, project: Project) -> int:
    page = f"/projects/{project.number}"
    owner.post(f"{page}/evidence", kind="contract", title="合同", reference="档案 12 号")
    owner.post(f"{page}/advance", move="sign")
    with database.reading() as session:
        return session.scalars(
            select(ApprovalRequest.id).where(ApprovalRequest.project_id == project.id)
        ).one()


def letter_to(email: str, reader: Someone, database: Database, request_id: int) -> str:
    """The page of the letter that asks, once it has left."""
    with database.reading() as session:
        mail = session.scalars(
            select(Mail).where(
                Mail.person_id == person_id(session, email), Mail.request_id == request_id
            )
        ).one()
    assert mail.state is MailState.ACCEPTED
    return reader.http.get(f"/mailbox/{mail.id}").text


def scan(link: str, luodi: Luodi, database: Database) -> None:
    """Do what mail scanners do, and see that nothing at all has changed."""
    before = everything_in(database)
    with luodi.client() as scanner:
        for n in range(SCANS):
            opened = scanner.request("HEAD" if n % 3 else "GET", link, follow_redirects=True)
            assert opened.status_code == httpx2.codes.OK
    assert everything_in(database) == before


def approve(link: str, request_id: int, luodi: Luodi) -> None:
    with luodi.client(headers={"Origin": luodi.address}) as manager:
        form = manager.get(link, follow_redirects=True)
        answer = {"answer": "approve", "request": str(request_id)}
        assert manager.post(str(form.url), data=answer).status_code == httpx2.codes.SEE_OTHER


def check_history(database: Database, project_id: int, request_id: int) -> None:
    owner, leader = person(database, OWNER), person(database, LEADER)
    with database.reading() as session:
        moved = session.scalars(
            select(StageChange)
            .where(StageChange.project_id == project_id)
            .order_by(StageChange.seq.desc())
        ).first()
        settled = session.get_one(ApprovalRequest, request_id)
    assert moved is not None
    assert (moved.before, moved.after) == (Stage.NEGOTIATION, Stage.SIGNED)
    assert (moved.by_id, moved.request_id) == (owner, request_id)
    assert (settled.state, settled.settled_by_id) == (RequestState.APPROVED, leader)


def check_one_order_mail_per_person_and_day(database: Database) -> None:
    with database.reading() as session:
        mails = session.scalars(select(Mail).where(Mail.kind == "orders")).all()
    assert {mail.state for mail in mails} == {MailState.ACCEPTED}
    days = Counter((mail.person_id, mail.facts["day"]) for mail in mails)
    assert set(days.values()) == {1}


def stage_of(database: Database, project_id: int) -> Stage:
    with database.reading() as session:
        return session.get_one(Project, project_id).stage


def rung_of(database: Database, project_id: int) -> str:
    with database.reading() as session:
        return session.scalars(
            select(Order.rung).where(Order.project_id == project_id, Order.closed_at.is_(None))
        ).one()


def told(database: Database, project_id: int, *, on: date) -> set[int]:
    with database.reading() as session:
        return set(
            session.scalars(
                select(OrderNotice.person_id)
                .join(Order, Order.id == OrderNotice.order_id)
                .join(Mail, Mail.id == OrderNotice.mail_id)
                .where(Order.project_id == project_id, Mail.key.endswith(on.isoformat()))
            )
        )
