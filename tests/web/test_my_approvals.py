"""My approvals: what waits for me by its deadline, what I asked and who has not answered yet."""

import re

from sqlalchemy import select, update
from starlette.testclient import TestClient

from db.models import ApprovalRequest, Person
from db.session import Database
from tests.builders import BILLION, Staff, ask_to_sign
from tests.clock import WallClock
from tests.statements import Counted
from tests.web.browser import act_as, shown
from web.approvals import PAGE

REQUEST = re.compile(r'/projects/[^/"]+/requests/(\d+)"')


def ask(database: Database, staff: Staff, clock: WallClock, number: int = 1) -> list[int]:
    with database.writing() as session:
        return [
            ask_to_sign(session, staff, now=clock(), investment=BILLION)[1] for _ in range(number)
        ]


def section(page: str, which: str) -> str:
    return page.split(f'id="{which}"')[1].split("</section>", maxsplit=1)[0]


def test_what_waits_for_me_stands_by_its_deadline_and_says_until_when(
    client: TestClient, database: Database, clock: WallClock, staff: Staff
) -> None:
    [monday] = ask(database, staff, clock)
    clock.forward(days=4)
    [friday] = ask(database, staff, clock)
    with database.writing() as session:
        # The older one has stood still for long.
        late = session.scalars(select(ApprovalRequest.answer_by).order_by(ApprovalRequest.id)).all()
        session.execute(
            update(ApprovalRequest)
            .where(ApprovalRequest.id == monday)
            .values(answer_by=late[1].replace(day=late[1].day + 3))
        )
    act_as(client, staff.unit_leader)

    waiting = section(client.get("/approvals").text, "waiting")

    assert REQUEST.findall(waiting) == [str(friday), str(monday)]
    assert "答复期限2026年3月13日：还剩5个工作日" in waiting
    assert "县市区主要负责人" in waiting
    assert "第1步，共2步" in waiting


def test_the_last_day_and_the_days_after_it_are_said_in_words(
    client: TestClient, database: Database, clock: WallClock, staff: Staff
) -> None:
    [request_id] = ask(database, staff, clock)
    act_as(client, staff.unit_leader)

    clock.forward(days=7)
    last_day = shown(client.get("/approvals"))
    with database.writing() as session:
        session.get_one(ApprovalRequest, request_id).superior_added = True
    overdue = shown(client.get("/approvals"))

    assert "今天是最后一天" in last_day
    assert "已逾期，已同时请上级审批" in overdue


def test_what_i_asked_names_who_has_not_answered_yet(
    client: TestClient, database: Database, clock: WallClock, staff: Staff
) -> None:
    ask(database, staff, clock)
    with database.reading() as session:
        leader = session.get_one(Person, staff.unit_leader).name
        director = session.get_one(Person, staff.director).name
    act_as(client, staff.officer)

    asked = section(client.get("/approvals").text, "asked")

    assert leader in asked
    assert director not in asked, "a later step is asked when its turn comes"


def test_who_is_neither_asked_nor_has_asked_is_told_so(client: TestClient, staff: Staff) -> None:
    act_as(client, staff.deputy_mayor)

    page = shown(client.get("/approvals"))

    assert "没有待您答复的审批" in page
    assert "您尚未提请审批" in page


def test_the_pages_of_both_lists_lead_through_all_once(
    client: TestClient, database: Database, clock: WallClock, staff: Staff
) -> None:
    expected = sorted(map(str, ask(database, staff, clock, 2 * PAGE + 1)))

    for person, which in ((staff.unit_leader, "waiting"), (staff.officer, "asked")):
        act_as(client, person)
        found: list[str] = []
        path: str | None = "/approvals"
        for _ in range(4):
            part = section(client.get(path or "").text, which)
            found += REQUEST.findall(part)
            following = re.search(r'rel="next" href="([^"#]+)', part)
            path = following[1].replace("&amp;", "&") if following else None
            if path is None:
                break

        assert path is None
        assert sorted(found) == expected, which


def test_the_page_costs_the_same_for_one_request_and_for_twenty(
    client: TestClient, database: Database, clock: WallClock, staff: Staff
) -> None:
    costs = []
    for person in (staff.unit_leader, staff.officer):
        act_as(client, person)
        for more in (1, 10):
            ask(database, staff, clock, more)
            with Counted(database) as counted:
                assert client.get("/approvals").status_code == 200
            costs.append(counted.number)

    assert costs[0] == costs[1]
    assert costs[2] == costs[3]
    assert max(costs) < 25


def test_a_place_that_was_tampered_with_is_the_beginning(
    client: TestClient, database: Database, clock: WallClock, staff: Staff
) -> None:
    [request_id] = ask(database, staff, clock)
    act_as(client, staff.unit_leader)

    for place in ("x", "2026-01-01", "2026-01-01_x", f"2026-01-01_{10**20}", "9999-99-99_1", "_"):
        page = client.get("/approvals", params={"waiting_after": place})
        assert REQUEST.findall(section(page.text, "waiting")) == [str(request_id)], place
