"""Which project a row is about: by its number, else by its name and host unit."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from db.models import Project
from use_cases.importing.headings import Headings
from use_cases.importing.problems import CellRefused, Problem, quote
from use_cases.importing.rows import ImportRow
from words.translations import N_

AT_ONCE = 1000
"""Rows per statement: well below what either database takes as parameters."""

Item = TypeVar("Item")


@dataclass(frozen=True)
class Meant:
    """A row with its words looked up; `project_id` is None for a project not seen before."""

    row: ImportRow
    facts: Mapping[str, Any]
    project_id: int | None = None

    @property
    def unit_code(self) -> str | None:
        """None if the row names no unit that there is, which refuses it."""
        return self.facts.get("unit_code")


_Name = tuple[str | None, str | None]
"""A name, and the code of the host unit within which it is one project's."""


class _Known(NamedTuple):
    id: int
    number: str
    name_zh: str | None
    name_en: str | None
    unit_code: str


def match(
    session: Session, rows: Sequence[Meant], headings: Headings
) -> tuple[list[Meant], list[Problem]]:
    """Return the rows with their projects, and a problem for each that two rows or none fit.

    A row with a Chinese name also finds a project that so far has only the same English one.
    Three statements per 1,000 rows.
    """
    problems: list[Problem] = []
    matched: list[Meant] = []
    for chunk in in_chunks(rows):
        index = _Index(_known(session, chunk))
        for each in chunk:
            try:
                found = index.find(each)
                matched.append(Meant(each.row, each.facts, found.id if found else None))
            except CellRefused as refusal:
                problems.append(_problem(each, headings, refusal))
    return _each_once(matched, headings, problems)


class _Index:
    """What the database knows of one chunk of rows."""

    def __init__(self, known: Iterable[_Known]) -> None:
        self._by_number: dict[str, _Known] = {}
        self._by_chinese: dict[_Name, dict[int, _Known]] = defaultdict(dict)
        self._by_english: dict[_Name, dict[int, _Known]] = defaultdict(dict)
        for each in known:
            self._by_number[each.number] = each
            self._by_chinese[each.name_zh, each.unit_code][each.id] = each
            self._by_english[each.name_en, each.unit_code][each.id] = each

    def find(self, meant: Meant) -> _Known | None:
        number = meant.row.number
        if number in self._by_number:
            return self._by_number[number]
        namesakes = self._named(meant)
        if number and namesakes:
            raise CellRefused(
                N_(
                    "No project has the number “%(value)s”, but %(number)s has this name and host"
                    " unit. Correct the number, or give the project a name of its own."
                ),
                value=number,
                number=namesakes[0].number,
            )
        if len(namesakes) > 1:
            raise CellRefused(
                N_(
                    "%(count)d projects have this name and host unit: %(numbers)s. Write the number"
                    " of the one you mean."
                ),
                count=len(namesakes),
                numbers=quote(", ".join(each.number for each in namesakes)),
            )
        return namesakes[0] if namesakes else None

    def _named(self, meant: Meant) -> list[_Known]:
        row, unit = meant.row, meant.unit_code
        if row.name_zh and (found := self._by_chinese.get((row.name_zh, unit))):
            return [*found.values()]
        english = self._by_english.get((row.name_en, unit), {}) if row.name_en else {}
        return [each for each in english.values() if not (row.name_zh and each.name_zh)]


def _known(session: Session, rows: Sequence[Meant]) -> Iterator[_Known]:
    asked = (
        (Project.number, {each.row.number for each in rows}),
        (Project.name_zh, {each.row.name_zh for each in rows}),
        (Project.name_en, {each.row.name_en for each in rows}),
    )
    for column, wanted in asked:
        if values := sorted(each for each in wanted if each):
            for found in session.execute(_columns(column, column.in_(values))):
                yield _Known(*found)


def _columns(column: InstrumentedAttribute[Any], condition: ColumnElement[bool]) -> Any:
    return select(
        Project.id, Project.number, Project.name_zh, Project.name_en, Project.unit_code
    ).where(condition)


def _each_once(
    rows: list[Meant], headings: Headings, problems: list[Problem]
) -> tuple[list[Meant], list[Problem]]:
    """Refuse all rows of the file that are about one project: nobody can say which is right."""
    alike: dict[tuple[object, ...], list[Meant]] = defaultdict(list)
    for each in rows:
        for identity in _identities(each):
            alike[identity].append(each)
    repeated: dict[int, list[Meant]] = {}
    for (kind, *_), group in alike.items():
        told_apart = all(each.row.number for each in group) and kind in {"zh", "en"}
        told_apart |= all(each.row.name_zh for each in group) and kind == "en"
        if len(group) > 1 and not told_apart:
            repeated |= {each.row.row: group for each in group}
    for each in rows:
        if group := repeated.get(each.row.row, []):
            others = ", ".join(str(other.row.row) for other in group if other is not each)
            refusal = CellRefused(
                N_(
                    "Row %(others)s is about the same project. Keep one of them, or tell the"
                    " projects apart by their numbers."
                ),
                others=quote(others),
            )
            problems.append(_problem(each, headings, refusal))
    return [each for each in rows if each.row.row not in repeated], problems


def _identities(meant: Meant) -> Iterator[tuple[object, ...]]:
    """What a new project goes by; names count between rows only where a number does not part them.

    As `_Index` finds it again: the second import of a file must find what the first has made.
    """
    row = meant.row
    if meant.project_id is not None:
        yield "project", meant.project_id
        return
    if row.number:
        yield "number", row.number
    if row.name_zh and meant.unit_code:
        yield "zh", row.name_zh, meant.unit_code
    if row.name_en and meant.unit_code:
        yield "en", row.name_en, meant.unit_code


def _problem(meant: Meant, headings: Headings, refusal: CellRefused) -> Problem:
    keys = ("number", "name_zh", "name_en") if meant.row.number else ("name_zh", "name_en")
    heading = headings.of(*keys)
    return Problem(meant.row.row, heading.text if heading else keys[0], refusal.message)


def in_chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]
