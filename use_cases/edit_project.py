"""Edit a project's facts, and ask again where what was asked is no longer what stands."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from db.models import ApprovalRequest, Project, Unit
from db.queries.policies import AdoptedPolicy, policy_in_force, policy_version
from db.queries.projects import facts_of, open_visit
from db.trail import record
from state_machines.approvals import RequestMove
from state_machines.errors import EditedMeanwhile, GateNotMet, NobodyToAsk, ValueRefused
from state_machines.facts import ProjectFacts
from state_machines.gates import RequirementKey, missing
from state_machines.stages import GATED
from state_machines.working_days import WorkCalendar, local_day
from use_cases.access import project_to_work_on
from use_cases.apply_changes import apply_changes
from use_cases.check_value import check_value
from use_cases.clocks import wind
from use_cases.open_request import open_request
from use_cases.settle_request import pending_request, settle_request


def edit_project(
    session: Session,
    project_id: int,
    changes: Mapping[str, Any],
    *,
    edition: int | None,
    by: int | None,
    now: datetime,
    calendar: WorkCalendar,
) -> None:
    """Give facts of a project new values; only the fields named are looked at.

    `edition` is the one that the editor saw (None: whatever stands). A material change makes `by`
    the last material editor, supersedes a pending request and asks again on the new facts, if
    its gate still holds. Changing nothing is harmless.

    Raises `NotFound`, `NotAllowed`, `ValueRefused`, and `EditedMeanwhile` with what stands now.
    """
    project = project_to_work_on(session, project_id, "edit", by=by, now=now)
    changes = {field: check_value(session, field, value) for field, value in changes.items()}
    if not any(changes.get(name, getattr(project, name)) for name in ("name_zh", "name_en")):
        raise ValueRefused("name_zh", "text")
    changed = {name: new for name, new in changes.items() if getattr(project, name) != new}
    if not changed:
        return
    if edition is not None and edition != project.edition:
        raise EditedMeanwhile({name: getattr(project, name) for name in changed})
    before = facts_of(session, project)
    details = apply_changes(
        project, changed, lambda code: session.get_one(Unit, code).special_team_key
    )
    after = facts_of(session, project)
    record(session, project, "edited", by=by, now=now, **details)
    adopted = policy_in_force(session)
    visit = open_visit(session, project.id)
    wind(session, project, visit, today=local_day(now), policy=adopted.policy, calendar=calendar)
    if adopted.policy.is_material(before, after):
        project.last_material_editor_id = by
    _ask_again_if_material(session, project, before, after, by=by, now=now)


def _ask_again_if_material(
    session: Session,
    project: Project,
    before: ProjectFacts,
    after: ProjectFacts,
    *,
    by: int | None,
    now: datetime,
) -> None:
    """Supersede the pending request that stood on other facts, and open the next round."""
    pending = pending_request(session, project.id)
    if pending is None:
        return
    adopted = policy_version(session, pending.policy_version_id)
    # An approver who has become the owner may not answer: then others are asked, too.
    owner_was_asked = before.owner_id != after.owner_id and after.owner_id in {
        each.person_id for each in pending.approvals
    }
    if not (owner_was_asked or adopted.policy.is_material(before, after)):
        return
    settle_request(session, project, pending, RequestMove.SUPERSEDE, by=by, now=now)
    session.flush()
    _reopen(session, project, pending, after, adopted, now=now)


def _reopen(
    session: Session,
    project: Project,
    superseded: ApprovalRequest,
    facts: ProjectFacts,
    adopted: AdoptedPolicy,
    *,
    now: datetime,
) -> None:
    """Ask the same again on the new facts, unless the gate no longer holds or nobody may answer."""
    waived = frozenset(RequirementKey(each) for each in superseded.waived or ())
    gate = adopted.policy.gates.get(superseded.after) if superseded.move in GATED else None
    try:
        if lacking := missing(
            gate, facts, coming_from=project.stage, on=local_day(now), waived=waived
        ):
            raise GateNotMet(superseded.after, lacking)
        approvers = adopted.policy.approvers(
            superseded.move, facts.investment, override=bool(superseded.waived)
        )
        open_request(
            session,
            project,
            superseded.move,
            facts=facts,
            approvers=approvers,
            waived=superseded.waived,
            adopted=adopted,
            by=superseded.requested_by_id,
            now=now,
            reason=superseded.reason,
        )
    except GateNotMet as refusal:
        record(
            session, project, "not_asked_again", by=None, now=now, missing=[*refusal.missing]
        )  # fmt: skip
    except NobodyToAsk as refusal:
        record(session, project, "not_asked_again", by=None, now=now, nobody_for=refusal.role)
