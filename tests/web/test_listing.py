"""The table of projects: every row once, the same cost for any page, and filters that hold."""

import dataclasses
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from db.queries.listing import Filters, project_page
from db.session import Database
from notifications.senders.letter import Letter
from notifications.senders.sender import Outcome
from runtime.opening import Runtime
from state_machines.stages import Stage
from tests.builders import YIWU, Staff, add_project, add_projects
from tests.clock import WallClock
from tests.web.browser import browser, shown
from web.app import create_app

NUMBER = re.compile(r'data-label="编号"><a href="/projects/([^"]+)"')


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    said: list[str] = []

    def note(*args: object) -> None:
        said.append(str(args[2]))

    event.listen(database.engine, "before_cursor_execute", note)
    yield said
    event.remove(database.engine, "before_cursor_execute", note)


def numbers(page: str) -> list[str]:
    return NUMBER.findall(page)


@pytest.mark.parametrize("path", ["/projects", "/orders", "/mailbox"])
def test_a_page_costs_the_same_for_five_rows_and_for_sixty(
    client: TestClient, database: Database, clock: WallClock, staff: Staff, path: str
) -> None:
    costs = []
    for more in (5, 55):
        with database.writing() as session:
            add_projects(session, more, now=clock(), owner_id=staff.owner)
        with counted(database) as said:
            answer = client.get(path)
        assert answer.status_code == 200
        costs.append(len([each for each in said if each.startswith("SELECT")]))

    assert costs[0] == costs[1] < 15


@pytest.mark.parametrize("limit", [1, 2, 7, 50])
def test_walking_down_and_up_again_meets_every_row_once(
    database: Database, clock: WallClock, staff: Staff, limit: int
) -> None:
    with database.writing() as session:
        ids = [each.id for each in add_projects(session, 9, now=clock())]

    down: list[int] = []
    up: list[int] = []
    with database.reading() as session:
        page = project_page(session, Filters(), now=clock(), limit=limit)
        while True:
            down += [row.project.id for row in page.rows]
            if page.older is None:
                break
            page = project_page(session, Filters(), now=clock(), limit=limit, older_than=page.older)
        up += [row.project.id for row in page.rows]
        while page.newer is not None:
            page = project_page(session, Filters(), now=clock(), limit=limit, newer_than=page.newer)
            up = [row.project.id for row in page.rows] + up

    assert down == sorted(ids, reverse=True)
    assert up == down


def test_the_links_of_the_pages_lead_through_all_rows_once(
    client: TestClient, database: Database, clock: WallClock, staff: Staff
) -> None:
    with database.writing() as session:
        expected = {each.number for each in add_projects(session, 120, now=clock())}

    found: list[str] = []
    path: str | None = "/projects"
    for _ in range(5):
        page = client.get(path or "").text
        found += numbers(page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        path = following[1].replace("&amp;", "&") if following else None
        if path is None:
            break

    assert path is None
    assert len(found) == len(expected)
    assert set(found) == expected


def test_filters_narrow_and_stay_in_the_links(
    client: TestClient, database: Database, clock: WallClock, staff: Staff
) -> None:
    with database.writing() as session:
        add_projects(session, 3, now=clock())
        yiwu = add_project(session, now=clock(), unit_code=YIWU, stage=Stage.NEGOTIATION).number
        named = add_project(session, now=clock(), name_zh="100%棉纺_厂", name_en="Mill").number
        stalled = add_project(session, now=clock(), clock_from=date(2025, 12, 1)).number

    assert numbers(client.get(f"/projects?unit={YIWU}&stage=&light=&text=").text) == [yiwu]
    assert numbers(client.get("/projects?stage=negotiation").text) == [yiwu]
    assert numbers(client.get("/projects?text=0%25棉纺_").text) == [named]
    assert numbers(client.get("/projects?text=mILL").text) == [named]
    assert numbers(client.get(f"/projects?text={named[-4:]}").text) == [named]
    assert numbers(client.get("/projects?light=red").text) == [stalled]
    assert len(numbers(client.get("/projects?light=green").text)) == 5
    nothing = client.get("/projects?text=_")
    assert numbers(nothing.text) == [named]
    assert 'value="_"' in nothing.text


def test_an_empty_city_is_told_what_to_do_next(client: TestClient, staff: Staff) -> None:
    first_day = client.get("/projects")
    nothing_found = client.get("/projects?text=nothing")

    assert "luodi import FILE" in shown(first_day)
    assert "没有符合条件的项目" in shown(nothing_found)
    assert "luodi import" not in shown(nothing_found)


def test_a_name_is_text_and_never_markup(
    client: TestClient, database: Database, clock: WallClock, staff: Staff
) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    with database.writing() as session:
        project = add_project(session, now=clock(), name_zh=evil, investor=f'"{evil}')
        session.flush()
        number = project.number

    pages = [client.get("/projects").text, client.get(f"/projects/{number}").text]

    for page in pages:
        assert "<script" not in page
        assert "<img" not in page
        assert "&lt;script&gt;" in page


def test_the_mailbox_is_shut_where_letters_leave(runtime: Runtime, staff: Staff) -> None:
    class Provider:
        def send(self, letter: Letter) -> Outcome:
            raise AssertionError("nothing is sent here")

    leaving = dataclasses.replace(runtime, sender=Provider())

    assert browser(create_app(runtime)).get("/mailbox").status_code == 200
    assert browser(create_app(leaving)).get("/mailbox").status_code == 404
    assert browser(create_app(leaving)).get("/mailbox/1/html").status_code == 404
