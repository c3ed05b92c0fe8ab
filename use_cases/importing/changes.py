"""What an import changes in projects that are there already, a thousand at a time."""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.inserts import insert_rows
from db.models import ApprovalRequest, AuditEntry, Project, RungFiring, StageVisit, Unit
from db.queries.policies import AdoptedPolicy, policy_version
from db.queries.projects import facts_from, places_of
from db.queries.roster import roster_on
from db.queries.standing import firings_of
from db.trail import entry
from state_machines.access import may_work_on
from state_machines.approvals import RequestState
from state_machines.policy import Policy
from state_machines.working_days import WorkCalendar, local_day
from use_cases.apply_changes import apply_changes
from use_cases.clocks import running_clocks, set_due
from use_cases.edit_project import edit_project
from use_cases.importing.headings import Heading, Headings
from use_cases.importing.matching import Meant
from use_cases.importing.problems import Message, Problem
from words.translations import N_


@dataclass
class Outcome:
    """How many projects were given new values, how many stood so already, and who was refused."""

    updated: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)


def change_projects(
    session: Session,
    rows: Sequence[Meant],
    headings: Headings,
    *,
    refused: Set[int],
    by: int | None,
    now: datetime,
    calendar: WorkCalendar,
    adopted: AdoptedPolicy,
    supersede: bool,
) -> Outcome:
    """Give the projects of `rows` the values that the file names; an empty cell changes nothing.

    Does for each what `edit_project` does, in a constant number of statements; only a project
    whose pending request it supersedes is edited on its own. Refuses, row by row, a project at
    another stage, one that `by` may not work on, and (without `supersede`) one whose pending
    request would no longer be what was asked. Rows `refused` before only get judged.
    """
    outcome = Outcome()
    projects = _locked(session, rows)
    pending = _pending(session, projects)
    roster = roster_on(session, local_day(now))
    teams = dict(session.execute(select(Unit.code, Unit.special_team_key)).all())
    changed: list[Project] = []
    trail: list[dict[str, Any]] = []
    for each in rows:
        project = projects[each.project_id or 0]
        changes = {
            name: value for name, value in each.facts.items() if getattr(project, name) != value
        }
        before = facts_from(project)
        after = replace(before, **changes)
        asked = pending.get(project.id, ())
        asks_again = any(policy.is_material(before, after) for policy in asked)
        allowed = by is None or may_work_on(by, project.owner_id, places_of(project), roster)
        wrong: list[Problem] = []
        if each.row.stage not in {None, project.stage}:
            wrong.append(_elsewhere(each, project, headings))
        if changes and not allowed:
            wrong.append(_not_theirs(each, project, headings))
        if asks_again and not supersede:
            wrong.append(_pends(each, project, headings))
        outcome.problems += wrong
        if wrong or each.row.row in refused:
            continue
        if not changes:
            outcome.unchanged += 1
        elif asked or adopted.policy.tier(before.investment) != adopted.policy.tier(
            after.investment
        ):
            # People have to be asked again or told: the way of a single edit does that.
            edit_project(
                session, project.id, changes, edition=None, by=by, now=now, calendar=calendar
            )
            outcome.updated += 1
        else:
            trail.append(_edit(project, changes, teams, by=by, now=now))
            if adopted.policy.is_material(before, after):
                project.last_material_editor_id = by
            changed.append(project)
    _wind(session, changed, adopted.policy, calendar, today=local_day(now))
    insert_rows(session, AuditEntry, trail)
    outcome.updated += len(changed)
    return outcome


def _locked(session: Session, rows: Sequence[Meant]) -> dict[int, Project]:
    """Lock the projects, always in the same order, so that two imports never wait in a circle."""
    ids = [each.project_id for each in rows]
    found = session.scalars(
        select(Project)
        .where(Project.id.in_(ids))
        .order_by(Project.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {project.id: project for project in found}


def _pending(session: Session, projects: Mapping[int, Project]) -> dict[int, list[Policy]]:
    """Return the policies that each project's pending requests were opened under."""
    requests = session.execute(
        select(ApprovalRequest.project_id, ApprovalRequest.policy_version_id).where(
            ApprovalRequest.project_id.in_(projects),
            ApprovalRequest.state == RequestState.PENDING,
        )
    )
    pending: dict[int, list[Policy]] = defaultdict(list)
    for project_id, version_id in requests:
        pending[project_id].append(policy_version(session, version_id).policy)
    return pending


def _edit(
    project: Project,
    changes: Mapping[str, Any],
    teams: Mapping[str, str | None],
    *,
    by: int | None,
    now: datetime,
) -> dict[str, Any]:
    details = apply_changes(project, changes, teams.__getitem__)
    return entry(project, "edited", by=by, now=now, details=details)


def _wind(
    session: Session,
    projects: Sequence[Project],
    policy: Policy,
    calendar: WorkCalendar,
    *,
    today: date,
) -> None:
    """Store the due instants anew: a larger investment or another industry changes budgets."""
    ids = [project.id for project in projects]
    visits = session.scalars(
        select(StageVisit).where(StageVisit.project_id.in_(ids), StageVisit.left_at.is_(None))
    ).all()
    visit_of = {visit.project_id: visit for visit in visits}
    fired: dict[int, list[RungFiring]] = defaultdict(list)
    for firing in firings_of(session, visits):
        fired[firing.visit_id].append(firing)
    for project in projects:
        visit = visit_of[project.id]
        clocks = running_clocks(project, visit, fired[visit.clock_id], policy)
        set_due(project, clocks, policy, calendar, today=today)
    session.flush()


def _elsewhere(meant: Meant, project: Project, headings: Headings) -> Problem:
    return _problem(
        meant,
        headings.of("stage"),
        N_(
            "%(number)s stands at another stage (%(stage)s), and an import moves no project. Write"
            " that stage here, or move the project on its own page."
        ),
        number=project.number,
        stage=project.stage,
    )


def _not_theirs(meant: Meant, project: Project, headings: Headings) -> Problem:
    return _problem(
        meant,
        headings.of("number", "name_zh", "name_en"),
        N_("Your posts do not allow you to change %(number)s. Ask its host unit to do it."),
        number=project.number,
    )


def _pends(meant: Meant, project: Project, headings: Headings) -> Problem:
    return _problem(
        meant,
        headings.of("number", "name_zh", "name_en"),
        N_(
            "%(number)s has a request that waits for its answer, and this row changes what was"
            " asked. Wait for the answer, or import with --supersede to ask again."
        ),
        number=project.number,
    )


def _problem(meant: Meant, heading: Heading | None, msgid: str, **values: object) -> Problem:
    return Problem(meant.row.row, heading.text if heading else "", Message(msgid, values))
