"""Registering projects: many at once, each whole, with numbers that have no gaps."""

from datetime import date

import pytest
from sqlalchemy import select

from db.models import AuditEntry, Origin, Project, StageChange, StageVisit
from db.queries.policies import policy_in_force
from state_machines.dates import PartialDate
from state_machines.errors import ValueRefused
from state_machines.posts import Role
from state_machines.stages import CLOCKED, Stage
from tests.builders import CALENDAR, LANXI, YIWU, add_holder, add_project, add_projects
from tests.statements import Counted
from use_cases.register_project import NewProject, register_projects

TODAY = date(2026, 3, 2)


def mixed(number, **facts):
    """Projects at every stage, with and without what a project may lack."""
    return [
        NewProject(
            facts={"name_zh": f"项目{n}", "unit_code": (LANXI, YIWU)[n % 2]}
            | ({"investment": n * 10**9} if n % 3 else {})
            | facts,
            stage=[*Stage][n % 6],
            origin=Origin.IMPORT,
            effective_on=PartialDate("2025-11"),
            clock_from=TODAY,
        )
        for n in range(number)
    ]


def register(session, clock, new, by=None):
    return register_projects(
        session, new, by=by, now=clock(), calendar=CALENDAR, adopted=policy_in_force(session)
    )


def test_each_project_has_its_visit_its_history_and_its_trail(database, clock, staff):
    with database.writing() as session:
        register(session, clock, mixed(12), by=staff.officer)

    with database.reading() as session:
        for project in session.scalars(select(Project)):
            (step,) = session.scalars(select(StageChange).filter_by(project_id=project.id))
            assert (step.seq, step.move, step.before) == (1, None, None)
            assert (step.after, step.by_id) == (project.stage, staff.officer)
            assert (step.effective_on, step.recorded_at) == (PartialDate("2025-11"), clock())
            (visit,) = session.scalars(select(StageVisit).filter_by(project_id=project.id))
            assert (visit.stage, visit.stage_origin, visit.silence_origin) == (
                project.stage, TODAY, TODAY,
            )  # fmt: skip
            (entry,) = session.scalars(select(AuditEntry).filter_by(project_id=project.id))
            assert (entry.act, entry.by_id) == ("registered", staff.officer)
            assert (project.next_rung_at is not None) == (project.stage in CLOCKED)
            assert project.last_material_editor_id == staff.officer


def test_registering_many_takes_as_many_statements_as_registering_few(database, clock, staff):
    counts = []
    for number in (10, 200):
        with database.writing() as session, Counted(database) as counted:
            register(session, clock, mixed(number))
        counts.append(counted.number)

    assert counts[0] == counts[1]


def test_numbers_go_up_without_a_gap_even_where_a_registration_fails(database, clock, staff):
    with database.writing() as session:
        first = add_projects(session, 3, now=clock())
    with pytest.raises(ValueRefused), database.writing() as session:
        register(session, clock, [*mixed(2), *mixed(1, unit_code="999999")])
    with database.writing() as session:
        second = add_projects(session, 2, now=clock())
    clock.forward(days=365)
    with database.writing() as session:
        next_year = add_project(session, now=clock())

    assert [each.number for each in [*first, *second]] == [f"JH-2026-000{n}" for n in range(1, 6)]
    assert next_year.number == "JH-2027-0001"


def test_a_number_that_the_city_has_given_is_kept_and_uses_up_none_of_ours(database, clock, staff):
    given, ours = mixed(2)
    given = NewProject(**{**given.__dict__, "number": "浙金2021-07"})

    with database.writing() as session:
        found = register(session, clock, [given, ours])

    assert [each.number for each in found] == ["浙金2021-07", "JH-2026-0001"]


def test_a_project_without_an_owner_goes_to_the_units_intake(database, clock, staff):
    with database.writing() as session:
        intake = add_holder(session, Role.INTAKE, LANXI)
        here, elsewhere = (add_project(session, now=clock(), unit_code=u) for u in (LANXI, YIWU))
        owned = add_project(session, now=clock(), owner_id=staff.owner)

    assert (here.owner_id, elsewhere.owner_id, owned.owner_id) == (intake, None, staff.owner)


def test_a_project_goes_to_its_units_special_team_if_it_names_no_other(database, clock, staff):
    with database.writing() as session:
        ours = add_project(session, now=clock())
        named = add_project(session, now=clock(), special_team_key="special-team-1")

    assert (ours.special_team_key, named.special_team_key) == ("special-team-3", "special-team-1")


@pytest.mark.parametrize("unit", [None, "", "999999"])
def test_a_unit_that_does_not_exist_is_refused(database, clock, staff, unit):
    with pytest.raises(ValueRefused) as refused, database.writing() as session:
        register(session, clock, mixed(1, unit_code=unit))

    assert refused.value.field == "unit_code"


def test_registering_nothing_is_harmless(database, clock, staff):
    with database.writing() as session:
        assert register(session, clock, []) == []
