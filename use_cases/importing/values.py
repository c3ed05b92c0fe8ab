"""What one cell says: text, a date as precise as it was written, a stage, yes or no."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from state_machines.dates import PartialDate
from state_machines.facts import Manufacturing
from state_machines.stages import Stage
from use_cases.importing.problems import CellRefused, quote
from use_cases.typed_text import one_line, turns_direction, without_direction
from words.translations import N_

Cell = str | int | float | bool | date | datetime | time | timedelta

_EMPTY = {"", "-", "--", "—", "——", "/", "n/a"}
"""What people write where there is nothing to write."""

_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")
_FORMULA = re.compile(r"[=+\-@]")
_SIGNED_NUMBER = re.compile(r"[+-][\d\s.,()-]*\d[\d\s.,()-]*[^\W\d_]*[%²㎡]?")

_NUMBER = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")
LONGEST_NUMBER, LONGEST_TEXT, LONGEST_SOURCE = 40, 300, 2000

_STAGES: Mapping[str, Stage] = {
    **{stage.value: stage for stage in Stage},
    **dict.fromkeys(["线索", "项目线索", "意向", "储备", "谋划"], Stage.LEAD),
    **dict.fromkeys(["在谈", "洽谈", "洽谈中", "谈判", "在谈项目"], Stage.NEGOTIATION),
    **dict.fromkeys(["签约", "已签约", "签约项目"], Stage.SIGNED),
    **dict.fromkeys(["租赁厂房", "已租赁厂房", "已租厂房", "厂房租赁"], Stage.FACTORY_LEASED),
    **dict.fromkeys(["开工", "已开工", "在建", "开工建设", "construction"], Stage.STARTED),
    # What produces has started.
    **dict.fromkeys(["投产", "已投产", "竣工", "已竣工", "in_production"], Stage.STARTED),
    **dict.fromkeys(["流失", "已流失", "终止", "已终止"], Stage.LOST),
}
_YES_NO: Mapping[str, bool] = {
    **dict.fromkeys(["是", "有", "需要", "需", "yes", "y", "true", "1", "√"], True),
    **dict.fromkeys(["否", "无", "不需要", "不需", "no", "n", "false", "0", "×"], False),
}
_MANUFACTURING: Mapping[str, Manufacturing] = {
    **{word: Manufacturing.YES if yes else Manufacturing.NO for word, yes in _YES_NO.items()},
    **dict.fromkeys(["制造业", "制造业项目"], Manufacturing.YES),
    **dict.fromkeys(["非制造业", "非制造业项目"], Manufacturing.NO),
    **dict.fromkeys(["mixed", "混合", "部分", "兼有"], Manufacturing.MIXED),
}

_DAY = re.compile(
    r"(\d{4})(?:[-/.](\d{1,2})[-/.](\d{1,2})|年(\d{1,2})月(\d{1,2})[日号]|(\d\d)(\d\d))"
)
_MONTH = re.compile(r"(\d{4})(?:[-/.](\d{1,2})|年(\d{1,2})月|(\d\d))")
_MIDNIGHT = re.compile(r"[ t]0{1,2}:00(:00(\.0+)?)?")
_SERIAL = re.compile(r"\d{5}(\.0+)?")
_SERIAL_ZERO = date(1899, 12, 30)  # Excel's day 0, its invented 29 February 1900 allowed for
EARLIEST, LATEST = date(1990, 1, 1), date(2100, 12, 31)


def read_text(cell: Cell, longest: int = LONGEST_TEXT) -> str | None:
    """Return one line of clean text, or None where there is none.

    Refuses formulas, line breaks, control and direction characters, and what is too long. Marks
    that nobody can see are dropped, runs of blanks become one.
    """
    text = _as_text(cell)
    if text.casefold() in _EMPTY:
        return None
    if _FORMULA.match(text) and not _SIGNED_NUMBER.fullmatch(text):
        raise CellRefused(
            N_("“%(value)s” is a formula. Copy the cells and paste them as values only."),
            value=quote(text),
        )
    if turns_direction(text):
        raise CellRefused(
            N_("“%(value)s” holds hidden marks that turn the reading direction. Type it anew."),
            value=quote(without_direction(text)),
        )
    if not text.isprintable():  # as wherever people fill in facts
        raise CellRefused(
            N_("“%(value)s” holds a line break or a control character. Write it on one line."),
            value=quote(_CONTROL.sub("⏎", text)),
        )
    if len(text) > longest:
        raise CellRefused(
            N_("“%(value)s” has %(length)d characters. Shorten it to %(longest)d at most."),
            value=quote(text),
            length=len(text),
            longest=longest,
        )
    return text


def read_number(cell: Cell) -> str | None:
    """Return a project's number in capitals."""
    text = read_text(cell)
    if text and not (len(text) <= LONGEST_NUMBER and _NUMBER.fullmatch(text)):
        raise CellRefused(
            N_(
                "“%(value)s” is no project number. Use letters, digits and hyphens, or leave the"
                " cell empty: Luodi then gives the project a number."
            ),
            value=quote(text),
        )
    return text.upper() if text else None


