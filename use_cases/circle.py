"""Who is around a request today: what its steps are asked of."""

from datetime import date

from sqlalchemy.orm import Session

from db.models import Project
from db.queries.projects import places_of
from db.queries.roster import roster_on
from state_machines.asking import Circle
from state_machines.policy import Policy


def circle_of(
    session: Session, project: Project, *, requested_by: int, policy: Policy, today: date
) -> Circle:
    """Return the people around a project; requester, owner and last material editor decide nothing.

    Separation of duties holds after delegation, too: `Circle` sees to it. Who certified the funds
    leaves the answer to the others of their post, where it has others.
    """
    barred = {requested_by, project.owner_id, project.last_material_editor_id}
    certifier = project.funds_certified_by_id
    return Circle(
        places=places_of(project),
        roster=roster_on(session, today),
        superiors=policy.superiors,
        excluded=frozenset(each for each in barred if each is not None),
        spared=frozenset() if certifier is None else frozenset({certifier}),
    )
