"""An Excel workbook from a stranger: looked over while it is closed, then opened."""

import io
import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from html import unescape
from posixpath import join
from xml.etree import ElementTree

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from use_cases.importing.problems import FileRefused, Message
from use_cases.importing.values import Cell
from words.translations import N_

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

MOST_UNPACKED = 256 * 1024 * 1024
MOST_RATIO, _RATIO_MATTERS_FROM = 200, 16 * 1024 * 1024
"""A sheet of real projects packs 5 to 20 times; one of nothing but zeros 1,000 times."""
MOST_CELLS = 10_000_000
"""Counted from A1 to the last cell: one stray cell in the last corner makes 17 billion."""

_WORKBOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_AT = rb"""<(?:\w+:)?c\s[^>]*?\br=["']([A-Z]{1,3})(\d{1,7})["']"""
_CELL = re.compile(_AT)
_FORMULA = re.compile(_AT + rb"[^>]*>\s*<(?:\w+:)?f(?:\s[^>]*?)?(?:/>|>([^<]*)<)")
_ANY_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")


def read_workbook(content: bytes, most_rows: int) -> Iterator[Sequence[Cell]]:
    """Yield the rows of the first visible sheet, from row 1 on.

    Formulas come as their text. The old .xls format does not show them to us: there, and only
    there, a formula comes as the value that Excel last saved. Raises `FileRefused`.
    """
    unpacked = _unpacked(content) if content.startswith(ZIP) else None
    formulas: dict[tuple[int, int], str] = {}
    try:
        with CalamineWorkbook.from_filelike(unpacked or io.BytesIO(content)) as book:
            name = next(
                sheet.name
                for sheet in book.sheets_metadata
                if sheet.visible is SheetVisibleEnum.Visible
                and sheet.typ is SheetTypeEnum.WorkSheet
            )
            if unpacked:
                cells = _cells_of(unpacked, name)
                _refuse_vast(cells)
                formulas = _formulas(cells)
            sheet = book.get_sheet_by_name(name)
            rows = sheet.to_python(skip_empty_area=False, nrows=most_rows + 1)
    except PasswordError as error:
        raise FileRefused(
            Message(N_("The workbook is locked by a password. Save it without one."))
        ) from error
    except (CalamineError, ElementTree.ParseError, LookupError, StopIteration) as error:
        raise _damaged() from error
    for number, row in enumerate(rows, start=1):
        yield [formulas.get((number, index), cell) for index, cell in enumerate(row, start=1)]


def _unpacked(content: bytes) -> io.BytesIO:
    """Return the workbook's XML in an archive that packs nothing.

    The sizes in an archive's directory are claims. Each part is unpacked here no further than it
    claims, a piece at a time; what holds more then fails its checksum, or ends there.
    """
    plain = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            size = sum(part.file_size for part in parts)
            too_dense = size > _RATIO_MATTERS_FROM and size > MOST_RATIO * len(content)
            if size > MOST_UNPACKED or too_dense:
                raise FileRefused(
                    Message(
                        N_("Unpacked, the workbook would have %(size)d MB. Save only its table."),
                        {"size": size // 2**20},
                    )
                )
            with zipfile.ZipFile(plain, "w") as out:
                for part in {each.filename: each for each in parts}.values():
                    if part.filename.endswith((".xml", ".rels")):
                        with packed.open(part) as source, out.open(part.filename, "w") as target:
                            shutil.copyfileobj(source, target, 2**16)
                if _WORKBOOK not in out.namelist():
                    raise _damaged()
    # A password, or a way of packing that Excel does not use: RuntimeError, NotImplementedError.
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
        raise _damaged() from error
    plain.seek(0)
    return plain


def _cells_of(unpacked: io.BytesIO, sheet_name: str) -> bytes:
    """Return the XML of a sheet's cells. Raises `LookupError` if nothing leads there."""
    with zipfile.ZipFile(unpacked) as parts:
        [relation] = [
            value
            for sheet in _elements(parts.read(_WORKBOOK), "sheet")
            if sheet.get("name") == sheet_name
            for key, value in sheet.items()
            if key.endswith("}id")
        ]
        [target] = [
            each.attrib["Target"]
            for each in _elements(parts.read(_RELATIONS), "Relationship")
            if each.get("Id") == relation
        ]
        xml = parts.read(join("/xl", target).removeprefix("/"))
    # Formulas stand outside the cells too, in drop-downs for one; those are no business of ours.
    start, end = xml.find(b"sheetData>"), xml.rfind(b"sheetData>")
    return xml[start:end]


def _elements(xml: bytes, name: str) -> list[ElementTree.Element]:
    root = ElementTree.fromstring(xml)  # noqa: S314 (expat itself stops entities that explode)
    return [each for each in root.iter() if each.tag.rpartition("}")[2] == name]


def _refuse_vast(cells: bytes) -> None:
    found = set(_CELL.findall(cells))
    width = max((_column(letters) for letters, _ in found), default=0)
    height = max((int(row) for _, row in found), default=0)
    if width * height > MOST_CELLS:
        raise FileRefused(
            Message(
                N_(
                    "The sheet reaches to row %(height)d and column %(width)d. Delete the empty"
                    " rows and columns after the table, or split it."
                ),
                {"height": height, "width": width},
            )
        )


def _formulas(cells: bytes) -> dict[tuple[int, int], str]:
    """Return the formulas by row and column, from 1 on; what repeats the one above is `=…`."""
    found = {
        (int(row), _column(letters)): "=" + (unescape(text.decode()) or "…")
        for letters, row, text in _FORMULA.findall(cells)
    }
    if len(found) != len(_ANY_FORMULA.findall(cells)):
        raise FileRefused(
            Message(N_("The sheet holds formulas. Copy the cells and paste them as values only."))
        )
    return found


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _damaged() -> FileRefused:
    return FileRefused(
        Message(N_("The workbook cannot be opened. Open it in Excel and save it anew as .xlsx."))
    )
