"""A file as its rows of cells, whatever program wrote it: CSV text or an Excel workbook."""

import codecs
import csv
import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from use_cases.importing.problems import FileRefused, Message
from use_cases.importing.values import Cell
from use_cases.importing.workbooks import OLE, ZIP, read_workbook
from words.translations import N_

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 200_000

_SEPARATORS = ",;\t"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True)
class Row:
    """One row under the number that a spreadsheet program shows beside it."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """The rows of a file that are not blank, titles and headings included."""

    rows: tuple[Row, ...]
    separated: bool = False
    """True for text, where a separator within a cell makes two of it."""


def read_table(file: BinaryIO, *, most_bytes: int = MOST_BYTES) -> Table:
    """Return the rows of a CSV file or of the first visible sheet of a workbook.

    Reads CSV in UTF-8, UTF-16 with a mark, or GB 18030, separated by comma, semicolon or tab.
    A formula stands as its text, `=…`, never as the value it had when the file was saved. Raises
    `FileRefused` for what is too large (before reading it), empty, damaged, locked by a password,
    packed to explode, or no table at all.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if size > most_bytes:
        raise FileRefused(
            Message(
                N_("The file has %(size)d MB; %(most)d MB is the most. Split it into several."),
                {"size": -(-size // 2**20), "most": most_bytes // 2**20},
            )
        )
    content = file.read(most_bytes + 1)
    is_workbook = content.startswith((ZIP, OLE))
    cells = read_workbook(content, MOST_ROWS) if is_workbook else _read_csv(_decode(content))
    rows = tuple(_not_blank(cells))
    if not rows:
        raise FileRefused(Message(N_("The file is empty. Choose one with a table in it.")))
    return Table(rows, separated=not is_workbook)


def _not_blank(rows: Iterator[Sequence[Cell]]) -> Iterator[Row]:
    for number, cells in enumerate(rows, start=1):
        if number > MOST_ROWS:
            raise FileRefused(
                Message(
                    N_("The table has more than %(most)d rows. Split it into several files."),
                    {"most": MOST_ROWS},
                )
            )
        if any(not isinstance(cell, str) or cell.strip() for cell in cells):
            yield Row(number, tuple(cells))


def _decode(content: bytes) -> str:
    if content.startswith(_UTF_16):
        encodings = ["utf-16"]
    elif b"\0" in content:
        raise _not_a_table()
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _not_a_table()


def _read_csv(text: str) -> Iterator[Sequence[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise FileRefused(
            Message(
                N_(
                    "The text breaks off at line %(line)d: a quotation mark is not closed there,"
                    " or stands in the middle of a cell. Double it, or save the table as Excel."
                ),
                {"line": reader.line_num},
            )
        ) from error


def _separator(text: str) -> str:
    """Return what separates the cells: the mark that the first lines hold most often."""
    head = text[:4096]
    return max(_SEPARATORS, key=head.count)


def _not_a_table() -> FileRefused:
    return FileRefused(
        Message(N_("The file is not a table that Luodi reads. Save it as .xlsx or as .csv."))
    )
