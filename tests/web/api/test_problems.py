"""What a program is told when it gets nothing: never a page, never a fault, always described."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.builders import Staff
from tests.databases import on_sqlite
from tests.web.api.conftest import Program
from tests.web.api.described import Described
from tests.web.browser import HERE, browser
from tests.web.test_refusals import REFUSALS
from web.api.app import LARGEST_JSON
from web.refusals import STATUS
from words.refusals import sentence
from words.translations import Language, speaking

POSTS = [
    "/approvals/1/answers",
    "/approvals/1/withdraw",
    "/approvals/1/reassign",
    "/approvals/1/nudge",
    "/approvals/1/fresh-link",
    "/approvals/1/disown",
    "/projects/JH-1/moves",
    "/projects/JH-1/hold",
    "/projects/JH-1/extension",
    "/projects/JH-1/unfreeze",
]
GETS = ["/approvals", "/approvals/1"]
BODIES = {
    "answers": {"answer": "approve"},
    "reassign": {"from": "a@lanxi.example", "to": "b@lanxi.example", "reason": "出差"},
    "moves": {"move": "sign"},
    "hold": {"until": "2026-03-20", "reason": "改期"},
    "extension": {"days": 5, "reason": "延期"},
    "unfreeze": {"annul": True, "reason": "核实"},
}


def body(path: str) -> object:
    return BODIES.get(path.rpartition("/")[2])


@on_sqlite
@pytest.mark.parametrize("language", Language)
def test_every_refusal_is_a_problem_in_the_language_that_is_accepted(
    app: FastAPI, described: Described, language: Language
) -> None:
    api = next(route.app for route in app.routes if getattr(route, "path", "") == "/api/v1")

    @api.get("/refuse/{nth}")
    def refuse_it(nth: int) -> None:
        raise REFUSALS[nth]

    client = browser(app)
    answers = [
        client.get(f"/api/v1/refuse/{nth}", headers={"Accept-Language": language})
        for nth in range(len(REFUSALS))
    ]

    with speaking(language):
        said = [sentence(each) for each in REFUSALS]
    assert [each.json()["detail"] for each in answers] == said
    assert [each.status_code for each in answers] == [STATUS[type(each)] for each in REFUSALS]
    assert {each.headers["content-language"] for each in answers} == {language}
    assert {each.headers["content-type"] for each in answers} == {"application/problem+json"}
    for each in answers:
        described.validate(each.json(), {"$ref": "#/components/schemas/Problem"})


LIKED = {
    "en": "en",
    "en-GB,en;q=0.9": "en",
    "zh-CN,zh;q=0.9,en;q=0.8": "zh-Hans",
    "zh;q=0.2, en;q=0.7": "en",
    "fr, en;q=0.1": "en",
    "en;q=0, zh": "zh-Hans",
    "fr": "zh-Hans",
    "en;q=much": "zh-Hans",
    "*": "zh-Hans",
}


@on_sqlite
def test_the_language_is_the_one_that_the_caller_likes_best(program: Program, staff: Staff) -> None:
    client = program(staff.officer)

    answers = {
        accepted: client.get("/approvals/1", headers={"Accept-Language": accepted})
        for accepted in LIKED
    }

    assert {each: answer.headers["content-language"] for each, answer in answers.items()} == LIKED


@on_sqlite
def test_without_a_liking_the_language_is_that_of_who_acts(program: Program, staff: Staff) -> None:
    client = program(staff.officer)
    del client.headers["accept-language"]

    assert client.get("/approvals/1").headers["content-language"] == "zh-Hans"


def test_what_nobody_has_is_not_found(program: Program, staff: Staff) -> None:
    client = program(staff.administrator)

    answers = []
    for nothing in ("999", str(2**63), "0", "-1", "seven", "%00", "1%2F2"):
        answers.append(client.get(f"/approvals/{nothing}"))
        for path in POSTS[:6]:
            answers.append(client.post(path.replace("/1/", f"/{nothing}/"), json=body(path)))
    for number in ("JH-9", "%00", "甲"):
        for path in POSTS[6:]:
            answers.append(client.post(path.replace("JH-1", number), json=body(path)))

    assert {each.status_code for each in answers} == {404}


@on_sqlite
@pytest.mark.parametrize(("method", "path"), [("GET", "/nowhere"), ("DELETE", "/approvals/1")])
def test_an_address_of_nothing_is_a_problem_too(
    program: Program, staff: Staff, method: str, path: str
) -> None:
    answer = program(staff.officer).request(method, path)

    assert answer.status_code in (404, 405)
    assert answer.json()["type"] == "about:blank"


@on_sqlite
def test_even_outside_the_api_a_program_is_told_a_problem(app: FastAPI) -> None:
    answer = browser(app).get("/api/v0/approvals")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


NO_ANSWERS = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'{"answer": "maybe"}',
    b'{"answer": "approve", "comment": 7}',
    b'{"answer": "approve", "comment": "\\u0000"}',
    b'{"answer": "approve", "more": 1}',
    b"\xff\xfe",
    b"[" * 50_000,
]


def test_an_answer_that_cannot_be_one_is_refused(program: Program, staff: Staff) -> None:
    client = program(staff.officer)

    answers = [client.post("/approvals/1/answers", content=sent) for sent in NO_ANSWERS]

    assert {each.status_code for each in answers} == {400, 422}


@on_sqlite
def test_what_is_wrong_is_said_with_where_it_is(program: Program, staff: Staff) -> None:
    answer = program(staff.officer).post("/approvals/1/answers", json={"answer": "maybe"})

    [fault] = answer.json()["facts"]["errors"]
    assert fault["where"] == ["body", "answer"]
    assert "approve" in fault["expected"]


@on_sqlite
def test_more_than_a_question_can_need_is_refused_before_it_is_read(
    program: Program, staff: Staff
) -> None:
    client = program(staff.officer)
    announced = client.post(POSTS[0], headers={"Content-Length": str(LARGEST_JSON + 1)})
    unannounced = client.post(POSTS[0], content=(b" " * 10_000 for _ in range(20)))
    far_more = client.post(POSTS[0], headers={"Content-Length": str(200 * 2**20)})

    assert {e.status_code for e in (announced, unannounced, far_more)} == {413}


@on_sqlite
def test_nothing_that_a_form_could_send_is_taken(program: Program, staff: Staff) -> None:
    client = program(staff.officer)
    del client.headers["content-type"]
    media_types = ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b"]

    answers = [
        client.post(path, content=b"{}", headers=headers)
        for path in POSTS
        for headers in ({}, *({"Content-Type": each} for each in (*media_types, "text/plain")))
    ]

    assert {each.status_code for each in answers} == {415}


@on_sqlite
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8000"},
    ],
)
def test_no_page_of_another_site_can_post(
    program: Program, staff: Staff, headers: dict[str, str]
) -> None:
    answers = [program(staff.officer).post(path, headers=headers) for path in POSTS]

    assert {each.status_code for each in answers} == {403}
    assert {each.json()["type"] for each in answers} == {"urn:luodi:CrossSite"}


def everything(client: TestClient, headers: dict[str, str]) -> Iterator[int]:
    for path in GETS:
        yield client.get(path, headers=headers).status_code
    for path in POSTS:
        yield client.post(path, headers=headers, json=body(path)).status_code


@on_sqlite
@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via"])
def test_what_was_forwarded_reaches_nothing(program: Program, staff: Staff, header: str) -> None:
    assert set(everything(program(staff.officer), {header: "127.0.0.1"})) == {403}


@on_sqlite
@pytest.mark.parametrize(
    ("peer", "called"),
    [
        (("192.168.1.7", 50000), "http://127.0.0.1:8000/api/v1"),
        (HERE, "http://luodi.example:8000/api/v1"),
    ],
)
def test_it_answers_only_on_its_own_machine(
    app: FastAPI, staff: Staff, peer: tuple[str, int], called: str
) -> None:
    elsewhere = TestClient(app, base_url=called, client=peer)

    as_officer = {
        "Luodi-Acting-As": "officer@lanxi.example",
        "Content-Type": "application/json",
    }
    assert set(everything(elsewhere, as_officer)) == {403}


@on_sqlite
def test_nobody_acts_as_somebody_unknown(program: Program, staff: Staff) -> None:
    answer = program(None).get("/approvals", headers={"Luodi-Acting-As": "nobody@lanxi.example"})

    assert answer.status_code == 404
    assert answer.json()["facts"] == {"kind": "person", "key": "nobody@lanxi.example"}


@on_sqlite
def test_where_there_is_nobody_the_problem_says_so(program: Program) -> None:
    answer = program(None).get("/approvals")

    assert answer.status_code == 409
    assert "luodi sample load" in answer.json()["detail"]


@on_sqlite
def test_what_breaks_is_told_to_the_log_and_not_to_the_caller(
    app: FastAPI, staff: Staff, caplog: pytest.LogCaptureFixture
) -> None:
    api = next(route.app for route in app.routes if getattr(route, "path", "") == "/api/v1")

    @api.get("/break")
    def break_it() -> None:
        raise RuntimeError("the secret of the house")

    answer = browser(app).get("/api/v1/break")

    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json()["facts"]["fault_id"] in caplog.records[-1].getMessage()
