"""Behind a mailed link: looking changes nothing, one link is one link, and an answer stands."""

from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from db.base import Base
from db.models import ApprovalRequest, LinkPurpose, Mail, Person, Project
from db.session import Database
from notifications import links
from state_machines.approvals import RequestState
from state_machines.stages import Stage
from tests.builders import BILLION, CALENDAR, Staff, ask_to_sign
from tests.clock import WallClock
from tests.web.browser import browser, shown
from use_cases.edit_project import edit_project
from use_cases.withdraw import withdraw


def mint(session: Session, request_id: int, person_id: int, clock: WallClock) -> str:
    mail_id = session.scalars(
        select(Mail.id).where(Mail.request_id == request_id, Mail.person_id == person_id)
    ).first()
    return links.mint(
        session,
        purpose=LinkPurpose.APPROVAL,
        mail_id=mail_id or 0,
        person_id=person_id,
        request_id=request_id,
        now=clock(),
        calendar=CALENDAR,
        days=10,
    )


@pytest.fixture
def asked(database: Database, clock: WallClock, staff: Staff) -> tuple[int, str]:
    """A request that asks the unit's leader alone, and the token of that mail."""
    with database.writing() as session:
        _, request_id = ask_to_sign(session, staff, now=clock())
        return request_id, mint(session, request_id, staff.unit_leader, clock)


@pytest.fixture
def two_asked(database: Database, clock: WallClock, staff: Staff) -> tuple[int, str, str]:
    """A request that asks leader and director, and their tokens."""
    with database.writing() as session:
        _, request_id = ask_to_sign(session, staff, now=clock(), investment=2 * BILLION)
        leader = mint(session, request_id, staff.unit_leader, clock)
        return request_id, leader, mint(session, request_id, staff.director, clock)


def opened(client: TestClient, token: str) -> str:
    """Open a link as a browser does, and return the address without the token."""
    answer = client.get(f"/a/{token}")
    assert answer.status_code == 303
    return str(answer.headers["location"])


def decide(client: TestClient, page: str, request_id: int, **answer: str) -> Any:
    return client.post(page, data={"request": request_id} | answer)


def everything(database: Database) -> dict[str, list[Any]]:
    with database.reading() as session:
        return {
            name: [tuple(row) for row in session.execute(select(table)).all()]
            for name, table in Base.metadata.tables.items()
        }


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


def test_a_yes_moves_the_project_and_a_second_click_is_the_same_yes(
    client: TestClient, asked: tuple[int, str], database: Database
) -> None:
    page = opened(client, asked[1])

    first = decide(client, page, asked[0], answer="approve")
    again = decide(client, page, asked[0], answer="approve")
    after = client.get(first.headers["location"])

    with database.reading() as session:
        assert session.scalars(select(Project.stage)).one() is Stage.SIGNED
    assert first.status_code == again.status_code == 303
    assert after.status_code == 200
    assert "您的答复已记录" in shown(after)
    assert client.get(page).status_code == 410


@pytest.mark.parametrize("answer", ["reject", "send_back"])
def test_a_no_needs_a_reason_and_what_was_typed_stays(
    client: TestClient, asked: tuple[int, str], database: Database, answer: str
) -> None:
    page = opened(client, asked[1])

    without = decide(client, page, asked[0], answer=answer, comment="  ")
    with_reason = decide(client, page, asked[0], answer=answer, comment="<b>用地未落实</b>")

    assert without.status_code == 422
    assert f'value="{answer}" required checked' in without.text
    assert with_reason.status_code == 303
    with database.reading() as session:
        state = session.scalars(select(ApprovalRequest.state)).one()
    assert state in (RequestState.REJECTED, RequestState.SENT_BACK)
    settled = client.get(page)
    assert "<b>用地" not in settled.text
    assert "<b>用地未落实</b>" in shown(settled).replace("&lt;", "<")


def test_no_answer_is_no_answer(
    client: TestClient, asked: tuple[int, str], database: Database
) -> None:
    before = everything(database)
    page = opened(client, asked[1])

    answers = [
        decide(client, page, asked[0], comment="好"),
        decide(client, page, asked[0], answer="perhaps"),
        decide(client, page, asked[0] + 1, answer="approve"),
        client.post(page, data={"answer": "approve"}),
    ]

    assert [each.status_code for each in answers] == [422, 422, 403, 422]
    assert everything(database) == before


