"""A request's page: why it was asked of whom, and who has answered."""

from sqlalchemy import func, select
from starlette.testclient import TestClient

from db.models import ApprovalRequest, Project
from db.session import Database
from state_machines.approvals import RequestState
from state_machines.posts import Role
from state_machines.working_days import local_day
from tests.builders import (
    CALENDAR,
    LANXI,
    Staff,
    add_holder,
    ask_to_sign,
    delegate,
)
from tests.clock import WallClock
from tests.statements import Counted
from tests.web.browser import act_as, name_of, page_of, shown
from use_cases.edit_project import edit_project


def state(database: Database) -> RequestState:
    with database.reading() as session:
        return session.scalars(select(ApprovalRequest.state).order_by(ApprovalRequest.id)).all()[-1]


def test_the_steps_say_who_is_asked_and_why_and_what_is_to_come(
    client: TestClient, request_page: str, database: Database, staff: Staff
) -> None:
    page = shown(client.get(request_page))

    steps = page.split("审批步骤")[1].split("提请审批时的项目信息")[0]
    assert name_of(database, staff.unit_leader) in steps
    assert "在任" in steps
    assert "总指挥部主任 尚未开始" in steps
    assert name_of(database, staff.director) not in steps
    assert "合计须至少2人同意" in steps
    assert "答复期限2026年3月9日：还剩5个工作日" in steps
    assert "2026年3月23日后终止" in steps
    assert "10亿元" in page


def test_a_stand_in_and_an_empty_post_say_why_somebody_else_is_asked(
    client: TestClient, database: Database, clock: WallClock, staff: Staff
) -> None:
    today = local_day(clock())
    with database.writing() as session:
        stand_in = add_holder(session, Role.CASE_OFFICER, LANXI)
        delegate(session, staff.unit_leader, stand_in, from_day=today, to_day=today)
        page = page_of(session, ask_to_sign(session, staff, now=clock())[1])

    steps = shown(client.get(page)).split("审批步骤")[1]

    assert f"{name_of(database, stand_in)} 代{name_of(database, staff.unit_leader)}" in steps
    assert "代理在任人员" in steps


def test_an_earlier_round_is_shown_with_its_reasons_and_what_changed(
    client: TestClient, request_page: str, database: Database, clock: WallClock, staff: Staff
) -> None:
    act_as(client, staff.unit_leader)
    client.post(f"{request_page}/answer", data={"answer": "send_back", "comment": "请补红线图"})
    with database.writing() as session:
        project = session.scalars(select(Project)).one()
        edit_project(
            session, project.id, {"contract_number": "HT-2026-099"}, edition=None,
            by=staff.headquarters_head, now=clock(), calendar=CALENDAR,
        )  # fmt: skip
        number = project.number
    act_as(client, staff.officer)
    client.post(f"/projects/{number}/advance", data={"move": "sign"})
    with database.reading() as session:
        again = page_of(session, session.scalars(select(func.max(ApprovalRequest.id))).one())

    page = client.get(again)

    assert "<del>HT-2026-017</del>" in page.text
    assert "<ins>HT-2026-099</ins>" in page.text
    assert "请补红线图" in shown(page).split("历次审批")[1]
    assert f'href="{again}"' in client.get(request_page).text, "the old round leads to the new one"


def test_what_changed_since_without_asking_again_is_shown(
    client: TestClient, request_page: str, database: Database, clock: WallClock, staff: Staff
) -> None:
    with database.writing() as session:
        edit_project(
            session, session.scalars(select(Project.id)).one(), {"investor_contact": "李女士"},
            edition=None, by=staff.headquarters_head, now=clock(), calendar=CALENDAR,
        )  # fmt: skip

    page = shown(client.get(request_page))

    assert "李女士" in page.split("提请后变更")[1]
    assert state(database) is RequestState.PENDING


def test_a_page_costs_the_same_however_many_were_asked(
    client: TestClient, database: Database, clock: WallClock, staff: Staff
) -> None:
    with database.writing() as session:
        few = page_of(session, ask_to_sign(session, staff, now=clock())[1])
        for _ in range(5):
            add_holder(session, Role.UNIT_LEADER, LANXI)
        many = page_of(session, ask_to_sign(session, staff, now=clock())[1])

    costs = []
    for page in (few, many):
        with Counted(database) as counted:
            assert client.get(page).status_code == 200
        costs.append(counted.number)

    assert costs[0] == costs[1] < 35
