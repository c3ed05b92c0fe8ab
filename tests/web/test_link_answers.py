"""Answering behind a mailed link: one link is one link, and an answer stands."""

import re

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.testclient import TestClient

from db.models import ApprovalRequest, Project
from db.session import Database
from state_machines.approvals import RequestState
from state_machines.stages import Stage
from tests.web.browser import browser, shown
from tests.web.links import decide, everything, opened


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


def test_a_comment_that_cannot_be_kept_is_shown_again_and_not_lost(
    client: TestClient, asked: tuple[int, str], database: Database
) -> None:
    before = everything(database)
    page = opened(client, asked[1])

    refused = decide(client, page, asked[0], answer="reject", comment="用地未落实\u202e")

    assert refused.status_code == 422
    assert ">用地未落实\u202e</textarea>" in refused.text
    assert 'value="reject" required checked' in refused.text
    assert "“意见”不能填写“用地未落实”" in shown(refused)
    assert everything(database) == before


def test_the_comment_box_takes_as_much_as_can_be_kept(
    client: TestClient, asked: tuple[int, str]
) -> None:
    page = opened(client, asked[1])
    [longest] = re.findall(r'<textarea id="comment"[^>]* maxlength="(\d+)"', client.get(page).text)

    too_long = decide(client, page, asked[0], answer="reject", comment="长" * (int(longest) + 1))
    fits = decide(client, page, asked[0], answer="reject", comment="长" * int(longest))

    assert (too_long.status_code, fits.status_code) == (422, 303)


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


def test_an_opposite_answer_is_told_which_one_stands(
    client: TestClient, two_asked: tuple[int, str, str]
) -> None:
    page = opened(client, two_asked[1])
    decide(client, page, two_asked[0], answer="approve")

    opposite = decide(client, page, two_asked[0], answer="reject", comment="再想想")

    assert opposite.status_code == 409
    assert "同意" in shown(opposite)


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
