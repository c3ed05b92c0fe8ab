"""The ways out of a project's stage: what each asks, what is there, and who must agree."""

from dataclasses import dataclass
from datetime import date

from db.models import Project
from state_machines.approvals import Subject
from state_machines.errors import IllegalMove
from state_machines.facts import EvidenceKind, ProjectFacts
from state_machines.gates import RequirementKey, holds
from state_machines.policy import Policy
from state_machines.stages import (
    FORWARD,
    GATED,
    NEEDS_REASON,
    OFFERED,
    STAGES,
    Move,
    Stage,
    destination,
)
from state_machines.steps import Step

_PROVEN_BY = {
    RequirementKey.CONTRACT_FILE: EvidenceKind.CONTRACT,
    RequirementKey.JOINT_REVIEW_MINUTES: EvidenceKind.JOINT_REVIEW_MINUTES,
    RequirementKey.LEASE_CONTRACT: EvidenceKind.LEASE_CONTRACT,
    RequirementKey.SITE_PROOF: EvidenceKind.SITE_PROOF,
}
_CERTIFIED = {RequirementKey.FUNDS_CERTIFIED, RequirementKey.FUNDS_CERTIFICATE_VALID}
_FIELD = {
    RequirementKey.HOST_UNIT: "unit_code",
    RequirementKey.OWNER: "owner_id",
    RequirementKey.NO_FACTORY_NEEDED: "needs_factory",
}
"""The fields that are not called like what they meet."""


def where_to_fill_in(key: RequirementKey) -> str:
    """Return the address, on the project's page, of what meets a requirement."""
    if key in _PROVEN_BY:
        return f"?evidence={_PROVEN_BY[key]}#add-evidence"
    if key in _CERTIFIED:
        return "#certify-funds"
    return f"#field-{_FIELD.get(key, key)}"


@dataclass(frozen=True)
class Asked:
    """One requirement of a gate, whether it is met, and where to meet it."""

    key: RequirementKey
    is_met: bool
    where: str


@dataclass(frozen=True)
class Way:
    """One move that leads out of the stage."""

    move: Move
    after: Stage
    asks: tuple[Asked, ...]
    steps: tuple[Step, ...]
    """Whose agreement it needs, in their order."""
    override_steps: tuple[Step, ...]
    """Whose it needs besides, where it goes against the gate."""
    persons: int
    """How many distinct persons must agree in all."""
    needs_reason: bool
    is_forward: bool

    @property
    def lacks(self) -> tuple[Asked, ...]:
        return tuple(each for each in self.asks if not each.is_met)


def ways(project: Project, facts: ProjectFacts, policy: Policy, *, on: date) -> list[Way]:
    """Return the moves that lead out of the project's stage, those onwards first."""
    found = []
    for move in STAGES.leading_out_of(project.stage):
        if move not in OFFERED:
            continue
        try:
            after = destination(project.stage, move, came_from=project.stage_before)
        except IllegalMove:
            continue
        gate = policy.gates.get(after) if move in GATED else None
        keys = gate.requirements(facts, coming_from=project.stage) if gate else ()
        steps = policy.steps(Subject(move), facts.investment)
        found.append(
            Way(
                move,
                after,
                tuple(Asked(key, holds(key, facts, on=on), where_to_fill_in(key)) for key in keys),
                steps,
                policy.steps(Subject(move), facts.investment, override=True)[len(steps) :],
                persons=policy.persons(Subject(move), facts.investment),
                needs_reason=move in NEEDS_REASON,
                is_forward=move in FORWARD,
            )
        )
    return found
