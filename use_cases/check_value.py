"""Check a value that somebody wants to give to a fact, before any of it is written."""

from typing import Any

from sqlalchemy.orm import Session

from db.models import Person, Team, TeamKind, Unit
from state_machines.dates import PartialDate
from state_machines.errors import ValueRefused
from state_machines.facts import Manufacturing

LONGEST_TEXT = 500
LONGEST_PROSE = 5000
MOST_YUAN = 10**15
MOST_SQUARE_METRES = 10**9

TEXTS = (
    *("name_zh", "name_en", "investor", "investor_contact", "industry", "contract_number"),
    *("site", "permit_number", "unit_code", "headquarters_key", "special_team_key"),
)
DATES = ("contract_date", "planned_start", "start_date")
AMOUNTS = ("investment", "funds_required", "funds_ready")

_TAKES: dict[str, tuple[type, str]] = {
    **dict.fromkeys(TEXTS, (str, "text")),
    **dict.fromkeys(DATES, (PartialDate, "a date")),
    **dict.fromkeys(AMOUNTS, (int, "an amount")),
    "area": (int, "a whole number"),
    "owner_id": (int, "one of the choices"),
    "manufacturing": (Manufacturing, "one of the choices"),
    "marked_major": (bool, "yes or no"),
    "needs_factory": (bool, "yes or no"),
}
"""What staff fill in. Certifying funds is the promotion center's act, not an edit."""

_NEVER_UNKNOWN = ("unit_code", "marked_major")


def check_value(session: Session, field: str, value: Any) -> None:
    """Raise `ValueRefused` unless the fact may have this value; None says that it is unknown."""
    if field not in _TAKES:
        raise ValueRefused(field, "an editable field")
    kind, expected = _TAKES[field]
    if value is None and field not in _NEVER_UNKNOWN:
        return
    if type(value) is not kind:  # True is no amount, though Python counts it as 1
        raise ValueRefused(field, expected, value)
    if isinstance(value, str) and not _is_line(value):
        raise ValueRefused(field, "text", value)
    if isinstance(value, int) and value < 0:
        raise ValueRefused(field, "not negative", value)
    if isinstance(value, int) and value > (MOST_YUAN if field in AMOUNTS else MOST_SQUARE_METRES):
        raise ValueRefused(field, expected, value)
    if field == "unit_code" and session.get(Unit, value) is None:
        raise ValueRefused(field, "a unit", value)
    if not _is_there(session, field, value):
        raise ValueRefused(field, "one of the choices", value)


def check_prose(field: str, text: str) -> None:
    """Raise `ValueRefused` unless the text says something, may have several lines, and can be kept.

    Control characters cannot: PostgreSQL refuses the first of them, and readers never see any.
    """
    spoken = text.replace("\r", "").replace("\n", "").replace("\t", "")
    if not text.strip() or len(text) > LONGEST_PROSE or not spoken.isprintable():
        raise ValueRefused(field, "text", text)


def _is_line(text: str) -> bool:
    return bool(text.strip()) and len(text) <= LONGEST_TEXT and text.isprintable()


def _is_there(session: Session, field: str, value: Any) -> bool:
    """Say whether a fact that names a team or a person names one that can have it."""
    if field == "owner_id":
        person = session.get(Person, value)
        return person is not None and person.active
    if field in ("headquarters_key", "special_team_key"):
        team = session.get(Team, value)
        wanted = TeamKind.HEADQUARTERS if field == "headquarters_key" else TeamKind.SPECIAL_TEAM
        return team is not None and team.kind is wanted
    return True
