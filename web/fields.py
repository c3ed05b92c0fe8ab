"""The facts of a project as fields of a form: shown as text, and read back from it."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from pydantic import TypeAdapter, ValidationError

from state_machines.dates import PartialDate
from state_machines.errors import ValueRefused
from state_machines.facts import Manufacturing
from use_cases.importing.amounts import read_area, read_yuan
from use_cases.importing.problems import CellRefused
from use_cases.importing.values import read_date
from use_cases.typed_text import one_line
from web.row_ids import RowId
from words.money import amount
from words.translations import N_, Language, current_language

GROUPS = (
    (
        N_("The project"),
        ("name_zh", "name_en", "investor", "investor_contact", "industry", "manufacturing"),
    ),
    (
        N_("Whose it is"),
        ("unit_code", "headquarters_key", "special_team_key", "owner_id", "marked_major"),
    ),
    (
        N_("Contract"),
        ("investment", "contract_number", "contract_date", "planned_start", "needs_factory"),
    ),
    (N_("Site and funds"), ("site", "area", "funds_required", "funds_ready")),
    (N_("Start of construction"), ("start_date", "permit_number")),
)
"""What staff fill in, in the order in which a project comes to know it."""

FIELDS = tuple(name for _, names in GROUPS for name in names)
AMOUNTS = ("investment", "funds_required", "funds_ready")
DATES = ("contract_date", "planned_start", "start_date")
YES_OR_NO = ("needs_factory", "marked_major")
CHOICES = ("unit_code", "headquarters_key", "special_team_key", "owner_id", "manufacturing")

LONGEST_NUMBER = 9  # digits: no count of days or anything else has more

SMALLEST_BARE_AMOUNT = 10_000
"""A bare 52 means 52 of something larger than yuan: better to ask than to guess."""

_ROW_ID: TypeAdapter[int] = TypeAdapter(RowId)


def typed(name: str, value: Any) -> str:
    """Return a fact as it stands in its field; nothing for what is not known."""
    if value is None:
        return ""
    if name in AMOUNTS:
        return amount(value) if current_language() is Language.ZH_HANS else f"{value:,}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def read(name: str, text: str) -> Any:
    """Return the fact that was typed, None for an emptied field. Raises `ValueRefused`."""
    text = one_line(text)
    if not text:
        return False if name == "marked_major" else None
    reader = _READERS.get(name)
    return reader(name, text) if reader else text


def changed(form: Mapping[str, str]) -> dict[str, Any]:
    """Return the facts that the editor gave new values: fields that differ from what was shown.

    What the editor left alone is not sent on, so that it can neither undo what somebody else wrote
    meanwhile nor be refused for what it has always been. Raises `ValueRefused`.
    """
    return {
        name: read(name, form[name])
        for name in FIELDS
        if name in form and form[name].strip() != form.get(f"was-{name}", "").strip()
    }


def _amount(name: str, text: str) -> int:
    try:
        yuan = read_yuan(text, 1)
    except CellRefused:
        raise ValueRefused(name, "an amount", text) from None
    is_bare = text.replace(",", "").isdecimal()
    if is_bare and 0 < yuan < SMALLEST_BARE_AMOUNT:
        raise ValueRefused(name, "an amount", text)
    return yuan


def _area(name: str, text: str) -> int:
    try:
        return read_area(text, None)
    except CellRefused:
        raise ValueRefused(name, "a whole number", text) from None


def _date(name: str, text: str) -> PartialDate:
    try:
        return read_date(text)
    except CellRefused:
        raise ValueRefused(name, "a date", text) from None


def _yes_or_no(name: str, text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueRefused(name, "yes or no", text)
    return text == "yes"


def _manufacturing(name: str, text: str) -> Manufacturing:
    try:
        return Manufacturing(text)
    except ValueError:
        raise ValueRefused(name, "one of the choices", text) from None


def _person(name: str, text: str) -> int:
    try:
        return _ROW_ID.validate_python(text)
    except ValidationError:
        raise ValueRefused(name, "one of the choices", text) from None


def read_number(name: str, text: str) -> int:
    """Return a whole number of 0 or more. Raises `ValueRefused`."""
    digits = one_line(text)
    if not digits.isdecimal() or len(digits) > LONGEST_NUMBER:
        raise ValueRefused(name, "a whole number", text)
    return int(digits)


def read_day(name: str, text: str) -> date:
    """Return a day of the calendar. Raises `ValueRefused`."""
    try:
        found = read_date(text)
    except CellRefused:
        raise ValueRefused(name, "a day", text) from None
    if found.month_only:
        raise ValueRefused(name, "a day", text)
    return found.first_day


_READERS: dict[str, Callable[[str, str], Any]] = {
    **dict.fromkeys(AMOUNTS, _amount),
    **dict.fromkeys(DATES, _date),
    **dict.fromkeys(YES_OR_NO, _yes_or_no),
    "area": _area,
    "manufacturing": _manufacturing,
    "owner_id": _person,
}
