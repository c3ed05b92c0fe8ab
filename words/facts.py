"""A fact of a project in words, whether it comes from its row or from what a request froze."""

from datetime import date
from typing import Any, Protocol

from state_machines.dates import PartialDate
from state_machines.facts import EvidenceKind, Manufacturing
from words import days
from words.labels import label
from words.money import amount
from words.refusals import listed
from words.translations import gettext

_AMOUNTS = {"investment", "funds_required", "funds_ready"}
_DATES = {"contract_date", "planned_start", "start_date"}
_DAYS = {"funds_certified_on", "funds_certificate_until"}
_PLACES = {"unit_code", "headquarters_key", "special_team_key"}


class Names(Protocol):
    """What facts call by a code or an id."""

    def place(self, key: str) -> str: ...

    def person(self, person_id: int) -> str: ...


def fact_in_words(name: str, value: Any, names: Names) -> str:
    """Say one fact in the language spoken now; a frozen one has its dates as text."""
    if value is None or value == []:
        return gettext("not known yet")
    if name in _AMOUNTS:
        return amount(value)
    if name in _DATES:
        return days.partial(PartialDate(str(value)))
    if name in _DAYS:
        return days.day(date.fromisoformat(str(value)))
    if name in _PLACES:
        return names.place(value)
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if name == "owner_id":
        return names.person(value)
    if name == "area":
        return gettext("%(area)s m²", area=f"{value:,}")
    if name == "manufacturing":
        return label(Manufacturing(value))
    if name == "evidence":
        return listed(label(EvidenceKind(each)) for each in value)
    return str(value)
