"""Requests by the API: what is listed and shown; each act with its effect and its refusal."""

from typing import Any

import pytest

from db.models import ApprovalRequest
from db.queries.projects import open_hold
from db.session import Database
from state_machines.approvals import RequestState
from state_machines.stages import Stage
from state_machines.working_days import local_day
from tests.builders import BILLION, Staff, ask_to_sign, mails
from tests.clock import WallClock
from tests.web.api.conftest import Program


@pytest.fixture
def request_id(database: Database, clock: WallClock, staff: Staff) -> int:
    """A request that asks the unit's leader, and the director after that."""
    with database.writing() as session:
        return ask_to_sign(session, staff, now=clock(), investment=BILLION)[1]


def answered(program: Program, person: int, request_id: int, answer: str, **more: str) -> Any:
    said = {"answer": answer, **more}
    return program(person).post(f"/approvals/{request_id}/answers", json=said)


def state_of(database: Database, request_id: int) -> RequestState:
    with database.reading() as session:
        return session.get_one(ApprovalRequest, request_id).state


def test_each_list_holds_what_is_for_it(program: Program, staff: Staff, request_id: int) -> None:
    def listed(person: int, which: str) -> list[int]:
        page = program(person).get("/approvals", params={"which": which}).json()
        return [each["request"] for each in page["requests"]]

    assert listed(staff.unit_leader, "waiting") == [request_id]
    assert listed(staff.director, "waiting") == []
    assert listed(staff.officer, "asked") == [request_id]
    assert listed(staff.unit_leader, "asked") == []
    assert listed(staff.deputy_mayor, "pending") == [request_id]


def test_what_waits_for_the_caller_is_listed_unless_another_list_is_named(
    program: Program, staff: Staff, request_id: int
) -> None:
    page = program(staff.unit_leader).get("/approvals").json()

    [line] = page["requests"]
    assert (line["request"], line["state"], line["answer_by"]) == (
        request_id,
        "pending",
        "2026-03-09",
    )
    assert line["requested_at"] == "2026-03-02T01:00:00Z"
    assert line["asked"] == ["unit_leader@lanxi.example"]
    assert page["after"] is None


@pytest.mark.parametrize(
    ("which", "who"), [("waiting", "unit_leader"), ("asked", "officer"), ("pending", "director")]
)
def test_pages_meet_every_request_once(
    program: Program, database: Database, clock: WallClock, staff: Staff, which: str, who: str
) -> None:
    with database.writing() as session:
        asked = {ask_to_sign(session, staff, now=clock())[1] for _ in range(5)}
    client = program(getattr(staff, who))

    met: list[int] = []
    question = {"which": which, "limit": "2"}
    for _ in range(3):
        page = client.get("/approvals", params=question).json()
        met += [each["request"] for each in page["requests"]]
        if page["after"] is None:
            break
        question["after"] = page["after"]

    assert page["after"] is None
    assert (len(met), set(met)) == (5, asked)


def test_a_place_that_no_page_named_is_refused(program: Program, staff: Staff) -> None:
    client = program(staff.officer)
    places = ["soon", "-1", "2026-03-09", "2026-03-09.x", "9" * 20, "1²", ""]

    answers = [
        client.get("/approvals", params={"which": which, "after": place})
        for which in ("waiting", "asked", "pending")
        for place in places
    ]

    assert {each.status_code for each in answers} == {422}
    assert {each.json()["facts"]["field"] for each in answers} == {"after"}


def test_a_request_shows_all_that_its_page_shows(
    program: Program, staff: Staff, request_id: int
) -> None:
    answered(program, staff.unit_leader, request_id, "approve", comment="同意")

    shown = program(staff.officer).get(f"/approvals/{request_id}").json()

    assert (shown["step"], shown["step_count"], shown["persons"]) == (2, 2, 2)
    assert shown["asked"] == ["director@lanxi.example"]
    first, second = shown["steps"]
    assert (first["standing"], second["standing"]) == ("agreed", "asked")
    assert first["people"][0]["comment"] == "同意"
    assert second["people"][0]["because"] == "holds"
    assert shown["facts"]["investment"] == BILLION
    assert shown["needs_code"] is False


