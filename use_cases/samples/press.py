"""Real projects of Jinhua, as the press reported them: they may be incomplete."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Project
from state_machines.working_days import WorkCalendar
from use_cases.importing.import_projects import import_projects
from use_cases.importing.reading import read_table
from use_cases.importing.rows import check

PRESS = Path(__file__).with_name("press.csv")


def load_press(session: Session, *, now: datetime, calendar: WorkCalendar) -> int:
    """Import the reported projects that are not there yet; returns how many.

    One that is there is left alone: what people have learned since is better than an old report.
    """
    with PRESS.open("rb") as file:
        table = check(read_table(file))
    there = {
        name
        for names in session.execute(select(Project.name_zh, Project.name_en))
        for name in names
    }
    fresh = [row for row in table.rows if (row.name_zh or row.name_en) not in there]
    result = import_projects(
        session, replace(table, rows=tuple(fresh)), by=None, now=now, calendar=calendar
    )
    return result.created
