"""What a visitor chooses for their browser: whom to act as, which language to read."""

import re

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from db.models import Person
from db.session import Database
from state_machines.stages import Stage
from tests.builders import Staff, add_project
from tests.clock import WallClock
from tests.web.browser import shown


def test_the_first_page_shows_who_one_acts_as_and_lets_one_change(
    client: TestClient, database: Database, staff: Staff
) -> None:
    chosen = re.compile(r'<option value="(\d+)" selected>')

    first = chosen.findall(client.get("/projects").text)
    changed = client.post("/acting-as", data={"person": staff.director, "back": "/orders"})
    then = chosen.findall(client.get("/projects").text)
    client.cookies.clear()
    client.cookies.set("luodi_acting_as", "9.forged")
    forged = chosen.findall(client.get("/projects").text)

    assert first == [str(staff.officer)] == forged
    assert changed.headers["location"] == "/orders"
    assert then == [str(staff.director)]


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil", "/a\r\nb"])
def test_going_back_never_leads_elsewhere(client: TestClient, staff: Staff, back: str) -> None:
    answer = client.post("/language", data={"language": "en", "back": back})

    assert answer.headers["location"] == "/projects"


def test_the_language_is_chosen_for_the_browser(client: TestClient, staff: Staff) -> None:
    client.post("/language", data={"language": "en"})

    page = client.get("/projects")

    assert '<html lang="en">' in page.text
    assert "Supervision orders" in shown(page)


def test_who_reads_english_after_chinese_reads_no_chinese(
    client: TestClient, database: Database, clock: WallClock, staff: Staff
) -> None:
    with database.writing() as session:
        project = add_project(session, now=clock(), name_zh=None, name_en="Mill", stage=Stage.LOST)
        number = project.number
        session.execute(update(Person).values(name="Somebody"))

    staff_pages = ("/projects", f"/projects/{number}", "/approvals", "/orders", "/mailbox")
    for path in (*staff_pages, "/nowhere"):
        client.post("/language", data={"language": "zh-Hans"})
        client.get(path)
        client.post("/language", data={"language": "en"})
        english = shown(client.get(path)).replace("落 落地 Luodi", "").replace("落地 Luodi", "")
        assert re.findall("[\u4e00-\u9fff]+", english) == ["中文"] * (path != "/nowhere")
