"""Names for what rows call by code or id: places, posts, people."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Team, TeamKind, Unit, UnitKind
from db.queries.people import people_names
from state_machines.posts import PostKey
from words.posts import post_in_words
from words.translations import Language, current_language


@dataclass(frozen=True)
class Names:
    """What a page calls things, in the language spoken when it asks."""

    places: Mapping[str, Unit | Team]
    people: Mapping[int, str]
    """Everybody by id, those who left included, in the order of their names."""

    @classmethod
    def read(cls, session: Session) -> "Names":
        """Read all names; three statements, whatever the page."""
        places: dict[str, Unit | Team] = {
            unit.code: unit for unit in session.scalars(select(Unit).order_by(Unit.code))
        }
        places |= {team.key: team for team in session.scalars(select(Team).order_by(Team.key))}
        return cls(places, people_names(session))

    @property
    def units(self) -> list[str]:
        """The codes of the units that can host a project: all but the municipality itself."""
        return [
            key
            for key, place in self.places.items()
            if isinstance(place, Unit) and place.kind is not UnitKind.MUNICIPALITY
        ]

    @property
    def headquarters(self) -> list[str]:
        return self._teams(TeamKind.HEADQUARTERS)

    @property
    def special_teams(self) -> list[str]:
        return self._teams(TeamKind.SPECIAL_TEAM)

    def _teams(self, kind: TeamKind) -> list[str]:
        return [
            key
            for key, place in self.places.items()
            if isinstance(place, Team) and place.kind is kind
        ]

    def place(self, key: str) -> str:
        place = self.places.get(key)
        if place is None:
            return key
        return place.name_zh if current_language() is Language.ZH_HANS else place.name_en

    def person(self, person_id: int) -> str:
        return self.people.get(person_id, str(person_id))

    def post(self, post: PostKey | str) -> str:
        """A post as people know it: the role, and its place unless the role names that."""
        key = post if isinstance(post, PostKey) else PostKey.parse(post)
        return post_in_words(key, self.place(key.place))
