"""Invented projects, marked 样例, in the stages that the press does not report."""

import tomllib
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import NoteKind, Origin, Person, Project, Team
from db.queries.policies import AdoptedPolicy
from state_machines.dates import PartialDate
from state_machines.facts import EvidenceKind, Manufacturing
from state_machines.stages import Stage
from state_machines.working_days import WorkCalendar
from use_cases.add_evidence import add_evidence
from use_cases.add_note import add_note
from use_cases.register_project import NewProject, register_projects

PROJECTS = Path(__file__).with_name("projects.toml")

_PARTIAL_DATES = ("contract_date", "planned_start", "start_date")
_DAYS = ("funds_certified_on", "funds_certificate_until")
_NOT_FACTS = ("stage", "entered", "owner", "note", "evidence")


def load_invented(
    session: Session,
    *,
    day: Callable[[int], date],
    now: datetime,
    calendar: WorkCalendar,
    adopted: AdoptedPolicy,
) -> int:
    """Add the invented projects that are not there yet, with evidence and progress.

    `day` turns a number of working days from today into a date. Headquarters whose day nobody has
    named are given one. Returns how many projects were new.
    """
    samples = tomllib.loads(PROJECTS.read_text("utf-8"))
    for team in session.scalars(select(Team).where(Team.key.in_(samples["established"]))):
        team.established_on = team.established_on or day(samples["established"][team.key])
    there = set(session.execute(select(Project.name_zh, Project.unit_code)))
    rows = [row for row in samples["projects"] if (row["name_zh"], row["unit_code"]) not in there]
    people = dict(session.execute(select(Person.email, Person.id)).all())
    new = [_new_project(row, day, people) for row in rows]
    projects = register_projects(session, new, by=None, now=now, calendar=calendar, adopted=adopted)
    for row, project in zip(rows, projects, strict=True):
        if project.owner_id is None:
            continue
        for kind, title in row.get("evidence", {}).items():
            add_evidence(
                session,
                project.id,
                EvidenceKind(kind),
                title=title,
                reference=samples["evidence_kept"],
                by=project.owner_id,
                now=now,
            )
        if note := row.get("note"):
            add_note(
                session,
                project.id,
                NoteKind(note["kind"]),
                note["text"],
                effective_on=day(-note["days_ago"]),
                by=project.owner_id,
                now=now,
                calendar=calendar,
            )
    return len(projects)


def _new_project(
    row: dict[str, Any], day: Callable[[int], date], people: dict[str, int]
) -> NewProject:
    facts = {key: value for key, value in row.items() if key not in _NOT_FACTS}
    facts |= {key: PartialDate.of(day(row[key])) for key in _PARTIAL_DATES if key in row}
    facts |= {key: day(row[key]) for key in _DAYS if key in row}
    facts["manufacturing"] = Manufacturing(row["manufacturing"])
    if "owner" in row:
        facts["owner_id"] = people[row["owner"]]
    entered = day(-row["entered"])
    return NewProject(
        facts=facts,
        stage=Stage(row["stage"]),
        origin=Origin.SAMPLE,
        effective_on=PartialDate.of(entered),
        clock_from=entered,
    )