def test_answers_move_the_project_and_the_same_answer_again_is_harmless(
    program: Program, database: Database, staff: Staff, request_id: int
) -> None:
    answered(program, staff.unit_leader, request_id, "approve")
    first = answered(program, staff.director, request_id, "approve")
    again = answered(program, staff.director, request_id, "approve")
    otherwise = answered(program, staff.director, request_id, "reject", comment="不")

    assert (first.status_code, again.status_code, otherwise.status_code) == (200, 200, 409)
    assert first.json()["state"] == "approved"
    assert otherwise.json()["type"] == "urn:luodi:AnsweredOtherwise"
    assert otherwise.json()["facts"] == {"given": "approve"}
    with database.reading() as session:
        project = session.get_one(ApprovalRequest, request_id).project
        assert project.stage is Stage.SIGNED


def test_rejecting_takes_a_comment(
    program: Program, database: Database, staff: Staff, request_id: int
) -> None:
    without = answered(program, staff.unit_leader, request_id, "reject")
    empty = answered(program, staff.unit_leader, request_id, "reject", comment=" ")
    with_comment = answered(program, staff.unit_leader, request_id, "reject", comment="资金不明")

    assert (without.status_code, empty.status_code) == (422, 422)
    assert without.json()["type"] == "urn:luodi:ReasonRequired"
    assert with_comment.json()["state"] == "rejected"
    assert state_of(database, request_id) is RequestState.REJECTED


def test_who_is_not_asked_is_not_heard(program: Program, staff: Staff, request_id: int) -> None:
    answer = answered(program, staff.officer, request_id, "approve")

    assert answer.status_code == 403
    assert answer.json() == {
        "type": "urn:luodi:NotTheApprover",
        "title": "Forbidden",
        "status": 403,
        "detail": "This is not yours to answer, or no longer is."
        " The request says who is asked now.",
        "facts": {},
    }


def test_only_who_asked_takes_it_back(
    program: Program, database: Database, staff: Staff, request_id: int
) -> None:
    others = program(staff.director).post(f"/approvals/{request_id}/withdraw")
    own = program(staff.officer).post(f"/approvals/{request_id}/withdraw")
    again = program(staff.officer).post(f"/approvals/{request_id}/withdraw")

    assert (others.status_code, own.status_code, again.status_code) == (403, 200, 409)
    assert own.json()["state"] == "withdrawn"
    assert state_of(database, request_id) is RequestState.WITHDRAWN


def test_a_question_passes_to_who_may_answer_it(
    program: Program, staff: Staff, request_id: int
) -> None:
    def passed(to: str, by: int = staff.unit_leader) -> Any:
        wanted = {"from": "unit_leader@lanxi.example", "to": to, "reason": "出差"}
        return program(by).post(f"/approvals/{request_id}/reassign", json=wanted)

    assert passed("director@lanxi.example", by=staff.officer).status_code == 403
    assert passed("officer@lanxi.example").status_code == 422
    assert passed("nobody@lanxi.example").status_code == 404
    assert passed("director@lanxi.example").json()["asked"] == ["director@lanxi.example"]


def test_a_nudge_is_given_once_a_working_day(
    program: Program, database: Database, staff: Staff, request_id: int
) -> None:
    first = program(staff.officer).post(f"/approvals/{request_id}/nudge")
    second = program(staff.officer).post(f"/approvals/{request_id}/nudge")

    assert (first.status_code, second.status_code) == (200, 409)
    with database.reading() as session:
        assert mails(session, "approval_reminder") == [("approval_reminder", staff.unit_leader)]


def test_a_fresh_link_goes_to_who_is_asked(
    program: Program, database: Database, clock: WallClock, staff: Staff, request_id: int
) -> None:
    clock.forward(hours=1)

    asked = program(staff.unit_leader).post(f"/approvals/{request_id}/fresh-link")
    others = program(staff.director).post(f"/approvals/{request_id}/fresh-link")

    assert (asked.status_code, others.status_code) == (200, 403)
    with database.reading() as session:
        assert mails(session, "fresh_link") == [("fresh_link", staff.unit_leader)]


