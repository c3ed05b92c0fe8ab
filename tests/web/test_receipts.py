"""Behind a receipt's link: what was answered in one's name, and "this was not me"."""

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from db.models import ApprovalRequest, Freeze, LinkPurpose, Person, Project
from db.queries.policies import policy_in_force
from db.session import Database
from state_machines.approvals import RequestState
from state_machines.stages import Move, Stage
from tests.builders import CALENDAR, Staff, mails
from tests.clock import WallClock
from tests.web.browser import act_as, shown
from tests.web.links import decide, everything, mint, opened
from use_cases.move_project import move_project

YES = {"confirmed": "yes"}


@pytest.fixture
def receipt(
    client: TestClient,
    asked: tuple[int, str],
    database: Database,
    clock: WallClock,
    staff: Staff,
) -> str:
    """The token of a receipt, for an answer that has just moved the project."""
    decide(client, opened(client, asked[1]), asked[0], answer="approve", comment="可行")
    clock.forward(minutes=1)
    with database.writing() as session:
        return mint(session, asked[0], staff.unit_leader, clock, LinkPurpose.RECEIPT)


def test_looking_at_a_receipt_changes_nothing_and_shows_what_was_answered(
    client: TestClient, receipt: str, database: Database
) -> None:
    before = everything(database)

    page = opened(client, receipt, "r")
    looks = [client.request(method, page) for method in ("GET", "HEAD", "GET")]

    assert receipt not in page
    assert {each.status_code for each in looks} == {200}
    for said in ("同意", "可行", "签约：在谈 → 签约", "并非本人所为"):
        assert said in shown(looks[0])
    assert everything(database) == before


def test_disowning_needs_a_word_that_it_is_meant(
    client: TestClient, receipt: str, database: Database
) -> None:
    before = everything(database)
    page = opened(client, receipt, "r")

    answer = client.post(page)

    assert answer.status_code == 422
    assert "请先勾选确认" in shown(answer)
    assert everything(database) == before


def test_this_was_not_me_freezes_the_project_until_an_administrator_has_looked(
    client: TestClient, receipt: str, database: Database, staff: Staff
) -> None:
    page = opened(client, receipt, "r")

    disowned = client.post(page, data=YES)
    again = client.post(page, data=YES)
    after = client.get(page)

    assert disowned.headers["location"] == page
    assert again.status_code == 303
    assert after.status_code == 200
    assert "项目已暂停" in shown(after)
    assert "<form" not in after.text
    with database.reading() as session:
        assert session.scalars(select(Project.frozen_at)).one() is not None
        assert mails(session, "project_froze") == [("project_froze", staff.administrator)]
        number = session.scalars(select(Project.number)).one()
        name = session.get_one(Person, staff.unit_leader).name
    project = client.get(f"/projects/{number}")
    moved = client.post(f"/projects/{number}/advance", data={"move": "lease_factory"})
    assert f"{name}于" in shown(project).split("本项目已冻结")[1]
    assert 'name="verdict"' not in project.text, "only administrators end it"
    assert moved.status_code in (409, 422)


def test_the_next_move_ends_the_receipt(
    client: TestClient, receipt: str, database: Database, clock: WallClock
) -> None:
    page = opened(client, receipt, "r")
    with database.writing() as session:
        move_project(
            session, session.scalars(select(Project)).one(), Move.STEP_BACK, by=None,
            now=clock(), calendar=CALENDAR, adopted=policy_in_force(session), reason="重谈",
        )  # fmt: skip

    look, late = client.get(page), client.post(page, data=YES)

    assert (look.status_code, late.status_code) == (410, 410)
    assert "项目已继续推进" in shown(look)
    with database.reading() as session:
        assert session.scalars(select(Freeze)).all() == []


def test_a_receipt_opens_no_question_and_a_question_no_receipt(
    client: TestClient, receipt: str, asked: tuple[int, str]
) -> None:
    page = opened(client, receipt, "r")

    assert client.get(f"/a/{receipt}").status_code == 404
    assert client.get(f"/r/{asked[1]}").status_code == 404
    assert client.get(page.replace("/r/", "/a/")).status_code in (403, 404)
    client.cookies.clear()
    assert client.get(page).status_code == 403


@pytest.mark.parametrize(
    ("verdict", "state", "stage", "said"),
    [
        ("confirm", RequestState.APPROVED, Stage.SIGNED, "决定已确认有效"),
        ("annul", RequestState.ANNULLED, Stage.NEGOTIATION, "决定已撤销"),
    ],
)
def test_an_administrator_confirms_or_annuls_with_a_reason_and_the_receipt_says_so(
    client: TestClient,
    receipt: str,
    database: Database,
    clock: WallClock,
    staff: Staff,
    verdict: str,
    state: RequestState,
    stage: Stage,
    said: str,
) -> None:
    page = opened(client, receipt, "r")
    client.post(page, data=YES)
    with database.reading() as session:
        number = session.scalars(select(Project.number)).one()
    freeze, form = f"/projects/{number}/freeze", {"verdict": verdict, "reason": "已与本人核实"}
    clock.forward(minutes=5)
    act_as(client, staff.officer)
    others = client.post(freeze, data=form)
    act_as(client, staff.administrator)
    offered = client.get(f"/projects/{number}")
    without = client.post(freeze, data={"verdict": verdict, "reason": " "})
    unchosen = client.post(freeze, data={"reason": "已与本人核实"})
    ended = client.post(freeze, data=form)
    after = client.get(page)

    assert others.status_code == 403
    assert f'action="{freeze}"' in offered.text
    assert (without.status_code, unchosen.status_code, ended.status_code) == (422, 422, 303)
    assert f'value="{verdict}" required checked' in without.text
    assert ">已与本人核实</textarea>" in unchosen.text
    with database.reading() as session:
        assert session.scalars(select(ApprovalRequest.state)).one() is state
        assert session.scalars(select(Project.stage)).one() is stage
    assert after.status_code == 410
    assert said in shown(after)
    assert "已与本人核实" in shown(after)
