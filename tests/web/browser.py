"""A browser on the machine that Luodi runs on, and how its user goes about."""

import html
import re

from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response
from starlette.testclient import TestClient

from db.models import ApprovalRequest, Person, Project
from db.queries.projects import project_id_of
from db.session import Database

HERE = ("127.0.0.1", 50000)


def browser(
    app: FastAPI, peer: tuple[str, int] = HERE, base_url: str = "http://127.0.0.1:8000"
) -> TestClient:
    """Return a client that says, as browsers do, that its posts come from our own pages."""
    return TestClient(
        app,
        base_url=base_url,
        client=peer,
        headers={"Sec-Fetch-Site": "same-origin"},
        follow_redirects=False,
        raise_server_exceptions=False,
    )


def act_as(client: TestClient, person: int) -> None:
    client.post("/acting-as", data={"person": person})


def shown(answer: Response) -> str:
    """What a page says, without its markup."""
    text = re.sub(r"<[^>]+>", " ", answer.text)  # type: ignore[attr-defined]
    return re.sub(r"\s+", " ", html.unescape(text))


def fields_of(client: TestClient, number: str) -> dict[str, str]:
    """Return the form of facts as the browser would send it, untouched."""
    page = client.get(f"/projects/{number}").text
    form = page.split(f'action="/projects/{number}/facts"')[1].split("</form>")[0]
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name:
            found[name[1]] = html.unescape(value[1]) if value else ""
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        first = re.search(r'<option value="([^"]*)"', options)
        found[name] = (chosen or first)[1]  # type: ignore[index]
    return found


def stored(database: Database, number: str) -> Project:
    with database.reading() as session:
        return session.get_one(Project, project_id_of(session, number))


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
