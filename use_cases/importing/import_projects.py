"""Take a table's projects into Luodi: register the new ones, bring the known ones up to date."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, cast

from sqlalchemy.orm import Session

from db.models import Origin
from db.queries.policies import policy_in_force
from state_machines.dates import PartialDate
from state_machines.facts import FACT_NAMES
from state_machines.stages import Stage
from state_machines.working_days import WorkCalendar, local_day
from use_cases.importing.changes import change_projects
from use_cases.importing.directory import Directory, directory
from use_cases.importing.matching import Meant, in_chunks, match
from use_cases.importing.numbers import reserve, take_the_lock
from use_cases.importing.problems import Problem
from use_cases.importing.rows import CheckedTable
from use_cases.register_project import NewProject, register_projects


class ClockStart(Enum):
    """Where the clocks of new projects begin: on the day of the import, or on the file's dates."""

    TODAY = "today"
    DATES = "dates"


@dataclass(frozen=True)
class ImportResult:
    """What became of the rows; `rejected` names every problem of every row that stayed out."""

    created: int
    updated: int
    unchanged: int
    rejected: tuple[Problem, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the result as scripts rely on it, in the language spoken now."""
        return {
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "rejected": [
                {"row": each.row, "column": each.column, "message": each.message.say()}
                for each in self.rejected
            ],
        }


def import_projects(
    session: Session,
    table: CheckedTable,
    *,
    by: int | None,
    now: datetime,
    calendar: WorkCalendar,
    clock: ClockStart = ClockStart.TODAY,
    supersede: bool = False,
    spread: int = 0,
) -> ImportResult:
    """Import every good row of a table, and say of each other row what is wrong with it.

    A row with a number is matched by it, one without by name (Chinese, else English) and host
    unit. New projects enter at their stage; gates are not applied backwards. Their clocks start
    today, or with `DATES` on the day the file gives for the stage; `spread` staggers them over so
    many working days. Known projects take the values that the file names, empty cells change
    nothing, and no project is moved. Safe to repeat: the second time all rows are unchanged.

    About twenty statements per 1,000 rows. Raises `NotFound` on a database that was never seeded.
    """
    take_the_lock(session, now=now)
    adopted = policy_in_force(session)
    looked_up, problems = _look_up(table, directory(session))
    rows, unmatched = match(session, looked_up, table.headings)
    problems += unmatched
    refused = {each.row for each in problems}
    new = [each for each in rows if each.project_id is None and each.row.row not in refused]
    known = [each for each in rows if each.project_id is not None]

    reserve(session, [each.row.number for each in new if each.row.number])
    today = local_day(now)
    staggered = [
        _new(each, clock, today, order % spread if spread else 0, calendar)
        for order, each in enumerate(new)
    ]
    for chunk in in_chunks(staggered):
        register_projects(
            session,
            chunk,
            by=by,
            now=now,
            calendar=calendar,
            adopted=adopted,
        )
    updated = unchanged = 0
    for several in in_chunks(known):
        outcome = change_projects(
            session,
            several,
            table.headings,
            refused=refused,
            by=by,
            now=now,
            calendar=calendar,
            adopted=adopted,
            supersede=supersede,
        )
        updated += outcome.updated
        unchanged += outcome.unchanged
        problems += outcome.problems
    rejected = sorted(problems, key=lambda problem: problem.row)
    return ImportResult(len(new), updated, unchanged, tuple(rejected))


def _look_up(table: CheckedTable, known: Directory) -> tuple[list[Meant], list[Problem]]:
    """Return all rows, in their order, and what is wrong with them so far."""
    rows, problems = [], list(table.problems)
    for row in sorted((*table.rows, *table.doubtful), key=lambda each: each.row):
        given = {
            name: value for name in FACT_NAMES if (value := getattr(row, name, None)) is not None
        }
        found, wrong = known.facts(row, table.headings)
        problems += wrong
        rows.append(Meant(row, given | found))
    return rows, problems


def _new(
    meant: Meant, clock: ClockStart, today: date, stagger: int, calendar: WorkCalendar
) -> NewProject:
    row = meant.row
    stage = cast("Stage", row.stage)  # a row without one is refused
    reached = {Stage.SIGNED: row.contract_date, Stage.STARTED: row.start_date}.get(stage)
    day_0 = today
    if clock is ClockStart.DATES and reached:
        # Of a month nobody knows the day of, the last is the one that wrongs no one.
        day_0 = min(today, reached.last_day)
    return NewProject(
        facts=dict(meant.facts),
        stage=stage,
        origin=Origin.IMPORT,
        effective_on=reached or PartialDate.of(today),
        clock_from=calendar.add(day_0, stagger) if stagger else day_0,
        number=row.number,
        source=row.source,
    )
