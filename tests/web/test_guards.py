"""Who is let in, and from where: every route, every layer."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from db.session import Database
from runtime.opening import Runtime
from runtime.settings import Settings
from tests.builders import Staff, ask_to_sign
from tests.clock import WallClock
from tests.databases import on_sqlite
from tests.web.browser import HERE, browser
from web.app import ROUTERS, create_app
from web.headers import CONTENT_POLICY
from web.link_cookie import LINK_PAGES

OPEN_TO_ALL = {"/language", "/healthz", "/readyz"}


def routes(method: str) -> Iterator[str]:
    for router in ROUTERS:
        for route in router.router.routes:
            if isinstance(route, APIRoute) and method in route.methods:
                yield route.path


GETS, POSTS = sorted(set(routes("GET"))), sorted(set(routes("POST")))
STAFF_GETS = [p for p in GETS if not p.startswith(LINK_PAGES) and p not in OPEN_TO_ALL | {"/"}]
STAFF_POSTS = [p for p in POSTS if not p.startswith(LINK_PAGES) and p not in OPEN_TO_ALL]


def address(path: str) -> str:
    return (
        path.replace("{number}", "JH-2026-0001")
        .replace("{token}", "no-such-token")
        .replace("{link_id}", "1")
        .replace("{evidence_id}", "1")
        .replace("{request_id}", "1")
        .replace("{mail_id}", "1")
    )


@pytest.fixture
def busy(database: Database, clock: WallClock, staff: Staff) -> Staff:
    """A city with a project, a request, and letters in the mailbox."""
    with database.writing() as session:
        ask_to_sign(session, staff, now=clock())
    return staff


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8000"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:9000"},
        {"Origin": "null"},
        {},
    ],
)
@on_sqlite
def test_no_other_site_can_post(app: FastAPI, headers: dict[str, str]) -> None:
    client = browser(app)
    del client.headers["sec-fetch-site"]

    answers = [client.post(address(path), headers=headers) for path in POSTS]

    assert {answer.status_code for answer in answers} == {403}
    assert all("并非来自本系统" in answer.text for answer in answers)


@on_sqlite
def test_our_own_origin_is_enough_where_the_browser_says_no_more(app: FastAPI) -> None:
    client = browser(app)
    del client.headers["sec-fetch-site"]

    answer = client.post(
        "/language", data={"language": "en"}, headers={"Origin": "http://127.0.0.1:8000"}
    )

    assert answer.status_code == 303


@on_sqlite
@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "Via"])
def test_what_was_forwarded_reaches_no_staff_page(app: FastAPI, header: str) -> None:
    client = browser(app)

    answers = [client.get(address(path), headers={header: "127.0.0.1"}) for path in STAFF_GETS]
    answers += [client.post(address(path), headers={header: "127.0.0.1"}) for path in STAFF_POSTS]

    assert {answer.status_code for answer in answers} == {403}


@on_sqlite
@pytest.mark.parametrize(
    ("peer", "called"),
    [
        (("192.168.1.7", 50000), "http://127.0.0.1:8000"),
        (("testclient", 50000), "http://127.0.0.1:8000"),
        (HERE, "http://luodi.example:8000"),
    ],
)
def test_staff_pages_answer_only_on_their_own_machine(
    app: FastAPI, staff: Staff, peer: tuple[str, int], called: str
) -> None:
    client = browser(app, peer, called)

    assert {client.get(address(path)).status_code for path in STAFF_GETS} == {403}
    assert client.get("/a/no-such-token").status_code == 404
    assert client.get("/healthz").status_code == 200


@on_sqlite
def test_an_address_for_others_closes_the_staff_pages(runtime: Runtime, staff: Staff) -> None:
    settings = Settings(data_folder=runtime.settings.data_folder, base_url="https://luodi.example")
    elsewhere = Runtime(settings, runtime.database, runtime.calendar, runtime.sender, runtime.now)

    answer = browser(create_app(elsewhere)).get("/projects")

    assert answer.status_code == 403


@pytest.mark.parametrize("peer", [("::1", 1), ("::ffff:127.0.0.1", 1), ("127.0.0.9", 1)])
@on_sqlite
def test_every_name_of_this_machine_is_this_machine(
    app: FastAPI, staff: Staff, peer: tuple[str, int]
) -> None:
    assert browser(app, peer).get("/projects").status_code == 200


@on_sqlite
def test_every_page_tells_the_browser_to_allow_nearly_nothing(app: FastAPI, busy: Staff) -> None:
    client = browser(app)

    for path in GETS:
        answer = client.get(address(path))
        headers = answer.headers
        assert headers["content-security-policy"] == CONTENT_POLICY, path
        assert headers["x-content-type-options"] == "nosniff"
        link_page = path.startswith(LINK_PAGES)
        assert headers["referrer-policy"] == ("no-referrer" if link_page else "same-origin")
        assert headers["cache-control"] == "no-store"
        assert "<script" not in answer.text
        assert " style=" not in answer.text


@on_sqlite
def test_no_get_writes_but_the_opening_of_a_letter(
    runtime: Runtime, busy: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    def writing(self: Database) -> None:
        raise AssertionError("a GET wants to write")

    client = browser(create_app(runtime))
    monkeypatch.setattr(Database, "writing", writing)

    broken = [path for path in GETS if client.get(address(path)).status_code == 500]

    assert broken == ["/mailbox/{mail_id}", "/mailbox/{mail_id}/html"]


@on_sqlite
def test_an_upload_that_is_too_large_is_refused_before_it_is_read(
    app: FastAPI, staff: Staff
) -> None:
    announced = browser(app).post(
        "/projects/JH-2026-0001/evidence", headers={"Content-Length": str(200 * 2**20)}
    )
    unannounced = browser(app).post(
        "/projects/JH-2026-0001/evidence",
        content=(b"x" * 2**20 for _ in range(30)),
        headers={"Content-Type": "multipart/form-data; boundary=b"},
    )

    assert announced.status_code == unannounced.status_code == 413
