"""Which of a file's columns is what: the row of headings, found and understood."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from use_cases.importing.amounts import is_foreign
from use_cases.importing.columns import COLUMNS, HOSTS, NAMES, STAGES, Column
from use_cases.importing.problems import FileRefused, Message, quote
from use_cases.importing.reading import Row, Table
from use_cases.importing.values import Cell, read_text
from words.translations import N_

PROBLEM_HEADING = "问题 / Problem"
"""The column that is written beside rejected rows, and passed over when they come back."""

_HEADING_WITHIN = 10
"""A title or two may stand above the headings, as is the custom in official tables."""

_ALIKE = 0.65
"""Of three characters two: 投姿额 is 投资额."""


@dataclass(frozen=True)
class Heading:
    """A column as one file has it: where, under which words, in which unit."""

    column: Column
    index: int
    text: str
    unit: int | Decimal | None

    def read(self, cell: Cell) -> Any:
        """Return the cell's value, None if it is empty. Raises `CellRefused`."""
        read = self.column.read
        value = (
            read_text(cell, self.column.longest) if read is None or isinstance(cell, str) else cell
        )
        if value is None or read is None:
            return value
        return read(value, self.unit) if self.column.unit_of else read(value)


@dataclass(frozen=True)
class Headings:
    """The file's heading row: what is read, and which headings Luodi does not know."""

    row: Row
    known: tuple[Heading, ...]
    ignored: tuple[str, ...]

    def of(self, *keys: str) -> Heading | None:
        """Return the first of these columns that the file has."""
        found = {each.column.key: each for each in self.known}
        return next((found[key] for key in keys if key in found), None)

    def nearest(self, ignored: str) -> str | None:
        """Return the heading that a misspelt one may mean, of a column that the file lacks."""
        there = {each.column.key for each in self.known}
        wanted = [text for text, column in _BY_HEADING.items() if column.key not in there]
        stem, remark = _parted(_plain(ignored))
        for text in get_close_matches(stem, wanted, n=1, cutoff=_ALIKE):
            column = _BY_HEADING[text]
            written = next(each for each in column.all_headings if _plain(each) == text)
            return f"{written}({remark})" if remark and column.unit_of else written
        return None


def read_headings(table: Table) -> Headings:
    """Find the row of headings and say what each column of the file is.

    Raises `FileRefused` with everything that is wrong with the headings: none known, a compulsory
    one missing, one given twice, a unit or currency that cannot be read.
    """
    row = max(table.rows[:_HEADING_WITHIN], key=_recognised)
    wrong: list[Message] = []
    known: dict[str, Heading] = {}
    ignored: list[str] = []
    for index, cell in enumerate(row.cells):
        text = " ".join(str(cell).split())
        if not text or text == PROBLEM_HEADING:
            continue
        column, unit = _find(text)
        if column is None:
            ignored.append(quote(text))
        elif column.key in known:
            first = known[column.key].text
            wrong.append(
                Message(
                    N_("“%(first)s” and “%(second)s” are the same column. Keep one of them."),
                    {"first": quote(first), "second": quote(text)},
                )
            )
        else:
            if unit is not None and not unit[0]:
                wrong.append(_unit_unknown(text))
            known[column.key] = Heading(column, index, text, unit[0] if unit else None)
    wrong += [_lacking(keys) for keys in (NAMES, HOSTS, STAGES) if not known.keys() & set(keys)]
    if wrong:
        raise FileRefused(*wrong)
    return Headings(row, tuple(known.values()), tuple(ignored))


def _plain(heading: str) -> str:
    return re.sub(r"[\s_*:-]", "", unicodedata.normalize("NFKC", heading).casefold())


_BY_HEADING = {_plain(each): column for column in COLUMNS for each in column.all_headings}
_WITH_REMARK = re.compile(r"(.+?)[(\[【](.*)[)\]】]")
_WITH_UNIT = re.compile(r"(.+?),?(?:单位)?(yiyuan|wanyuan|yuan|cny|rmb|[亿万]?元|万?平方米|m2|亩)")


def _find(text: str) -> tuple[Column | None, tuple[int | Decimal | None] | None]:
    """Return the column a heading means, and the unit in it: None if it names none at all."""
    plain = _plain(text)
    if column := _BY_HEADING.get(plain):
        return column, None
    for shape in (_WITH_REMARK, _WITH_UNIT):
        match = shape.fullmatch(plain)
        column = _BY_HEADING.get(match[1]) if match else None
        if match and column:
            unit_of = column.unit_of
            written = match[2].removeprefix("单位")
            return column, (unit_of(written),) if unit_of else None
    return None, None


def _parted(plain: str) -> tuple[str, str]:
    """Part a heading from what is said after it, in brackets or as a unit."""
    matches = (shape.fullmatch(plain) for shape in (_WITH_REMARK, _WITH_UNIT))
    return next(((match[1], match[2]) for match in matches if match), (plain, ""))


def _recognised(row: Row) -> int:
    return sum(_find(str(cell))[0] is not None for cell in row.cells)


def _unit_unknown(text: str) -> Message:
    if is_foreign(text):
        return Message(
            N_("“%(heading)s” is not in yuan. Convert the column and head it 亿元 or 万元."),
            {"heading": quote(text)},
        )
    return Message(
        N_("“%(heading)s” names no unit that Luodi knows. Write (亿元), (万元), (元) or (平方米)."),
        {"heading": quote(text)},
    )


def _lacking(keys: Sequence[str]) -> Message:
    names = [column.all_headings[:2] for column in COLUMNS if column.key in keys]
    return Message(
        N_("A column is missing. Add one headed %(headings)s."),
        {"headings": " / ".join(heading for pair in names for heading in pair)},
    )
