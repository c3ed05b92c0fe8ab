"""A request's page: why it was asked of whom, who has answered, and what each person may do."""

import re

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.responses import Response
from starlette.testclient import TestClient

from db.models import ApprovalRequest, Mail, Person, Project
from db.session import Database
from state_machines.approvals import RequestState
from state_machines.posts import GENERAL_HEADQUARTERS, Role
from state_machines.stages import Stage
from state_machines.working_days import local_day
from tests.builders import (
    BILLION,
    CALENDAR,
    LANXI,
    Staff,
    add_holder,
    ask_to_sign,
    delegate,
    mails,
)
from tests.clock import WallClock
from tests.statements import Counted
from tests.web.browser import act_as, shown
from use_cases.decide import Answer, decide
from use_cases.edit_project import edit_project


@pytest.fixture
def request_page(database: Database, clock: WallClock, staff: Staff) -> str:
    """The page of a request that asks the leader, then the director."""
    with database.writing() as session:
        return page_of(session, ask_to_sign(session, staff, now=clock(), investment=BILLION)[1])


def page_of(session: Session, request_id: int) -> str:
    number = session.scalars(
        select(Project.number)
        .join(ApprovalRequest, ApprovalRequest.project_id == Project.id)
        .where(ApprovalRequest.id == request_id)
    ).one()
    return f"/projects/{number}/requests/{request_id}"


def name_of(database: Database, person_id: int) -> str:
    with database.reading() as session:
        return session.get_one(Person, person_id).name


def state(database: Database) -> RequestState:
    with database.reading() as session:
        return session.scalars(select(ApprovalRequest.state).order_by(ApprovalRequest.id)).all()[-1]


def said(answer: Response) -> str:
    """What the page says in reply to a refused act."""
    return str(answer.text.split('id="problem">')[1].split("</p>")[0])  # type: ignore[attr-defined]


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


def test_who_is_asked_answers_on_the_page_and_the_next_step_is_asked(
    client: TestClient, request_page: str, database: Database, staff: Staff
) -> None:
    act_as(client, staff.unit_leader)
    before = client.get(request_page)
    answered = client.post(f"{request_page}/answer", data={"answer": "approve", "comment": "可行"})
    after = shown(client.get(request_page))

    assert 'name="answer"' in before.text
    assert "checked" not in before.text.split('id="answer"')[1].split("</form>")[0]
    assert answered.headers["location"] == request_page
    assert "您的答复已记录" in after
    assert "可行" in after
    assert name_of(database, staff.director) in after.split("总指挥部主任 正在审批")[1]
    with database.reading() as session:
        assert ("approval_asked", staff.director) in mails(session)


def test_only_who_is_asked_is_shown_a_form_and_nobody_else_can_answer(
    client: TestClient, request_page: str, database: Database, staff: Staff
) -> None:
    for person in (staff.officer, staff.owner, staff.director, staff.deputy_mayor):
        act_as(client, person)
        assert 'name="answer"' not in client.get(request_page).text
        refused = client.post(f"{request_page}/answer", data={"answer": "approve"})
        assert refused.status_code == 403

    assert state(database) is RequestState.PENDING


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ({"comment": "再看看"}, 422),
        ({"answer": "perhaps", "comment": "再看看"}, 422),
        ({"answer": "reject", "comment": " "}, 422),
        ({"answer": "reject", "comment": "再看看\u202e"}, 422),
    ],
)
def test_a_refused_answer_is_said_in_place_and_what_was_typed_stays(
    client: TestClient,
    request_page: str,
    database: Database,
    staff: Staff,
    typed: dict[str, str],
    status: int,
) -> None:
    act_as(client, staff.unit_leader)

    refused = client.post(f"{request_page}/answer", data=typed)

    assert refused.status_code == status
    assert said(refused)
    assert f">{typed['comment']}</textarea>" in refused.text
    if typed.get("answer") == "reject":
        assert 'value="reject" required checked' in refused.text
    assert state(database) is RequestState.PENDING


def test_withdrawing_and_nudging_are_for_who_asked_and_the_owner(
    client: TestClient, request_page: str, database: Database, clock: WallClock, staff: Staff
) -> None:
    act_as(client, staff.director)
    others = client.get(request_page)
    refused = [client.post(f"{request_page}/{act}").status_code for act in ("nudge", "withdraw")]
    act_as(client, staff.owner)
    mine = client.get(request_page)
    nudged = client.post(f"{request_page}/nudge")
    again = client.post(f"{request_page}/nudge")
    withdrawn = client.post(f"{request_page}/withdraw")

    assert "/nudge" not in others.text
    assert "/withdraw" not in others.text
    assert refused == [403, 403]
    assert f'action="{request_page}/nudge"' in mine.text
    assert (nudged.status_code, again.status_code, withdrawn.status_code) == (303, 409, 303)
    assert "催办" in said(again)
    assert state(database) is RequestState.WITHDRAWN
    with database.reading() as session:
        assert session.scalars(select(Mail.kind).where(Mail.kind == "approval_reminder")).all() == [
            "approval_reminder"
        ]


