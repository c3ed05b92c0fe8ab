"""What the gate that a request asks to pass is still missing, now rather than at its opening."""

from collections.abc import Sequence
from datetime import date

from db.models import ApprovalRequest
from state_machines.facts import ProjectFacts
from state_machines.gates import RequirementKey, missing
from state_machines.policy import Policy
from state_machines.stages import GATED


def still_missing(
    request: ApprovalRequest, facts: ProjectFacts, policy: Policy, *, on: date
) -> Sequence[RequirementKey]:
    """Return all that is missing, but for what an override waived; nothing where no gate is."""
    if request.subject.move not in GATED:
        return ()
    return missing(
        policy.gates.get(request.after),
        facts,
        coming_from=request.before,
        on=on,
        waived=frozenset(RequirementKey(each) for each in request.waived or ()),
    )
