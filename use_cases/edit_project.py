"""Edit a project's facts, and ask again where what was asked is no longer what stands."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from db.models import Project, Unit
from db.queries.policies import policy_in_force, policy_version
from db.queries.projects import facts_of, open_visit
from db.trail import record
from state_machines.errors import EditedMeanwhile, ValueRefused
from state_machines.facts import ProjectFacts
from state_machines.working_days import WorkCalendar, local_day
from use_cases.access import project_to_work_on
from use_cases.apply_changes import apply_changes
from use_cases.ask_again import ask_again
from use_cases.check_value import check_value
from use_cases.clocks import wind
from use_cases.inform import inform_new_tier, inform_of_edit
from use_cases.reroute import reroute
from use_cases.settle_request import pending_requests


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
    the last material editor, supersedes pending requests and asks again on the new facts, if the
    gate still holds; any other is told to those who are asked. Changing nothing is harmless.

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
    _mind_pending_requests(session, project, before, after, by=by, now=now, calendar=calendar)
    inform_new_tier(session, project, before, after, adopted.policy, now=now)


def _mind_pending_requests(
    session: Session,
    project: Project,
    before: ProjectFacts,
    after: ProjectFacts,
    *,
    by: int | None,
    now: datetime,
    calendar: WorkCalendar,
) -> None:
    """Ask again where what was asked is no longer what stands; else tell those who are asked.

    An owner answers nothing about their own project: others are asked in their place.
    """
    for pending in pending_requests(session, project.id):
        adopted = policy_version(session, pending.policy_version_id)
        if adopted.policy.is_material(before, after):
            ask_again(session, project, pending, after, adopted, by=by, now=now, calendar=calendar)
            continue
        if before.owner_id != after.owner_id:
            reroute(session, project, pending, now=now, calendar=calendar)
        inform_of_edit(session, project, pending, before, after, by=by, now=now)
