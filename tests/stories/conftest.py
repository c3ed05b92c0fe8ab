"""A person at a screen, without the screen: forms are posted as a browser would post them."""

import re
from dataclasses import dataclass, field
from typing import Self

import httpx2
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.base import Base
from db.models import Person
from db.session import Database
from tests.live import Luodi

FOUND_ELSEWHERE = 303


@dataclass
class Someone:
    """Somebody who acts on the staff pages."""

    luodi: Luodi
    person_id: int
    http: httpx2.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = self.luodi.client(headers={"Origin": self.luodi.address})
        self.post("/acting-as", person=str(self.person_id))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def post(self, path: str, **form: str) -> httpx2.Response:
        answer = self.http.post(path, data=form)
        assert answer.status_code == FOUND_ELSEWHERE, answer.text
        return answer


def person_id(session: Session, email: str) -> int:
    return session.scalars(select(Person.id).where(Person.email == email)).one()


def link_in(letter: str) -> str:
    """The address of the approval link in a letter as text."""
    [link] = set(re.findall(r"https?://\S+/a/[\w-]+", letter))
    return link


def everything_in(database: Database) -> dict[str, int]:
    """How many rows there are in each table: what a GET must not change."""
    with database.reading() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }
