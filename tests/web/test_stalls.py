"""Why a project shows its light, and from which day."""

from datetime import date

from db.models import Project
from db.queries.policies import policy_in_force
from db.queries.projects import open_visit
from db.session import Database
from state_machines.ladder import Light
from state_machines.stages import Stage
from tests.builders import BEFORE_LEASING, CALENDAR, Staff, add_project
from tests.clock import WallClock
from tests.databases import on_sqlite
from web.stalls import stall


@on_sqlite
def test_a_certificate_holds_through_its_last_day_and_is_yellow_from_the_next(
    database: Database, clock: WallClock, staff: Staff
) -> None:
    facts = BEFORE_LEASING | {"funds_certificate_until": date(2026, 2, 27)}
    with database.writing() as session:
        project_id = add_project(session, now=clock(), stage=Stage.FACTORY_LEASED, **facts).id

    with database.reading() as session:
        shown = stall(
            session.get_one(Project, project_id),
            open_visit(session, project_id),
            policy_in_force(session).policy,
            CALENDAR,
            now=clock(),
        )

    assert (shown.light, shown.certificate_expired) == (Light.YELLOW, True)
    assert shown.since == date(2026, 2, 28)
