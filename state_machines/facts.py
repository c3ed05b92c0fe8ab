"""What is known of a project at one moment: gates read it, requests freeze it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any

from state_machines.dates import PartialDate

MOST_YUAN = 10**13
"""100,000 亿元: more is a unit mistaken, whatever the project."""
MOST_SQUARE_METRES = 10**9


class EvidenceKind(StrEnum):
    CONTRACT = "contract"
    JOINT_REVIEW_MINUTES = "joint_review_minutes"
    LEASE_CONTRACT = "lease_contract"
    FUNDS_CERTIFICATE = "funds_certificate"
    SITE_PROOF = "site_proof"
    OTHER = "other"


class Manufacturing(StrEnum):
    YES = "yes"
    NO = "no"
    MIXED = "mixed"


@dataclass(frozen=True, kw_only=True)
class ProjectFacts:
    """Nothing is missing but `None`: no and 0 are answers. Money is whole CNY yuan, area m²."""

    name_zh: str | None = None
    name_en: str | None = None
    investor: str | None = None
    investor_contact: str | None = None
    unit_code: str | None = None
    headquarters_key: str | None = None
    special_team_key: str | None = None
    owner_id: int | None = None
    industry: str | None = None
    manufacturing: Manufacturing | None = None
    investment: int | None = None
    marked_major: bool = False
    needs_factory: bool | None = None
    contract_number: str | None = None
    contract_date: PartialDate | None = None
    planned_start: PartialDate | None = None
    site: str | None = None
    area: int | None = None
    funds_required: int | None = None
    funds_ready: int | None = None
    funds_certified_on: date | None = None
    funds_certificate_until: date | None = None
    start_date: PartialDate | None = None
    permit_number: str | None = None
    evidence: frozenset[EvidenceKind] = frozenset()

    def as_json(self) -> dict[str, Any]:
        """Return the facts as JSON values, the same for the same facts."""
        return {field.name: plain(getattr(self, field.name)) for field in fields(self)}


FACT_NAMES = tuple(field.name for field in fields(ProjectFacts) if field.name != "evidence")


def changed_facts(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the names of the facts that two rounds froze differently."""
    return [name for name, value in after.items() if before.get(name) != value]


def digest(facts: dict[str, Any]) -> str:
    """Return the SHA-256 of frozen facts, so that what was seen can be proven later."""
    canonical = json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def plain(value: Any) -> Any:
    """Return a fact as the JSON value it is frozen and audited as."""
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, date | PartialDate):
        return str(value)
    return value
