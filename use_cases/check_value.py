"""Check a value that somebody wants to give to a fact, before any of it is written."""

from typing import Any

from sqlalchemy.orm import Session

from db.models import Person, Team, TeamKind, Unit
from state_machines.dates import PartialDate
from state_machines.errors import ValueRefused
from state_machines.facts import MOST_SQUARE_METRES, MOST_YUAN, Manufacturing
from use_cases.typed_text import line_typed

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


def check_value(session: Session, field: str, value: Any) -> Any:
    """Return the value as it is to be kept, text cleaned; None says that it is unknown.

    Raises `ValueRefused` unless the fact may have it.
    """
    if field not in _TAKES:
        raise ValueRefused(field, "an editable field")
    kind, expected = _TAKES[field]
    if value is None and field not in _NEVER_UNKNOWN:
        return None
    if type(value) is not kind:  # True is no amount, though Python counts it as 1
        raise ValueRefused(field, expected, value)
    if kind is str:
        typed, value = value, line_typed(field, str(value))
        if value is None:
            raise ValueRefused(field, "text", typed)
    if isinstance(value, int) and value < 0:
        raise ValueRefused(field, "not negative", value)
    if isinstance(value, int) and value > (MOST_YUAN if field in AMOUNTS else MOST_SQUARE_METRES):
        raise ValueRefused(field, expected, value)
    if field == "unit_code" and session.get(Unit, value) is None:
        raise ValueRefused(field, "a unit", value)
    if not _is_there(session, field, value):
        raise ValueRefused(field, "one of the choices", value)
    return value


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
