"""Mailed links, and what their readers do with them."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from db.base import Base
from db.models import LinkPurpose, Mail
from db.session import Database
from notifications import links
from tests.builders import CALENDAR
from tests.clock import WallClock


def mint(
    session: Session,
    request_id: int,
    person_id: int,
    clock: WallClock,
    purpose: LinkPurpose = LinkPurpose.APPROVAL,
) -> str:
    """Mint a link as its mail would have on leaving."""
    mail_id = session.scalars(
        select(Mail.id).where(Mail.request_id == request_id, Mail.person_id == person_id)
    ).first()
    assert mail_id is not None, "nobody sends a link to who was never asked"
    return links.mint(
        session,
        purpose=purpose,
        mail_id=mail_id,
        person_id=person_id,
        request_id=request_id,
        now=clock(),
        calendar=CALENDAR,
        days=10 if purpose is LinkPurpose.APPROVAL else None,
    )


def opened(client: TestClient, token: str, folder: str = "a") -> str:
    """Open a link as a browser does, and return the address without the token."""
    answer = client.get(f"/{folder}/{token}")
    assert answer.status_code == 303
    return str(answer.headers["location"])


def decide(client: TestClient, page: str, request_id: int, **answer: str) -> Any:
    return client.post(page, data={"request": request_id} | answer)


def everything(database: Database) -> dict[str, list[Any]]:
    with database.reading() as session:
        return {
            name: [tuple(row) for row in session.execute(select(table)).all()]
            for name, table in Base.metadata.tables.items()
        }
