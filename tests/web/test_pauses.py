"""Asking for more time on a project's page: holds and extensions."""

from datetime import date

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from db.models import ApprovalRequest, Extension, Hold
from db.session import Database
from state_machines.approvals import Subject
from tests.builders import Staff
from tests.web.browser import act_as, shown

HOLD = {"until": "2026-04-10", "reason": "等待土地指标"}
EXTENSION = {"days": "15", "reason": "投资方内部流程"}


def grant(client: TestClient, number: str, database: Database, staff: Staff) -> None:
    """Let the unit's leader agree to what was asked last."""
    with database.reading() as session:
        request_id = session.scalars(
            select(ApprovalRequest.id).order_by(ApprovalRequest.id.desc())
        ).first()
    act_as(client, staff.unit_leader)
    answer = client.post(
        f"/projects/{number}/requests/{request_id}/answer", data={"answer": "approve"}
    )
    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("act", "form", "what"),
    [
        ("hold", HOLD, "暂缓至2026年4月10日"),
        ("extension", EXTENSION, "“在谈”阶段延期，自批准之日起尚余15个工作日"),
    ],
)
def test_more_time_is_asked_for_by_its_own_request(
    client: TestClient, ready: str, database: Database, act: str, form: dict[str, str], what: str
) -> None:
    asked = client.post(f"/projects/{ready}/{act}", data=form)
    page = client.get(f"/projects/{ready}")
    second = client.post(f"/projects/{ready}/{act}", data=form)
    move = client.post(f"/projects/{ready}/advance", data={"move": "sign"})

    assert asked.headers["location"] == f"/projects/{ready}#requests"
    assert what in shown(page)
    assert second.status_code == 409
    assert move.status_code == 303, "a move may be asked for besides"
    with database.reading() as session:
        subjects = session.scalars(select(ApprovalRequest.subject)).all()
    assert subjects == [Subject(act), Subject.SIGN]


def test_a_granted_hold_is_said_on_the_project_and_on_what_waits(
    client: TestClient, ready: str, database: Database, staff: Staff
) -> None:
    client.post(f"/projects/{ready}/advance", data={"move": "sign"})
    client.post(f"/projects/{ready}/hold", data=HOLD)
    grant(client, ready, database, staff)

    project = shown(client.get(f"/projects/{ready}"))
    with database.reading() as session:
        assert session.scalars(select(Hold.until_day)).one() == date(2026, 4, 10)
        sign = session.scalars(
            select(ApprovalRequest.id).where(ApprovalRequest.subject == Subject.SIGN)
        ).one()
    request = shown(client.get(f"/projects/{ready}/requests/{sign}"))

    assert "项目暂缓至2026年4月10日：计时暂停" in project
    assert "自2026年3月2日起暂缓" in project
    assert "项目暂缓至2026年4月10日，答复期限暂停计算。原因：等待土地指标" in request


def test_a_granted_extension_is_shown_with_its_days(
    client: TestClient, ready: str, database: Database, staff: Staff
) -> None:
    client.post(f"/projects/{ready}/extension", data=EXTENSION)
    grant(client, ready, database, staff)

    page = shown(client.get(f"/projects/{ready}"))

    with database.reading() as session:
        assert session.scalars(select(Extension.days)).one() == 15
    assert "于2026年3月2日延期：自当日起15个工作日" in page


@pytest.mark.parametrize(
    ("act", "form"),
    [
        ("hold", HOLD | {"until": "2026-03-01"}),
        ("hold", HOLD | {"until": "明年"}),
        ("hold", HOLD | {"until": "2027-03-01"}),
        ("hold", HOLD | {"reason": ""}),
        ("extension", EXTENSION | {"days": "0"}),
        ("extension", EXTENSION | {"days": "-5"}),
        ("extension", EXTENSION | {"days": "9" * 5000}),
        ("extension", EXTENSION | {"days": "十天"}),
        ("extension", EXTENSION | {"reason": " "}),
    ],
)
def test_what_cannot_be_asked_is_said_in_place_and_nothing_typed_is_lost(
    client: TestClient, ready: str, database: Database, act: str, form: dict[str, str]
) -> None:
    refused = client.post(f"/projects/{ready}/{act}", data=form)

    assert refused.status_code == 422
    assert 'role="alert" id="problem"' in refused.text
    part = refused.text.split(f'id="ask-{act}"')[1].split("</form>")[0]
    for name, value in form.items():
        assert value in part, name
    with database.reading() as session:
        assert session.scalars(select(ApprovalRequest)).all() == []


def test_a_project_without_clocks_offers_no_more_time(
    client: TestClient, lead: str, database: Database, staff: Staff
) -> None:
    client.post(f"/projects/{lead}/advance", data={"move": "lose", "reason": "已投外市"})
    grant(client, lead, database, staff)

    page = client.get(f"/projects/{lead}").text
    asked = client.post(f"/projects/{lead}/hold", data=HOLD)

    assert "/hold" not in page
    assert asked.status_code == 409
