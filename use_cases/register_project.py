"""Register projects that enter Luodi at the stage they have reached in the world."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from db.base import Base
from db.inserts import insert_new, insert_rows
from db.models import AuditEntry, NumberSeries, Origin, Project, StageChange, StageVisit, Unit
from db.queries.policies import AdoptedPolicy
from db.queries.roster import roster_on
from db.trail import entry
from state_machines.dates import PartialDate
from state_machines.errors import ValueRefused
from state_machines.facts import plain
from state_machines.posts import PostKey, Role
from state_machines.stages import Stage
from state_machines.working_days import WorkCalendar, local_day
from use_cases.clocks import running_clocks, set_due

BEFORE_IF_UNKNOWN = {Stage.STARTED: Stage.SIGNED, Stage.LOST: Stage.LEAD}
"""Where annulling a start, or reviving, leads for a project that Luodi never saw move."""


@dataclass(frozen=True, kw_only=True)
class NewProject:
    """A project to be registered: its facts by name, its stage, and when it reached it.

    `clock_from` is day 0 of its clocks; `number` is given where the city has numbered it.
    """

    facts: dict[str, Any]
    stage: Stage
    origin: Origin
    effective_on: PartialDate
    clock_from: date
    number: str | None = None
    source: str | None = None


def register_projects(
    session: Session,
    new: Sequence[NewProject],
    *,
    by: int | None,
    now: datetime,
    calendar: WorkCalendar,
    adopted: AdoptedPolicy,
) -> list[Project]:
    """Register projects in bulk, each with its first visit and a history row that says so.

    Gates are not applied backwards. A project without an owner goes to whoever holds the unit's
    intake post; one without a special team to its unit's. A constant number of statements,
    whatever the number of projects. Raises `ValueRefused` for a unit that does not exist; that a
    number is free is the caller's to see to.
    """
    units = {unit.code: unit for unit in session.scalars(select(Unit))}
    intake = roster_on(session, local_day(now)).holders
    numbers = _numbers(session, sum(each.number is None for each in new), now=now)
    arrivals = [
        (each, _project(each, units, intake, each.number or next(numbers), by=by, now=now))
        for each in new
    ]
    visits = [_visit(each, now=now) for each in new]
    for (_, project), visit in zip(arrivals, visits, strict=True):
        clocks = running_clocks(project, visit, (), adopted.policy)
        set_due(project, clocks, adopted.policy, calendar, today=local_day(now))
    insert_rows(session, Project, [_row(project) for _, project in arrivals])
    stored = select(Project).where(Project.number.in_([each.number for _, each in arrivals]))
    by_number = {project.number: project for project in session.scalars(stored)}
    projects = [by_number[each.number] for _, each in arrivals]
    entered = list(zip(new, projects, visits, strict=True))
    insert_rows(
        session,
        StageVisit,
        [_row(visit) | {"project_id": project.id} for _, project, visit in entered],
    )
    insert_rows(
        session,
        StageChange,
        [
            _entered(project, each, by=by, now=now, version_id=adopted.version_id)
            for each, project, _ in entered
        ],
    )
    insert_rows(
        session,
        AuditEntry,
        [_first_entry(project, each, by=by, now=now) for each, project, _ in entered],
    )
    session.flush()
    return projects


def _row(thing: Base) -> dict[str, Any]:
    """Return an object that was never stored as the row to be inserted."""
    columns = inspect(type(thing)).column_attrs
    return {each.key: getattr(thing, each.key) for each in columns if each.key != "id"}


def _visit(new: NewProject, *, now: datetime) -> StageVisit:
    return StageVisit(
        stage=new.stage,
        entered_at=now,
        stage_origin=new.clock_from,
        stage_used=0,
        stage_episode=1,
        silence_origin=new.clock_from,
        silence_used=0,
        silence_episode=1,
    )


def _project(
    new: NewProject,
    units: dict[str, Unit],
    holders: Mapping[PostKey, tuple[int, ...]],
    number: str,
    *,
    by: int | None,
    now: datetime,
) -> Project:
    facts = {"marked_major": False} | new.facts
    unit = units.get(facts.get("unit_code", ""))
    if unit is None:
        raise ValueRefused("unit_code", "a unit", facts.get("unit_code"))
    facts["special_team_key"] = facts.get("special_team_key") or unit.special_team_key
    if facts.get("owner_id") is None:
        found = holders.get(PostKey(Role.INTAKE, unit.code), ())
        facts["owner_id"] = found[0] if found else None
    return Project(
        **facts,
        number=number,
        origin=new.origin,
        source=new.source,
        created_at=now,
        stage=new.stage,
        stage_before=BEFORE_IF_UNKNOWN.get(new.stage),
        last_material_editor_id=by,
        edition=1,
        history_seq=1,
        audit_seq=0,
        audit_hash="",
    )


def _entered(
    project: Project, new: NewProject, *, by: int | None, now: datetime, version_id: int
) -> dict[str, Any]:
    return {
        "project_id": project.id,
        "seq": 1,
        "move": None,
        "before": None,
        "after": new.stage,
        "by_id": by,
        "effective_on": new.effective_on,
        "recorded_at": now,
        "policy_version_id": version_id,
    }


def _first_entry(
    project: Project, new: NewProject, *, by: int | None, now: datetime
) -> dict[str, Any]:
    facts = {name: plain(value) for name, value in new.facts.items() if value is not None}
    said = {"origin": new.origin, "stage": new.stage, "facts": facts, "source": new.source}
    return entry(project, "registered", by=by, now=now, details=said)


def _numbers(session: Session, count: int, *, now: datetime) -> Iterator[str]:
    """Reserve the next numbers of this year's series, `JH-2026-0042`, under its lock."""
    year = local_day(now).year
    key = f"JH-{year}"
    insert_new(session, NumberSeries, [{"series": key, "last": 0}])
    series = session.get_one(NumberSeries, key, with_for_update=True, populate_existing=True)
    first = series.last + 1
    series.last += count
    session.flush()
    return iter([f"{key}-{n:04d}" for n in range(first, first + count)])
