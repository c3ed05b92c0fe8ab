"""A project's page: its moves, and all that is missing for them."""

from sqlalchemy import select
from starlette.testclient import TestClient

from db.models import ApprovalRequest, Mail, Project, StageChange
from db.queries.policies import policy_in_force
from db.queries.projects import project_id_of
from db.session import Database
from state_machines.approvals import RequestState, Subject
from state_machines.gates import RequirementKey
from state_machines.stages import Move, Stage
from tests.builders import CALENDAR, Staff
from tests.clock import WallClock
from tests.web.browser import act_as, fields_of, shown, stored
from use_cases.move_project import move_project
from web.ways import where_to_fill_in


def test_everything_missing_is_said_at_once_each_with_where_to_fill_it_in(
    client: TestClient, lead: str
) -> None:
    page = client.get(f"/projects/{lead}")

    answer = client.post(f"/projects/{lead}/advance", data={"move": "open_negotiation"})

    assert answer.status_code == 422
    problem = answer.text.split('id="problem"')[1].split("</section>")[0]
    for place in ("field-investor_contact", "field-industry", "field-investment"):
        assert f'href="#{place}"' in problem
        assert f'id="{place}"' in answer.text
        assert f'href="#{place}"' in page.text
    assert "field-owner_id" not in problem


def test_every_place_that_a_requirement_leads_to_is_on_the_page(
    client: TestClient, lead: str
) -> None:
    page = client.get(f"/projects/{lead}").text

    places = {where_to_fill_in(key).partition("#")[2] for key in RequirementKey}
    assert [place for place in places if f'id="{place}"' not in page] == []


def test_a_move_that_nobody_must_agree_to_is_made_at_once(
    client: TestClient, lead: str, database: Database
) -> None:
    form = fields_of(client, lead)
    form |= {"investor_contact": "王先生", "industry": "纺织", "investment": "3.2亿"}

    saved = client.post(f"/projects/{lead}/facts", data=form)
    moved = client.post(f"/projects/{lead}/advance", data={"move": "open_negotiation"})
    page = client.get(f"/projects/{lead}")

    assert (saved.status_code, moved.status_code) == (303, 303)
    assert stored(database, lead).stage is Stage.NEGOTIATION
    assert stored(database, lead).investment == 320_000_000
    assert "项目阶段已变更" in shown(page)
    assert "项目阶段已变更" not in shown(client.get(f"/projects/{lead}"))


def test_asking_withdrawing_and_asking_again(
    client: TestClient, ready: str, database: Database, staff: Staff
) -> None:
    client.post(f"/projects/{ready}/advance", data={"move": "sign"})
    with database.reading() as session:
        [request] = session.scalars(select(ApprovalRequest))
    second = client.post(f"/projects/{ready}/advance", data={"move": "sign"})
    act_as(client, staff.director)
    not_theirs = client.post(f"/projects/{ready}/requests/{request.id}/withdraw")
    act_as(client, staff.officer)
    withdrawn = client.post(f"/projects/{ready}/requests/{request.id}/withdraw")

    assert (second.status_code, not_theirs.status_code, withdrawn.status_code) == (409, 403, 303)
    assert "有一件审批尚未办结" in shown(second)
    assert "已撤回" in shown(client.get(f"/projects/{ready}"))


def test_a_reason_is_asked_for_where_one_is_needed_and_an_override_is_marked(
    client: TestClient, lead: str, database: Database
) -> None:
    form = {"move": "open_negotiation", "override": "yes"}

    without = client.post(f"/projects/{lead}/advance", data=form)
    asked = client.post(f"/projects/{lead}/advance", data=form | {"reason": "省重点，先行洽谈"})

    assert (without.status_code, asked.status_code) == (422, 303)
    assert "checked" in without.text
    page = shown(client.get(f"/projects/{lead}"))
    assert "越过准入标准" in page
    assert "省重点，先行洽谈" in page


def test_losing_is_asked_for_with_its_reason(client: TestClient, lead: str) -> None:
    without = client.post(f"/projects/{lead}/advance", data={"move": "lose", "reason": " "})
    asked = client.post(f"/projects/{lead}/advance", data={"move": "lose", "reason": "已投外市"})

    assert (without.status_code, asked.status_code) == (422, 303)


def test_a_move_that_is_not_possible_is_a_page(client: TestClient, lead: str) -> None:
    assert client.post(f"/projects/{lead}/advance", data={"move": "start"}).status_code == 409
    assert client.post(f"/projects/{lead}/advance", data={"move": "fly"}).status_code == 422
    assert client.post("/projects/JH-0/advance", data={"move": "sign"}).status_code == 404


def test_the_page_tells_the_story(
    client: TestClient, ready: str, database: Database, staff: Staff
) -> None:
    client.post(f"/projects/{ready}/advance", data={"move": "sign", "reason": "投资方催签"})

    page = shown(client.get(f"/projects/{ready}"))

    with database.reading() as session:
        assert session.scalars(select(ApprovalRequest.state)).all() == [RequestState.PENDING]
        assert session.scalars(select(StageChange.move)).all() == [None]
        assert session.scalars(select(ApprovalRequest.subject)).one() is Subject.SIGN
        assert session.scalars(select(Mail.kind)).all() == ["approval_asked"]
    for said in ("审批中", "投资方催签", "县市区主要负责人", "提请审批", "登记入库"):
        assert said in page


def test_the_page_counts_how_often_a_project_came_back(
    client: TestClient, lead: str, database: Database, clock: WallClock
) -> None:
    before = shown(client.get(f"/projects/{lead}"))
    with database.writing() as session:
        project = session.get_one(Project, project_id_of(session, lead))
        for move in (Move.LOSE, Move.REVIVE) * 2:
            move_project(
                session, project, move, by=None, now=clock(), calendar=CALENDAR,
                adopted=policy_in_force(session), reason="投资方改变主意",
            )  # fmt: skip

    after = shown(client.get(f"/projects/{lead}"))

    assert "恢复推进次数" not in before
    assert "恢复推进次数 2" in after