def test_the_cookie_of_one_link_opens_no_other(
    app: FastAPI, two_asked: tuple[int, str, str], database: Database
) -> None:
    leader, director = browser(app), browser(app)
    mine, theirs = opened(leader, two_asked[1]), opened(director, two_asked[2])
    stolen = list(leader.cookies.values())

    refused = [leader.get(theirs), decide(leader, theirs, two_asked[0], answer="approve")]
    renamed = browser(app)
    for value in stolen:
        renamed.cookies.set(f"luodi_link_{theirs.rpartition('/')[2]}", value)
    refused += [renamed.get(theirs), browser(app).get(mine), browser(app).get("/a/open/999999")]

    assert {each.status_code for each in refused} == {403}
    with database.reading() as session:
        assert session.scalars(select(ApprovalRequest.state)).one() is RequestState.PENDING


def test_two_links_in_one_browser_never_cross(
    client: TestClient, two_asked: tuple[int, str, str]
) -> None:
    mine, theirs = opened(client, two_asked[1]), opened(client, two_asked[2])

    assert "县市区主要负责人" in shown(client.get(mine)).split("您的审批岗位")[1][:40]
    assert "总指挥部主任" in shown(client.get(theirs)).split("您的审批岗位")[1][:40]


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


def test_an_opposite_answer_is_told_which_one_stands(
    client: TestClient, two_asked: tuple[int, str, str]
) -> None:
    page = opened(client, two_asked[1])
    decide(client, page, two_asked[0], answer="approve")

    opposite = decide(client, page, two_asked[0], answer="reject", comment="再想想")

    assert opposite.status_code == 409
    assert "同意" in shown(opposite)


def test_an_unknown_link_tells_nothing(client: TestClient, asked: tuple[int, str]) -> None:
    answer = client.get(f"/a/{asked[1][:-1]}x")

    assert answer.status_code == 404
    assert "JH-" not in answer.text
    assert "set-cookie" not in answer.headers


def test_an_expired_link_gets_a_fresh_one_at_the_registered_address_alone(
    client: TestClient,
    asked: tuple[int, str],
    clock: WallClock,
    database: Database,
    staff: Staff,
) -> None:
    clock.forward(days=20)
    page = opened(client, asked[1])

    expired = client.get(page)
    too_late = decide(client, page, asked[0], answer="approve")
    afresh = client.post(f"{page}/fresh", data={"email": "evil@elsewhere.example"})
    on_its_way = client.get(afresh.headers["location"])

    assert expired.status_code == too_late.status_code == 410
    assert "给我发送新链接" in shown(expired)
    assert on_its_way.status_code == 200
    with database.reading() as session:
        [fresh] = session.scalars(select(Mail).where(Mail.kind == "fresh_link"))
        assert fresh.person_id == staff.unit_leader
        assert session.scalars(select(ApprovalRequest.state)).one() is RequestState.PENDING


def test_a_replaced_link_names_the_newest_mail(
    client: TestClient, asked: tuple[int, str], clock: WallClock, database: Database
) -> None:
    with database.writing() as session:
        links.revoke(session, asked[0], now=clock())

    answer = client.get(opened(client, asked[1]))

    assert answer.status_code == 410
    assert "已有更新的链接" in shown(answer)


def test_a_withdrawn_request_says_who_and_when(
    client: TestClient, asked: tuple[int, str], clock: WallClock, database: Database, staff: Staff
) -> None:
    page = opened(client, asked[1])
    with database.writing() as session:
        withdraw(session, asked[0], by=staff.officer, now=clock())
        officer = session.get_one(Person, staff.officer).name

    look, late = client.get(page), decide(client, page, asked[0], answer="approve")

    assert (look.status_code, late.status_code) == (410, 409)
    assert officer in shown(look)
    assert "已撤回" in shown(look)


def test_names_and_reasons_are_not_for_who_has_left(
    two_asked: tuple[int, str, str],
    database: Database,
    staff: Staff,
    app: FastAPI,
) -> None:
    leader, director = browser(app), browser(app)
    decide(leader, opened(leader, two_asked[1]), two_asked[0], answer="reject", comment="机密")
    page = opened(director, two_asked[2])
    told = shown(director.get(page))
    with database.writing() as session:
        name = session.get_one(Person, staff.unit_leader).name
        session.execute(update(Person).where(Person.id == staff.director).values(active=False))

    after = shown(director.get(page))

    assert [word in told for word in (name, "机密")] == [True, True]
    assert [word in after for word in (name, "机密")] == [False, False]
    assert "未同意" in after


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


def test_the_page_speaks_its_readers_language(
    client: TestClient, asked: tuple[int, str], database: Database, staff: Staff
) -> None:
    client.cookies.set("luodi_language", "zh-Hans")
    with database.writing() as session:
        session.execute(update(Person).where(Person.id == staff.unit_leader).values(language="en"))

    answer = client.get(opened(client, asked[1]))

    assert '<html lang="en">' in answer.text
    assert "Your answer" in shown(answer)
