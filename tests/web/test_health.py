"""Whether the process lives, and whether it can work, in a word for a machine."""

from fastapi import FastAPI
from sqlalchemy import text

from db.session import Database
from tests.web.browser import browser


def test_a_migrated_database_is_ready(app: FastAPI) -> None:
    client = browser(app, ("203.0.113.1", 1), "http://luodi.example")

    assert [client.get(path).status_code for path in ("/healthz", "/readyz")] == [200, 200]
    assert client.head("/readyz").status_code == 200


def test_a_database_of_another_shape_is_not_ready_and_the_process_lives(
    app: FastAPI, database: Database
) -> None:
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'older'"))

    answer = browser(app).get("/readyz")

    assert answer.status_code == 503
    assert "luodi db upgrade" in answer.text
    assert browser(app).get("/healthz").status_code == 200
