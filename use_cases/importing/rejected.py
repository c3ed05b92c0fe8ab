"""The rows that were refused, as a workbook to correct and import again."""

import io
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import xlsxwriter

from use_cases.importing.headings import PROBLEM_HEADING
from use_cases.importing.problems import Problem
from use_cases.importing.rows import CheckedTable
from use_cases.importing.values import Cell

_LONGEST_CELL = 32_767  # Excel's own limit; xlsxwriter leaves out what is longer
_WIDE = 60


def write_rejected(table: CheckedTable, problems: Iterable[Problem]) -> bytes:
    """Return the refused rows as they came, with what is wrong in a column of its own.

    Speaks the language spoken now. Every text is written as text, so that nothing in it can run as
    a formula; an import passes over the added column.
    """
    wrong: dict[int, list[str]] = defaultdict(list)
    for problem in problems:
        wrong[problem.row].append(f"{problem.column}: {problem.message.say()}")
    kept = [n for n, cell in enumerate(table.headings.row.cells) if cell != PROBLEM_HEADING]
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        dated = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.freeze_panes(1, 0)
        sheet.set_column(len(kept), len(kept), _WIDE)
        for column, index in enumerate(kept):
            sheet.write_string(0, column, str(table.headings.row.cells[index]), bold)
        sheet.write_string(0, len(kept), PROBLEM_HEADING, bold)
        refused = (row for row in table.body if row.number in wrong)
        for line, row in enumerate(refused, start=1):
            for column, index in enumerate(kept):
                if index < len(row.cells):
                    _write(sheet, line, column, row.cells[index], dated)
            said = "\n".join(wrong[row.number])
            sheet.write_string(line, len(kept), said[:_LONGEST_CELL], wrapped)
    return content.getvalue()


def _write(sheet: Any, line: int, column: int, cell: Cell, dated: Any) -> None:
    if isinstance(cell, bool):
        sheet.write_boolean(line, column, cell)
    elif isinstance(cell, int | float):
        sheet.write_number(line, column, cell)
    elif isinstance(cell, date | datetime):
        sheet.write_datetime(line, column, cell, dated)
    elif cell != "":
        sheet.write_string(line, column, str(cell)[:_LONGEST_CELL])
