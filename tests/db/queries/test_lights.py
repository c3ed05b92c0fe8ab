"""A light is one comparison, said in Python and in SQL: they never differ."""

from datetime import date, timedelta
from itertools import product

from sqlalchemy import select

from db.models import Project
from db.queries.lights import light_of, shows
from db.session import Database
from state_machines.ladder import Light
from state_machines.stages import CLOCKED, Stage
from state_machines.working_days import local_day
from tests.builders import add_projects, found_city
from tests.clock import WallClock


def test_the_database_and_the_rule_see_the_same_light(database: Database, clock: WallClock) -> None:
    now = clock()
    instants = [None, now - timedelta(minutes=1), now, now + timedelta(minutes=1)]
    certificates: list[date | None] = [None, local_day(now), local_day(now) - timedelta(days=1)]
    cases = list(product(Stage, instants, instants, certificates, [None, 0, 5]))
    with database.writing() as session:
        found_city(session, now=now)
        projects = add_projects(session, len(cases), now=now)
        for project, (stage, yellow, red, until, required) in zip(projects, cases, strict=True):
            project.stage, project.yellow_at, project.red_at = stage, yellow, red
            project.funds_certificate_until, project.funds_required = until, required

    with database.reading() as session:
        by_rule = {each.id: light_of(each, now=now) for each in session.scalars(select(Project))}
        by_database = {
            light: set(session.scalars(select(Project.id).where(shows(light, now=now))))
            for light in Light
        }

    for light in Light:
        assert by_database[light] == {each for each, shown in by_rule.items() if shown is light}
    clocked = sum(case[0] in CLOCKED for case in cases)
    assert sum(map(len, by_database.values())) == clocked
