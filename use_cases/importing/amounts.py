"""Amounts of money and of land as people write them: 52亿, 3,200万元, 1.2万平方米."""

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal
from math import isfinite

from state_machines.facts import MOST_SQUARE_METRES, MOST_YUAN
from use_cases.importing.problems import CellRefused, quote
from use_cases.importing.values import Cell
from use_cases.typed_text import one_line
from words.translations import N_

_SCALE = {"": 1, "万": 10**4, "亿": 10**8, "million": 10**6, "billion": 10**9, "bn": 10**9}
_SCALE |= {"yi": 10**8, "wan": 10**4, "10000": 10**4, "100million": 10**8}
_YUAN = re.compile(
    r"(?P<scale>[万亿]|100million|10000|million|billion|bn|yi|wan)?"
    r"(?P<yuan>元|人民币元?|元人民币|rmb|cny|yuan)?"
)
_FOREIGN = re.compile(
    r"[$€£₩]|us[d$]|hk[d$]|eur|gbp|jpy|krw|twd|dollar|euro|pound|yen\b"
    r"|[美欧港日韩台澳加]元|美金|港币|[新]?台币|英镑|日圆|卢布|法郎"
)
_SQUARE_METRES: dict[str, Decimal] = {
    **dict.fromkeys(["平方米", "平米", "m2", "m^2", "sqm", "squaremetres"], Decimal(1)),
    **dict.fromkeys(["万平方米", "万平米", "万m2", "万平"], Decimal(10_000)),
    **dict.fromkeys(["亩", "mu"], Decimal(2000) / 3),
    **dict.fromkeys(["公顷", "ha", "hectares"], Decimal(10_000)),
}
_QUANTITY = re.compile(r"(?:¥|rmb|cny|人民币)?(?P<number>[+-]?[\d.,]+)(?P<unit>.*)")
_NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?")


def yuan_per(unit: str) -> int | None:
    """Return how many yuan a unit of a heading or a cell stands for, or None if it is no unit."""
    match = _YUAN.fullmatch(_plain(unit))
    return _SCALE[match["scale"] or ""] if match and match[0] else None


def square_metres_per(unit: str) -> Decimal | None:
    """Return how many square metres a unit stands for; a mu (亩) is two thirds of 1,000."""
    return _SQUARE_METRES.get(_plain(unit))


def is_foreign(text: str) -> bool:
    """Say whether a currency other than the yuan is named."""
    return bool(_FOREIGN.search(_plain(text)))


def read_yuan(cell: Cell, unit: int | None) -> int:
    """Return an amount in whole CNY yuan, rounded half up.

    `unit` is what the heading says, in yuan; a unit in the cell goes before it. Raises
    `CellRefused` for another currency, no unit, a negative amount, or one past belief.
    """
    if isinstance(cell, str) and is_foreign(cell):
        raise CellRefused(
            N_(
                "“%(value)s” is not in yuan. Convert it at the contract's rate and write it in"
                " yuan, such as 5.2亿元."
            ),
            value=quote(cell),
        )
    number, written = _split(cell)
    factor = yuan_per(written) if written else unit
    if factor is None and written:
        raise _not_an_amount(cell)
    if factor is None and number:
        raise CellRefused(
            N_(
                "“%(value)s” has no unit. Write the unit in the cell, such as 52亿元, or in the"
                " heading, such as 投资额(亿元)."
            ),
            value=quote(cell),
        )
    return _whole(number * (factor or 1), cell, most=MOST_YUAN)


def read_area(cell: Cell, unit: Decimal | None) -> int:
    """Return an area in whole square metres, which is also what no unit at all means."""
    number, written = _split(cell)
    factor = square_metres_per(written) if written else unit or Decimal(1)
    if factor is None:
        raise CellRefused(
            N_("“%(value)s” is not an area. Write square metres or mu, such as 12000 or 18亩."),
            value=quote(cell),
        )
    return _whole(number * factor, cell, most=MOST_SQUARE_METRES)


def _plain(text: str) -> str:
    """Full-width digits become plain ones, ㎡ becomes m2, and blanks go."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", one_line(text)).casefold())


def _split(cell: Cell) -> tuple[Decimal, str]:
    if isinstance(cell, int | float) and not isinstance(cell, bool) and isfinite(cell):
        return Decimal(repr(cell)), ""
    match = _QUANTITY.fullmatch(_plain(cell)) if isinstance(cell, str) else None
    if not match or not _NUMBER.fullmatch(match["number"]):
        raise _not_an_amount(cell)
    return Decimal(match["number"].replace(",", "")), match["unit"]


def _whole(quantity: Decimal, cell: Cell, *, most: int) -> int:
    if quantity < 0:
        raise CellRefused(
            N_("“%(value)s” is negative. Write 0 or more; leave the cell empty if unknown."),
            value=quote(cell),
        )
    if quantity > most:
        raise CellRefused(
            N_("“%(value)s” is larger than any project. Check the unit in the cell and heading."),
            value=quote(cell),
        )
    return int(quantity.to_integral_value(ROUND_HALF_UP))


def _not_an_amount(cell: Cell) -> CellRefused:
    return CellRefused(
        N_("“%(value)s” is not an amount. Write one figure, such as 5.2亿元 or 3200万元."),
        value=quote(cell),
    )
