"""Sample people: who they are, which posts they hold, and who stands in for whom."""

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Delegation, Person, Post, PostHolder
from state_machines.posts import PostKey

PEOPLE = Path(__file__).with_name("people.csv")
AWAY, STAND_IN = "ying.hongmei@yongkang.example", "hu.guanyu@yongkang.example"


@dataclass(frozen=True)
class Days:
    """The days that the people's posts and the one delegation hang on (Asia/Shanghai)."""

    posts_held_from: date
    away_from: date
    away_to: date


def load_people(session: Session, days: Days) -> int:
    """Add the people who are not there yet, each with their posts; returns how many.

    A person who is there keeps what the posts have become. The posts must have been seeded.
    """
    there = set(session.scalars(select(Person.email)))
    with PEOPLE.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["email"] not in there]
    people = {
        row["email"]: Person(
            name=row["name"], email=row["email"], language=row["language"], sample=True
        )
        for row in rows
    }
    session.add_all(people.values())
    session.flush()
    posts = {PostKey(post.role, post.place): post.id for post in session.scalars(select(Post))}
    session.add_all(
        PostHolder(
            post_id=posts[PostKey.parse(post)],
            person_id=people[row["email"]].id,
            from_day=days.posts_held_from,
        )
        for row in rows
        for post in row["posts"].split()
    )
    if {AWAY, STAND_IN} <= people.keys():
        session.add(
            Delegation(
                holder_id=people[AWAY].id,
                stand_in_id=people[STAND_IN].id,
                from_day=days.away_from,
                to_day=days.away_to,
            )
        )
    session.flush()
    return len(people)
