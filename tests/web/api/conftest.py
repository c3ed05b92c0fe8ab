"""Programs that call the API on the same machine, and the document that describes it to them."""

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from db.models import Person
from db.session import Database
from tests.web.api.described import Described
from tests.web.browser import HERE

Program = Callable[[int | None], TestClient]


@pytest.fixture
def described(app: FastAPI) -> Described:
    """The API's own description, against which every answer here is held."""
    client = TestClient(app, base_url="http://127.0.0.1:8000")
    return Described(client.get("/api/v1/openapi.json").json())


@pytest.fixture
def program(app: FastAPI, database: Database, described: Described) -> Program:
    """A program that acts as a person: `program(staff.officer).get("/approvals")`."""

    def calling(person_id: int | None = None) -> TestClient:
        headers = {"Accept-Language": "en", "Content-Type": "application/json"}
        if person_id is not None:
            with database.reading() as session:
                headers["Luodi-Acting-As"] = session.get_one(Person, person_id).email
        client = TestClient(
            app,
            base_url="http://127.0.0.1:8000/api/v1",
            client=HERE,
            headers=headers,
            follow_redirects=False,
            raise_server_exceptions=False,
        )
        client.event_hooks = {"response": [described.check]}
        return client

    return calling