def test_a_question_passes_to_somebody_who_may_answer_with_a_reason(
    client: TestClient, request_page: str, database: Database, staff: Staff
) -> None:
    with database.writing() as session:
        deputy = add_holder(session, Role.GENERAL_HEADQUARTERS_DIRECTOR, GENERAL_HEADQUARTERS)
    act_as(client, staff.unit_leader)
    page = client.get(request_page).text
    form = {"from_id": staff.unit_leader, "to_id": deputy}
    offered = re.findall(r'<option value="(\d+)"', page.split('name="to_id"')[1].split("<p>")[0])

    without = client.post(f"{request_page}/reassign", data=form)
    nobody = client.post(
        f"{request_page}/reassign",
        data=form | {"to_id": staff.officer, "reason": "出差<b>"},
    )
    passed = client.post(f"{request_page}/reassign", data=form | {"reason": "本人出差"})
    after = shown(client.get(request_page))

    assert {int(each) for each in offered} == {staff.director, deputy}
    assert (without.status_code, nobody.status_code, passed.status_code) == (422, 422, 303)
    assert ">出差&lt;b&gt;</textarea>" in nobody.text
    steps = after.split("审批步骤")[1]
    assert name_of(database, deputy) in steps
    assert "本人出差" in steps
    assert "代替岗位：县市区主要负责人" in steps


def test_an_administrator_passes_on_what_others_are_asked(
    client: TestClient, request_page: str, staff: Staff
) -> None:
    form = {"from_id": staff.unit_leader, "to_id": staff.director, "reason": "联系不上"}
    act_as(client, staff.officer)
    others = client.get(request_page), client.post(f"{request_page}/reassign", data=form)
    act_as(client, staff.administrator)
    page, passed = client.get(request_page), client.post(f"{request_page}/reassign", data=form)

    assert "/reassign" not in others[0].text
    assert others[1].status_code == 403
    assert f'value="{staff.unit_leader}"' in page.text.split("/reassign")[1].split("</form>")[0]
    assert passed.status_code == 303


def test_a_fresh_link_goes_to_who_is_asked_and_to_nobody_else(
    client: TestClient, request_page: str, database: Database, clock: WallClock, staff: Staff
) -> None:
    clock.forward(hours=1)
    act_as(client, staff.officer)
    refused = client.post(f"{request_page}/fresh-link")
    act_as(client, staff.unit_leader)
    sent = client.post(f"{request_page}/fresh-link")

    assert (refused.status_code, sent.status_code) == (403, 303)
    with database.reading() as session:
        assert mails(session, "fresh_link") == [("fresh_link", staff.unit_leader)]


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


def test_who_lost_every_post_is_shown_no_form(
    client: TestClient, request_page: str, database: Database, staff: Staff
) -> None:
    act_as(client, staff.unit_leader)
    with database.writing() as session:
        session.scalars(select(Project)).one().owner_id = staff.unit_leader

    assert 'name="answer"' not in client.get(request_page).text


def test_a_request_of_another_project_is_not_found(
    client: TestClient, request_page: str, lead: str, staff: Staff
) -> None:
    request_id = request_page.rpartition("/")[2]
    elsewhere = f"/projects/{lead}/requests/{request_id}"
    act_as(client, staff.officer)

    answers = [client.get(elsewhere), client.get(f"/projects/{lead}/requests/{10**19}")]
    answers += [client.post(f"{elsewhere}/{act}") for act in ("withdraw", "nudge", "fresh-link")]
    answers += [client.post(f"{elsewhere}/answer", data={"answer": "approve"})]

    assert {each.status_code for each in answers} == {404}


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


def test_the_last_yes_moves_the_project(
    client: TestClient, request_page: str, database: Database, clock: WallClock, staff: Staff
) -> None:
    request_id = int(request_page.rpartition("/")[2])
    with database.writing() as session:
        decide(
            session, request_id, Answer.APPROVE, by=staff.unit_leader, now=clock(),
            calendar=CALENDAR,
        )  # fmt: skip
    act_as(client, staff.director)
    client.post(f"{request_page}/answer", data={"answer": "approve"})

    page = shown(client.get(request_page))

    assert "已同意" in page
    with database.reading() as session:
        assert session.scalars(select(Project.stage)).one() is Stage.SIGNED
