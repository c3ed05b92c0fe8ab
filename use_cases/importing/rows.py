"""The rows of a table as typed values, and everything that is wrong with them, all at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from state_machines.dates import PartialDate
from state_machines.facts import Manufacturing
from state_machines.stages import Stage
from use_cases.importing.columns import HOSTS, NAMES, STAGES
from use_cases.importing.headings import Headings, read_headings
from use_cases.importing.problems import CellRefused, FileRefused, Message, Problem
from use_cases.importing.reading import Row, Table
from words.translations import N_


@dataclass(frozen=True, kw_only=True)
class ImportRow:
    """One row as typed values; None where the row says nothing. Money is whole CNY yuan, area m².

    Named as in `state_machines.facts` where they are facts; the host, the teams and the owner
    are still words here, to be looked up.
    """

    row: int
    stage: Stage | None = None
    number: str | None = None
    name_zh: str | None = None
    name_en: str | None = None
    host_unit: str | None = None
    host_code: str | None = None
    headquarters: str | None = None
    special_team: str | None = None
    owner: str | None = None
    investor: str | None = None
    investor_contact: str | None = None
    industry: str | None = None
    manufacturing: Manufacturing | None = None
    investment: int | None = None
    marked_major: bool | None = None
    needs_factory: bool | None = None
    contract_number: str | None = None
    contract_date: PartialDate | None = None
    planned_start: PartialDate | None = None
    site: str | None = None
    area: int | None = None
    funds_required: int | None = None
    funds_ready: int | None = None
    start_date: PartialDate | None = None
    permit_number: str | None = None
    source: str | None = None


@dataclass(frozen=True)
class CheckedTable:
    """A table after reading: its good rows, and every problem of the others.

    `doubtful` are rows with a problem, as far as they can be read: never imported, but looked up
    with the others, so that nobody hears of an unknown unit only once the amount is right.
    """

    headings: Headings
    body: tuple[Row, ...]
    rows: tuple[ImportRow, ...]
    doubtful: tuple[ImportRow, ...]
    problems: tuple[Problem, ...]


def check(table: Table) -> CheckedTable:
    """Read every row; one with a problem is not among `rows`. One whose cells have
    shifted is not among `doubtful` either.

    Raises `FileRefused` if the headings cannot be read or no row follows them.
    """
    headings = read_headings(table)
    body = tuple(row for row in table.rows if row.number > headings.row.number)
    if not body:
        raise FileRefused(Message(N_("No row follows the headings. Choose a file with projects.")))
    rows: list[ImportRow] = []
    doubtful: list[ImportRow] = []
    problems: list[Problem] = []
    for row in body:
        values, wrong = _read(row, headings)
        spilt = [*_spilt(row, headings)] if table.separated else []
        problems += wrong + spilt
        if not spilt:  # else every cell may stand under a heading not its own
            (doubtful if wrong else rows).append(ImportRow(row=row.number, **values))
    return CheckedTable(headings, body, tuple(rows), tuple(doubtful), tuple(problems))


def _read(row: Row, headings: Headings) -> tuple[dict[str, Any], list[Problem]]:
    values: dict[str, Any] = {}
    wrong: list[Problem] = []
    unread: set[str] = set()
    for heading in headings.known:
        cell = row.cells[heading.index] if heading.index < len(row.cells) else ""
        try:
            values[heading.column.key] = heading.read(cell)
        except CellRefused as refusal:
            wrong.append(Problem(row.number, heading.text, refusal.message))
            unread.add(heading.column.key)
    given = unread | {key for key, value in values.items() if value is not None}
    for keys, msgid in _COMPULSORY.items():
        heading_of = headings.of(*keys)
        if heading_of and not given & set(keys):
            wrong.append(Problem(row.number, heading_of.text, Message(msgid)))
    for key in unread & _STANDS_FOR.keys():
        for lesser in _STANDS_FOR[key]:
            values.pop(lesser, None)
    return values, wrong


_STANDS_FOR = {"number": NAMES, "name_zh": ("name_en",)}
"""What a row goes by instead of these. Where one cannot be read, going by the lesser would take
the row for another project's."""

_COMPULSORY = {
    NAMES: N_("The project has no name. Write its Chinese name, or else its English one."),
    HOSTS: N_("The host unit is missing. Write its name, such as 义乌市, or its code."),
    STAGES: N_("The stage is missing. Write one of 线索, 在谈, 签约, 租赁厂房, 开工."),
}


def _spilt(row: Row, headings: Headings) -> Iterator[Problem]:
    """Find cells to the right of the headings: a separator within a text has shifted the row."""
    width = len(headings.row.cells)
    if any(str(cell).strip() for cell in row.cells[width:]):
        yield Problem(
            row.number,
            headings.known[-1].text,
            Message(
                N_(
                    "The row has %(cells)d cells under %(headings)d headings. Put quotation marks"
                    " around a text that contains the separator."
                ),
                {"cells": len(row.cells), "headings": width},
            ),
        )
