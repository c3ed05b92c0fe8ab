"""A link that opens nothing any more is a helpful page, and tells no more than it may."""

from fastapi import FastAPI
from sqlalchemy import select, update
from starlette.testclient import TestClient

from db.models import ApprovalRequest, Evidence, Mail, Person, Project
from db.session import Database
from notifications import links
from state_machines.approvals import RequestState
from tests.builders import Staff
from tests.clock import WallClock
from tests.web.browser import browser, shown
from tests.web.links import decide, mint, opened
from use_cases.withdraw import withdraw


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


def test_who_has_left_sees_no_facts_and_no_files_and_gets_no_fresh_mail(
    client: TestClient, ready: str, database: Database, clock: WallClock, staff: Staff
) -> None:
    client.post(
        f"/projects/{ready}/evidence",
        data={"kind": "contract"},
        files={"file": ("合同.pdf", b"%PDF-1.7")},
    )
    client.post(f"/projects/{ready}/advance", data={"move": "sign"})
    with database.writing() as session:
        evidence = session.scalars(select(Evidence.id).where(Evidence.file_name.is_not(None))).one()
        name = session.scalars(select(Project.name_zh)).one()
        request_id = session.scalars(select(ApprovalRequest.id)).one()
        token = mint(session, request_id, staff.unit_leader, clock)
    page = opened(client, token)
    before = client.get(page), client.get(f"{page}/evidence/{evidence}")
    with database.writing() as session:
        session.execute(update(Person).where(Person.id == staff.unit_leader).values(active=False))

    look, file = client.get(page), client.get(f"{page}/evidence/{evidence}")
    fresh = client.post(f"{page}/fresh")

    assert [each.status_code for each in before] == [200, 200]
    assert "3亿元" in before[0].text
    assert [each.status_code for each in (look, fresh)] == [410, 403]
    assert [word for word in ("3亿元", name, "<form") if word in look.text] == []
    assert file.status_code == 404
    with database.reading() as session:
        assert session.scalars(select(Mail).where(Mail.kind == "fresh_link")).all() == []


def test_who_has_left_after_answering_is_told_no_more(
    client: TestClient, two_asked: tuple[int, str, str], database: Database, staff: Staff
) -> None:
    page = opened(client, two_asked[1])
    decide(client, page, two_asked[0], answer="approve")
    with database.writing() as session:
        session.execute(update(Person).where(Person.id == staff.unit_leader).values(active=False))

    answered, look = client.get(f"{page}/answered"), client.get(page)

    assert (answered.status_code, answered.headers["location"]) == (303, page)
    assert look.status_code == 410