def read_stage(cell: Cell) -> Stage:
    """Return the stage; in production counts as started.

    A lost project is refused: Luodi must know from which stage it could be revived.
    """
    stage = _STAGES.get(_word(cell))
    if stage is None:
        raise CellRefused(
            N_("“%(value)s” is not a stage. Write one of 线索, 在谈, 签约, 租赁厂房, 开工."),
            value=quote(cell),
        )
    if stage is Stage.LOST:
        raise CellRefused(
            N_(
                "A lost project cannot be imported as lost. Write the stage it was lost from, then"
                " record the loss on the project's page."
            )
        )
    return stage


def read_yes_no(cell: Cell) -> bool:
    answer = _YES_NO.get(_word(cell))
    if answer is None:
        raise CellRefused(
            N_("“%(value)s” is neither yes nor no. Write 是 or 否."), value=quote(cell)
        )
    return answer


def read_manufacturing(cell: Cell) -> Manufacturing:
    answer = _MANUFACTURING.get(_word(cell))
    if answer is None:
        raise CellRefused(
            N_("“%(value)s” is not yes, no or mixed. Write 是, 否 or 混合."), value=quote(cell)
        )
    return answer


def read_date(cell: Cell) -> PartialDate:
    """Return a date as precisely as it is written; a plain 5-digit number is Excel's day count."""
    if isinstance(cell, datetime):
        return _in_range(PartialDate.of(cell.date()), cell)
    if isinstance(cell, date):
        return _in_range(PartialDate.of(cell), cell)
    text = _MIDNIGHT.sub("", unicodedata.normalize("NFKC", _as_text(cell)).casefold())
    if _SERIAL.fullmatch(text):
        days = timedelta(days=int(float(text)))
        return _in_range(PartialDate.of(_SERIAL_ZERO + days), cell)
    text = text.replace(" ", "")
    for shape in (_DAY, _MONTH):
        if match := shape.fullmatch(text):
            year, *rest = (part for part in match.groups() if part)
            try:
                return _in_range(PartialDate("-".join([year, *(p.zfill(2) for p in rest)])), cell)
            except ValueError:
                break
    raise CellRefused(
        N_("“%(value)s” is not a date. Write 2022-09-21, or 2022-09 if only the month is known."),
        value=quote(cell),
    )


def _in_range(day: PartialDate, cell: Cell) -> PartialDate:
    if not EARLIEST <= day.first_day <= LATEST:
        raise CellRefused(
            N_("“%(value)s” lies outside the years %(first)d to %(last)d. Check the year."),
            value=quote(cell),
            first=EARLIEST.year,
            last=LATEST.year,
        )
    return day


def _as_text(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    return one_line(str(cell))


def _word(cell: Cell) -> str:
    text = unicodedata.normalize("NFKC", _as_text(cell)).casefold()
    return text.replace(" ", "_") if text.isascii() else text.replace(" ", "")
