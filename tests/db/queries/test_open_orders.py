"""The open orders: the highest rung first, then the oldest, each on one page only."""

from datetime import timedelta
from itertools import cycle

import pytest

from db.models import Order
from db.queries.open_orders import Place, open_orders
from db.queries.policies import policy_in_force
from db.queries.projects import open_visit
from db.session import Database
from state_machines.ladder import RungKey
from tests.builders import add_projects, found_city
from tests.clock import WallClock


@pytest.mark.parametrize("limit", [1, 3, 50])
def test_paging_meets_every_open_order_once_the_most_urgent_first(
    database: Database, clock: WallClock, limit: int
) -> None:
    rungs = cycle(RungKey)
    with database.writing() as session:
        found_city(session, now=clock())
        for n, project in enumerate(add_projects(session, 11, now=clock())):
            visit = open_visit(session, project.id)
            opened = clock() - timedelta(hours=n % 3)
            order = Order(project_id=project.id, visit_id=visit.id, opened_at=opened)
            order.rung = next(rungs)
            order.closed_at = clock() if n == 10 else None
            session.add(order)

    met: list[Order] = []
    after: Place | None = None
    with database.reading() as session:
        ladder = policy_in_force(session).policy.ladder
        for _ in range(11):
            page = open_orders(session, ladder, limit=limit, after=after)
            met += page.orders
            after = page.after
            if after is None:
                break

    assert len({order.id for order in met}) == len(met) == 10
    urgency = [(-ladder.rank(order.rung), order.opened_at, order.id) for order in met]
    assert urgency == sorted(urgency)
