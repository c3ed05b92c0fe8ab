"""What a project must show before it enters a stage.

One question, `missing`, answers "may I?", "what is missing?" and "why not?". Which requirements a
stage asks is policy; what each requirement means is here.
"""

from collections.abc import Callable
from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from state_machines.facts import EvidenceKind, ProjectFacts
from state_machines.stages import Stage


class RequirementKey(StrEnum):
    INVESTOR_CONTACT = "investor_contact"
    HOST_UNIT = "host_unit"
    OWNER = "owner"
    INDUSTRY = "industry"
    INVESTMENT = "investment"
    CONTRACT_NUMBER = "contract_number"
    CONTRACT_DATE = "contract_date"
    CONTRACT_FILE = "contract_file"
    PLANNED_START = "planned_start"
    NEEDS_FACTORY = "needs_factory"
    JOINT_REVIEW_MINUTES = "joint_review_minutes"
    SITE = "site"
    AREA = "area"
    LEASE_CONTRACT = "lease_contract"
    FUNDS_REQUIRED = "funds_required"
    FUNDS_READY = "funds_ready"
    FUNDS_CERTIFIED = "funds_certified"
    FUNDS_CERTIFICATE_VALID = "funds_certificate_valid"
    NO_FACTORY_NEEDED = "no_factory_needed"
    START_DATE = "start_date"
    PERMIT_NUMBER = "permit_number"
    SITE_PROOF = "site_proof"


def _answered(fact: str) -> Callable[[ProjectFacts, date], bool]:
    return lambda facts, on: getattr(facts, fact) is not None


def _proven(kind: EvidenceKind) -> Callable[[ProjectFacts, date], bool]:
    return lambda facts, on: kind in facts.evidence


def _funds_ready(facts: ProjectFacts, on: date) -> bool:
    if facts.funds_required is None or facts.funds_ready is None:
        return False
    return facts.funds_ready >= facts.funds_required


def _certificate_valid(facts: ProjectFacts, on: date) -> bool:
    """Valid on its last day too; not asked where no money is needed (the need has gone)."""
    if facts.funds_required == 0:
        return True
    return facts.funds_certificate_until is not None and on <= facts.funds_certificate_until


_HOLDS: dict[RequirementKey, Callable[[ProjectFacts, date], bool]] = {
    RequirementKey.INVESTOR_CONTACT: _answered("investor_contact"),
    RequirementKey.HOST_UNIT: _answered("unit_code"),
    RequirementKey.OWNER: _answered("owner_id"),
    RequirementKey.INDUSTRY: _answered("industry"),
    RequirementKey.INVESTMENT: _answered("investment"),
    RequirementKey.CONTRACT_NUMBER: _answered("contract_number"),
    RequirementKey.CONTRACT_DATE: _answered("contract_date"),
    RequirementKey.CONTRACT_FILE: _proven(EvidenceKind.CONTRACT),
    RequirementKey.PLANNED_START: _answered("planned_start"),
    RequirementKey.NEEDS_FACTORY: _answered("needs_factory"),
    RequirementKey.JOINT_REVIEW_MINUTES: _proven(EvidenceKind.JOINT_REVIEW_MINUTES),
    RequirementKey.SITE: _answered("site"),
    RequirementKey.AREA: _answered("area"),
    RequirementKey.LEASE_CONTRACT: _proven(EvidenceKind.LEASE_CONTRACT),
    RequirementKey.FUNDS_REQUIRED: _answered("funds_required"),
    RequirementKey.FUNDS_READY: _funds_ready,
    RequirementKey.FUNDS_CERTIFIED: _answered("funds_certified_on"),
    RequirementKey.FUNDS_CERTIFICATE_VALID: _certificate_valid,
    RequirementKey.NO_FACTORY_NEEDED: lambda facts, on: facts.needs_factory is False,
    RequirementKey.START_DATE: _answered("start_date"),
    RequirementKey.PERMIT_NUMBER: _answered("permit_number"),
    RequirementKey.SITE_PROOF: _proven(EvidenceKind.SITE_PROOF),
}


class Gate(BaseModel):
    """The requirements for entering one stage: always, from an amount up, coming from a stage."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    requires: tuple[RequirementKey, ...]
    from_yuan: dict[int, tuple[RequirementKey, ...]] = {}
    coming_from: dict[Stage, tuple[RequirementKey, ...]] = {}

    def requirements(
        self, facts: ProjectFacts, *, coming_from: Stage
    ) -> tuple[RequirementKey, ...]:
        """Return what this gate asks of a project, in the order in which it is filled in."""
        asked = [*self.requires]
        for threshold, more in sorted(self.from_yuan.items()):
            if facts.investment is not None and facts.investment >= threshold:
                asked += more
        asked += self.coming_from.get(coming_from, ())
        return tuple(dict.fromkeys(asked))


def holds(requirement: RequirementKey, facts: ProjectFacts, *, on: date) -> bool:
    """Say whether the facts meet one requirement on a day of Asia/Shanghai."""
    return _HOLDS[requirement](facts, on)


def missing(
    gate: Gate | None,
    facts: ProjectFacts,
    *,
    coming_from: Stage,
    on: date,
    waived: frozenset[RequirementKey] = frozenset(),
) -> tuple[RequirementKey, ...]:
    """Return everything that the gate still lacks, at once; an override's `waived` are let pass."""
    if gate is None:
        return ()
    asked = gate.requirements(facts, coming_from=coming_from)
    return tuple(each for each in asked if each not in waived and not holds(each, facts, on=on))
