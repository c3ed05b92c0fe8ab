"""What each person may do on a request's page, and what is said to who may not."""

import re

import pytest
from sqlalchemy import select
from starlette.responses import Response
from starlette.testclient import TestClient

from db.models import ApprovalRequest, Mail, Project
from db.session import Database
from state_machines.approvals import Answer, RequestState
from state_machines.posts import GENERAL_HEADQUARTERS, Role
from state_machines.stages import Stage
from tests.builders import (
    CALENDAR,
    Staff,
    add_holder,
    mails,
)
from tests.clock import WallClock
from tests.web.browser import act_as, name_of, shown
from use_cases.decide import decide


def state(database: Database) -> RequestState:
    with database.reading() as session:
        return session.scalars(select(ApprovalRequest.state).order_by(ApprovalRequest.id)).all()[-1]


def said(answer: Response) -> str:
    """What the page says in reply to a refused act."""
    return str(answer.text.split('id="problem">')[1].split("</p>")[0])  # type: ignore[attr-defined]


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
