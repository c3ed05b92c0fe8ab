"""Which places and posts there are."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Post, Team, TeamKind, Unit, UnitKind
from state_machines.posts import Places, PostKey


def hosting_places(session: Session) -> list[Places]:
    """Return where a project can belong: each unit that hosts any, from each headquarters or none.

    Every unit has the special team that tackles its projects. Two statements.
    """
    headquarters = session.scalars(
        select(Team.key).where(Team.kind == TeamKind.HEADQUARTERS).order_by(Team.key)
    ).all()
    units = session.execute(
        select(Unit.code, Unit.special_team_key)
        .where(Unit.kind != UnitKind.MUNICIPALITY)
        .order_by(Unit.code)
    )
    return [
        Places(unit_code=code, headquarters_key=found_by, special_team_key=team)
        for code, team in units
        for found_by in (None, *headquarters)
    ]


def all_posts(session: Session) -> frozenset[PostKey]:
    """Return every post there is, held or not; one statement."""
    return frozenset(PostKey(*each) for each in session.execute(select(Post.role, Post.place)))