@pytest.mark.parametrize(("annul", "stage"), [(False, Stage.SIGNED), (True, Stage.NEGOTIATION)])
def test_an_answer_disowned_freezes_the_project_until_an_administrator_ends_that(
    program: Program, database: Database, staff: Staff, request_id: int, annul: bool, stage: Stage
) -> None:
    answered(program, staff.unit_leader, request_id, "approve")
    answered(program, staff.director, request_id, "approve")
    end = {"annul": annul, "reason": "已与本人核实"}

    disowned = program(staff.director).post(f"/approvals/{request_id}/disown").json()
    number = disowned["project"]
    not_his = program(staff.director).post(f"/projects/{number}/unfreeze", json=end)
    ended = program(staff.administrator).post(f"/projects/{number}/unfreeze", json=end)
    once_more = program(staff.administrator).post(f"/projects/{number}/unfreeze", json=end)

    assert disowned["frozen_at"] == "2026-03-02T01:00:00Z"
    assert [each["person"] for each in disowned["freezes"]] == ["director@lanxi.example"]
    assert not_his.status_code == 403
    assert ended.json() == {"project": number, "frozen": False, "annulled": annul}
    assert once_more.status_code == 404
    with database.reading() as session:
        project = session.get_one(ApprovalRequest, request_id).project
        assert (project.stage, project.frozen_at) == (stage, None)


def test_a_move_is_made_or_asked_for_and_what_is_missing_is_named(
    program: Program, staff: Staff, ready: str, lead: str
) -> None:
    def moved(number: str, move: str, **more: object) -> Any:
        wanted = {"move": move, **more}
        return program(staff.officer).post(f"/projects/{number}/moves", json=wanted)

    lacking = moved(lead, "open_negotiation")
    overridden = moved(lead, "open_negotiation", override=True, reason="市领导现场签约")
    asked = moved(ready, "sign")
    impossible = moved(ready, "start")

    assert (lacking.status_code, impossible.status_code) == (422, 409)
    assert lacking.json()["facts"]["stage"] == "negotiation"
    assert "investment" in lacking.json()["facts"]["missing"]
    for each, number in ((overridden, lead), (asked, ready)):
        request_id = each.json()["request"]
        assert each.status_code == 201
        assert each.json() == {"project": number, "moved": False, "request": request_id}
        assert each.headers["location"] == f"/api/v1/approvals/{request_id}"
        shown = program(staff.officer).get(f"/approvals/{request_id}").json()
        assert shown["project"] == number


def test_a_hold_is_asked_for_where_it_can_be_found_and_then_granted(
    program: Program, database: Database, clock: WallClock, staff: Staff, ready: str
) -> None:
    wanted = {"until": "2026-03-20", "reason": "投资方董事会改期"}
    asked = program(staff.officer).post(f"/projects/{ready}/hold", json=wanted)
    request_id = asked.json()["request"]

    granted = answered(program, staff.unit_leader, request_id, "approve")

    assert asked.status_code == 201
    assert asked.headers["location"] == f"/api/v1/approvals/{request_id}"
    assert asked.json()["terms"] == {"until": "2026-03-20"}
    assert granted.json()["hold"] == wanted
    with database.reading() as session:
        project_id = session.get_one(ApprovalRequest, request_id).project_id
        assert open_hold(session, project_id, local_day(clock())) is not None


def test_an_extension_is_asked_for(program: Program, staff: Staff, ready: str) -> None:
    wanted = {"days": 10, "reason": "环评延期"}

    asked = program(staff.officer).post(f"/projects/{ready}/extension", json=wanted)
    again = program(staff.officer).post(f"/projects/{ready}/extension", json=wanted)

    assert (asked.status_code, again.status_code) == (201, 409)
    assert asked.json()["terms"] == {"days": 10}


TOO_MUCH = [
    ("hold", {"until": "2026-03-02", "reason": "改期"}),
    ("hold", {"until": "soon", "reason": "改期"}),
    ("hold", {"until": "9999-12-31", "reason": "改期"}),
    ("hold", {"until": "2026-03-20", "reason": ""}),
    ("hold", {"until": "2026-03-20"}),
    ("extension", {"days": 0, "reason": "延期"}),
    ("extension", {"days": 4000, "reason": "延期"}),
    ("extension", {"days": 10**30, "reason": "延期"}),
    ("extension", {"days": 5, "reason": "延期", "more": True}),
]


def test_time_that_nobody_can_have_is_refused(
    program: Program, database: Database, staff: Staff, ready: str
) -> None:
    client = program(staff.officer)

    answers = [client.post(f"/projects/{ready}/{what}", json=wanted) for what, wanted in TOO_MUCH]

    assert [each.status_code for each in answers] == [422] * len(TOO_MUCH)
    with database.reading() as session:
        assert session.query(ApprovalRequest).count() == 0
