"""Behind a mailed link: looking changes nothing, whoever looks, however often."""

from fastapi import FastAPI
from sqlalchemy import func, select, update
from starlette.testclient import TestClient

from db.models import ApprovalRequest, Person, Project
from db.session import Database
from state_machines.approvals import RequestState
from tests.builders import CALENDAR, Staff
from tests.clock import WallClock
from tests.statements import Counted
from tests.web.browser import browser, shown
from tests.web.links import decide, everything, mint, opened
from use_cases.edit_project import edit_project


def test_thirty_scanners_change_nothing_and_spend_nothing(
    app: FastAPI, database: Database, asked: tuple[int, str]
) -> None:
    before = everything(database)

    for n in range(30):
        scanner = browser(app, (f"203.0.113.{n}", 4000), "http://luodi.example")
        method = "HEAD" if n % 2 else "GET"
        first = scanner.request(method, f"/a/{asked[1]}")
        assert first.status_code == 303
        assert scanner.request(method, first.headers["location"]).status_code == 200

    assert everything(database) == before


def test_the_token_is_swapped_for_a_cookie_that_only_this_link_reads(
    client: TestClient, asked: tuple[int, str]
) -> None:
    answer = client.get(f"/a/{asked[1]}")

    cookie = answer.headers["set-cookie"]
    assert asked[1] not in answer.headers["location"] + cookie
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert f"Path={answer.headers['location']}" in cookie
    assert "Max-Age=1800" in cookie
    assert "Secure" not in cookie
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_the_page_asks_and_has_nothing_chosen(
    client: TestClient, asked: tuple[int, str], database: Database
) -> None:
    page = client.get(opened(client, asked[1]))

    with database.reading() as session:
        name = session.scalars(select(Project.name_zh)).one()
    assert page.status_code == 200
    assert name in shown(page)
    assert "3亿元" in shown(page)
    assert "您同意后，项目立即进入“签约”" in shown(page)
    assert "checked" not in page.text
    assert page.text.count('type="radio"') == 3


def test_the_page_closes_after_half_an_hour(
    client: TestClient, asked: tuple[int, str], clock: WallClock
) -> None:
    page = opened(client, asked[1])

    clock.forward(minutes=29)
    in_time = client.get(page)
    clock.forward(minutes=1)
    too_late = client.get(page)

    assert (in_time.status_code, too_late.status_code) == (200, 403)
    assert "请重新打开邮件中的链接" in shown(too_late)


def test_asked_again_shows_field_by_field_what_changed(
    client: TestClient, asked: tuple[int, str], clock: WallClock, database: Database, staff: Staff
) -> None:
    with database.writing() as session:
        project_id = session.scalars(select(Project.id)).one()
        edit_project(
            session, project_id, {"contract_number": "HT-2026-099"}, edition=None,
            by=staff.headquarters_head, now=clock(), calendar=CALENDAR,
        )  # fmt: skip
        again = session.scalars(
            select(ApprovalRequest.id).where(ApprovalRequest.state == RequestState.PENDING)
        ).one()
        token = mint(session, again, staff.unit_leader, clock)

    page = client.get(opened(client, token))

    assert "<del>HT-2026-017</del>" in page.text
    assert "<ins>HT-2026-099</ins>" in page.text


def test_asked_again_shows_who_said_what_the_time_before(
    client: TestClient,
    two_asked: tuple[int, str, str],
    clock: WallClock,
    database: Database,
    staff: Staff,
) -> None:
    first = opened(client, two_asked[1])
    with Counted(database) as without:
        client.get(first)
    decide(client, first, two_asked[0], answer="send_back", comment="请补用地红线图")
    with database.reading() as session:
        number = session.scalars(select(Project.number)).one()
        leader = session.get_one(Person, staff.unit_leader).name
        director = session.get_one(Person, staff.director).name
    client.post(f"/projects/{number}/advance", data={"move": "sign"})
    with database.writing() as session:
        asked = session.scalars(select(func.max(ApprovalRequest.id))).one()
        token = mint(session, asked, staff.unit_leader, clock)

    second = opened(client, token)
    with Counted(database) as again:
        page = client.get(second)

    previous = shown(page).split("上次答复情况")[1]
    for said in (leader, director, "已退回修改", "请补用地红线图"):
        assert said in previous
    assert again.number == without.number + 1, "all earlier answers in one statement"


def test_the_page_speaks_its_readers_language(
    client: TestClient, asked: tuple[int, str], database: Database, staff: Staff
) -> None:
    client.cookies.set("luodi_language", "zh-Hans")
    with database.writing() as session:
        session.execute(update(Person).where(Person.id == staff.unit_leader).values(language="en"))

    answer = client.get(opened(client, asked[1]))

    assert '<html lang="en">' in answer.text
    assert "Your answer" in shown(answer)
