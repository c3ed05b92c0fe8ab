"""Posts, who holds them and who answers for them: we address posts, never people."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    CASE_OFFICER = "case_officer"
    INTAKE = "intake"
    UNIT_LEADER = "unit_leader"
    HEADQUARTERS_HEAD = "headquarters_head"
    SPECIAL_TEAM_LEAD = "special_team_lead"
    PROMOTION_CENTER_HEAD = "promotion_center_head"
    GENERAL_HEADQUARTERS_DIRECTOR = "general_headquarters_director"
    DEPUTY_MAYOR = "deputy_mayor"
    ADMINISTRATOR = "administrator"


class Reader(StrEnum):
    """Those whom a rung can tell besides the holders of a role."""

    OWNER = "owner"
    ORIGIN_HEAD = "origin_head"
    """The head of the headquarters that found the project; the unit's leader if none did."""


MUNICIPALITY = "330700"
GENERAL_HEADQUARTERS = "general-headquarters"
PROMOTION_CENTER = "promotion-center"

_CITY_WIDE = {
    Role.GENERAL_HEADQUARTERS_DIRECTOR: GENERAL_HEADQUARTERS,
    Role.PROMOTION_CENTER_HEAD: PROMOTION_CENTER,
    Role.DEPUTY_MAYOR: MUNICIPALITY,
    Role.ADMINISTRATOR: MUNICIPALITY,
}


@dataclass(frozen=True, order=True)
class PostKey:
    """A role in a place; `place` is a unit's code or a team's key."""

    role: Role
    place: str

    def __str__(self) -> str:
        return f"{self.role}@{self.place}"

    @classmethod
    def parse(cls, text: str) -> "PostKey":
        role, _, place = text.partition("@")
        return cls(Role(role), place)


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where a project belongs: what turns a role into a post."""

    unit_code: str | None
    headquarters_key: str | None
    special_team_key: str | None


def post_of(role: Role, places: Places) -> PostKey | None:
    """Return the post that `role` means for a project, or None if the project has no such place."""
    if role in _CITY_WIDE:
        return PostKey(role, _CITY_WIDE[role])
    place = {
        Role.HEADQUARTERS_HEAD: places.headquarters_key,
        Role.SPECIAL_TEAM_LEAD: places.special_team_key,
    }.get(role, places.unit_code)
    return PostKey(role, place) if place else None


def origin_head(places: Places) -> Role:
    """Return whose head answers for where a project came from: its headquarters, else its unit."""
    return Role.HEADQUARTERS_HEAD if places.headquarters_key else Role.UNIT_LEADER


@dataclass(frozen=True, order=True)
class Answerer:
    """A person who answers for a post: the holder, or a stand-in on the holder's behalf."""

    person_id: int
    on_behalf_of: int | None = None


LONGEST_DELEGATION = 2
"""A's post may be answered by B, and B's by C; a longer chain is nobody's responsibility."""


@dataclass(frozen=True)
class Roster:
    """Who holds which post on one day, and who stands in for whom. Only active people are in it."""

    holders: Mapping[PostKey, tuple[int, ...]] = field(default_factory=dict)
    stand_ins: Mapping[int, int] = field(default_factory=dict)

    def holds(self, person_id: int, post: PostKey) -> bool:
        return person_id in self.holders.get(post, ())

    def answers(self, person_id: int, post: PostKey, excluded: Collection[int] = ()) -> bool:
        return any(each.person_id == person_id for each in self.answering(post, excluded))

    def may_decide(self, person_id: int, post: PostKey, excluded: Collection[int] = ()) -> bool:
        """Say whether a person who was asked for `post` may answer still.

        A holder may, also while a stand-in could; so may whoever stands in, and nobody excluded.
        """
        holds = self.holds(person_id, post) and person_id not in excluded
        return holds or self.answers(person_id, post, excluded)

    def answering(self, post: PostKey, excluded: Collection[int] = ()) -> tuple[Answerer, ...]:
        """Return who may answer for `post`; both names stay with each answer.

        A delegation never leads to somebody excluded: there the holder answers in person. For a
        holder who is excluded nobody answers: what one may not decide, no stand-in decides instead.
        """
        found = (self._answerer(holder, excluded) for holder in self.holders.get(post, ()))
        return tuple(dict.fromkeys(each for each in found if each is not None))

    def _answerer(self, holder: int, excluded: Collection[int]) -> Answerer | None:
        if holder in excluded:
            return None
        person, seen = holder, [holder]
        for _ in range(LONGEST_DELEGATION):
            stand_in = self.stand_ins.get(person)
            if stand_in is None or stand_in in excluded or stand_in in seen:
                break
            person = stand_in
            seen.append(person)
        return Answerer(person, None if person == holder else holder)


@dataclass(frozen=True)
class Told:
    """A person to be told, and the post they are told for; None for the project's owner."""

    person_id: int
    post: PostKey | None = None
    on_behalf_of: int | None = None
    """The holder, where a stand-in is told."""


def readers(
    tells: Iterable[Reader | Role], owner_id: int | None, places: Places, roster: Roster
) -> tuple[Told, ...]:
    """Return whom a rung tells about a project, each person once, for the first reason named."""
    told: dict[int, Told] = {}
    for each in tells:
        if each is Reader.OWNER:
            if owner_id is not None:
                told.setdefault(owner_id, Told(owner_id))
            continue
        post = _post_told(each, places)
        for answerer in roster.answering(post) if post else ():
            one = Told(answerer.person_id, post, answerer.on_behalf_of)
            told.setdefault(one.person_id, one)
    return tuple(told.values())


def empty_posts(
    tells: Iterable[Reader | Role], places: Places, roster: Roster
) -> tuple[PostKey, ...]:
    """Return the posts among `tells` that nobody holds: an alarm, whoever else was told."""
    posts = (_post_told(each, places) for each in tells if each is not Reader.OWNER)
    return tuple(post for post in posts if post and not roster.answering(post))


def _post_told(reader: Reader | Role, places: Places) -> PostKey | None:
    return post_of(origin_head(places) if isinstance(reader, Reader) else reader, places)
