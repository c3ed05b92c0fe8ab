"""Files as people hand them in, made in memory."""

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from use_cases.importing.reading import Table, read_table
from use_cases.importing.rows import CheckedTable, check


def csv_table(text: str, encoding: str = "utf-8") -> Table:
    return read_table(io.BytesIO(text.encode(encoding)))


def workbook(*rows: Sequence[Any], sheet: str = "项目") -> io.BytesIO:
    """Return a workbook; text that begins with = is written as a formula."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"default_date_format": "yyyy-mm-dd"}) as book:
        page = book.add_worksheet(sheet)
        for line, row in enumerate(rows):
            page.write_row(line, 0, row)
    content.seek(0)
    return content


HEADINGS = ("项目编号", "项目名称", "县市区", "总投资(亿元)", "阶段", "签约日期")


def projects(*rows: Sequence[Any], headings: Sequence[str] = HEADINGS) -> CheckedTable:
    """Return a checked table of these rows, from a workbook."""
    return check(read_table(workbook(headings, *rows)))
