"""Whom and what the words of a row mean: units, teams and people, looked up all at once."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Person, Team, TeamKind, Unit
from use_cases.importing.headings import Headings
from use_cases.importing.problems import CellRefused, Problem, quote
from use_cases.importing.rows import ImportRow
from words.translations import N_

_PROVINCE, _CITY = "浙江省", "金华市"
_SHORTENED = ("市", "县", "区")
_SHORTEST = 2

Found = TypeVar("Found")


@dataclass(frozen=True)
class Directory:
    """Every unit, team and active person, by every name that a file may call them."""

    units: Mapping[str, frozenset[str]]
    unit_names: Mapping[str, str]
    teams: Mapping[TeamKind, Mapping[str, frozenset[str]]]
    people: Mapping[str, frozenset[int]]

    def facts(self, row: ImportRow, headings: Headings) -> tuple[dict[str, Any], list[Problem]]:
        """Return the facts that `row` names by words, and what is wrong with those words."""
        facts: dict[str, Any] = {}
        problems: list[Problem] = []

        def look_up(fact: str, key: str, find: Callable[[str], object]) -> None:
            word = getattr(row, key)
            if word is None:
                return
            try:
                facts[fact] = find(word)
            except CellRefused as refusal:
                facts.pop(fact, None)  # of two that contradict each other, neither counts
                heading = headings.of(key)
                problems.append(Problem(row.row, heading.text if heading else key, refusal.message))

        look_up("unit_code", "host_unit", self._unit)
        look_up("unit_code", "host_code", lambda code: self._coded(code, facts.get("unit_code")))
        look_up("headquarters_key", "headquarters", lambda w: self._team(TeamKind.HEADQUARTERS, w))
        look_up("special_team_key", "special_team", lambda w: self._team(TeamKind.SPECIAL_TEAM, w))
        look_up("owner_id", "owner", self._person)
        return facts, problems

    def _unit(self, name: str) -> str:
        found = self.units.get(_key(name)) or self.units.get(
            _key(name.removeprefix(_PROVINCE).removeprefix(_CITY))
        )
        return _only(
            found,
            N_("No unit is called “%(value)s”. Write its name, such as 义乌市, or its code."),
            N_("Several units are called “%(value)s”. Write the code instead."),
            name,
        )

    def _coded(self, code: str, named: str | None) -> str:
        if code not in self.unit_names:
            raise CellRefused(
                N_("No unit has the code “%(value)s”. Correct it, or write the unit's name."),
                value=quote(code),
            )
        if named and named != code:
            raise CellRefused(
                N_("“%(value)s” is %(unit)s, but the row names %(named)s. Correct one of them."),
                value=quote(code),
                unit=self.unit_names[code],
                named=self.unit_names[named],
            )
        return code

    def _team(self, kind: TeamKind, name: str) -> str:
        return _only(
            self.teams[kind].get(_key(name)),
            N_("No team of this kind is called “%(value)s”. Write its full name, or leave it out."),
            N_("Several teams are called “%(value)s”. Write the full name."),
            name,
        )

    def _person(self, name: str) -> int:
        return _only(
            self.people.get(_key(name)),
            N_("Nobody active is called “%(value)s”. Write the e-mail address, or leave it out."),
            N_("Several people are called “%(value)s”. Write the e-mail address instead."),
            name,
        )


def directory(session: Session) -> Directory:
    """Read the directory; three statements."""
    units = session.scalars(select(Unit)).all()
    teams = session.scalars(select(Team)).all()
    people = session.execute(select(Person.id, Person.name, Person.email).where(Person.active))
    return Directory(
        units=_by_name(
            (name, unit.code)
            for unit in units
            for name in (unit.name_zh, _short(unit.name_zh), unit.name_en, unit.code)
        ),
        unit_names={unit.code: unit.name_zh for unit in units},
        teams={
            kind: _by_name(
                (name, team.key)
                for team in teams
                if team.kind is kind
                for name in (team.key, team.name_zh, team.name_en)
            )
            for kind in (TeamKind.HEADQUARTERS, TeamKind.SPECIAL_TEAM)
        },
        people=_by_name((each, id_) for id_, name, email in people for each in (name, email)),
    )


def _by_name(pairs: Iterable[tuple[str, Found]]) -> dict[str, frozenset[Found]]:
    found: dict[str, set[Found]] = defaultdict(set)
    for name, what in pairs:
        found[_key(name)].add(what)
    return {name: frozenset(all_) for name, all_ in found.items()}


def _key(name: str) -> str:
    return name.casefold().replace(" ", "")


def _short(name: str) -> str:
    """义乌市 is 义乌 to everybody in Jinhua."""
    return name[:-1] if name.endswith(_SHORTENED) and len(name) > _SHORTEST else name


def _only(found: frozenset[Found] | None, none: str, several: str, word: str) -> Found:
    if not found:
        raise CellRefused(none, value=quote(word))
    if len(found) > 1:
        raise CellRefused(several, value=quote(word))
    return next(iter(found))
