"""Seed a database with Jinhua's units, teams and posts, and with the rules it starts under."""

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import PolicyVersion, Post, Team, TeamKind, Unit, UnitKind
from state_machines.policy import Policy
from state_machines.posts import Role

JINHUA = Path(__file__).with_name("jinhua.toml")
DEFAULT_POLICY = Path(__file__).parents[2] / "policies" / "jinhua.toml"


@dataclass(frozen=True)
class Seeded:
    """How many rows were new, and whether the rules in force are those of the policy file."""

    units: int
    teams: int
    posts: int
    policy_adopted: bool
    policy_file_in_force: bool


def seed(session: Session, *, now: datetime, policy_file: Path = DEFAULT_POLICY) -> Seeded:
    """Add the units, teams and posts that are not there yet, and adopt the first policy.

    Safe to repeat: what is there stays as the city has changed it. Rules are adopted once; a file
    changed since takes effect only when somebody adopts it. Raises `PolicyInvalid`.
    """
    jinhua = tomllib.loads(JINHUA.read_text("utf-8"))
    adopted, in_force = _adopt_first_policy(session, policy_file, now)
    return Seeded(
        teams=_add_teams(session, jinhua["teams"]),
        units=_add_units(session, jinhua["units"]),
        posts=_add_posts(session, jinhua["posts"]),
        policy_adopted=adopted,
        policy_file_in_force=in_force,
    )


def _add_teams(session: Session, rows: list[dict[str, Any]]) -> int:
    there = set(session.scalars(select(Team.key)))
    new = [Team(**row | {"kind": TeamKind(row["kind"])}) for row in rows if row["key"] not in there]
    session.add_all(new)
    session.flush()
    return len(new)


def _add_units(session: Session, rows: list[dict[str, Any]]) -> int:
    there = set(session.scalars(select(Unit.code)))
    municipality = next(row["code"] for row in rows if row["kind"] == UnitKind.MUNICIPALITY)
    new = [
        Unit(
            **row | {"kind": UnitKind(row["kind"])},
            parent_code=None if row["code"] == municipality else municipality,
        )
        for row in rows
        if row["code"] not in there
    ]
    session.add_all(new)
    session.flush()
    return len(new)


def _add_posts(session: Session, roles: dict[str, list[str]]) -> int:
    """Give every unit and team the posts of its kind, those that the city has added included."""
    there = set(session.execute(select(Post.role, Post.place)))
    wanted = [
        Post(role=Role(role), place=unit.code, unit_code=unit.code)
        for unit in session.scalars(select(Unit).order_by(Unit.code))
        for role in roles[unit.kind]
    ] + [
        Post(role=Role(role), place=team.key, team_key=team.key)
        for team in session.scalars(select(Team).order_by(Team.key))
        for role in roles[team.kind]
    ]
    new = [post for post in wanted if (post.role, post.place) not in there]
    session.add_all(new)
    session.flush()
    return len(new)


def _adopt_first_policy(session: Session, file: Path, now: datetime) -> tuple[bool, bool]:
    """Return whether the file was adopted now, and whether what it says is in force."""
    source = file.read_text("utf-8")
    newest = session.scalar(select(PolicyVersion.source).order_by(PolicyVersion.id.desc()).limit(1))
    if newest is not None:
        return False, newest == source
    policy = Policy.parse(source, file=file.name)
    sha256 = hashlib.sha256(source.encode()).hexdigest()
    session.add(PolicyVersion(name=policy.name, source=source, sha256=sha256, adopted_at=now))
    session.flush()
    return True, True
