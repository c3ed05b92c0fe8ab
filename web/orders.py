"""The open supervision orders, the most urgent first."""

from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.responses import Response

from db.queries.open_orders import Place, open_orders
from db.queries.policies import policy_in_force
from web.names import Names
from web.row_ids import LARGEST_ID
from web.staff import Staff
from web.staff_pages import staff_page

router = APIRouter()

PAGE = 50


@router.get("/orders")
def orders(visit: Staff, after: Annotated[str, Query(max_length=80)] = "") -> Response:
    """Show a page of open orders; `after` is where the page before it ended."""
    with visit.runtime.database.reading() as session:
        policy = policy_in_force(session).policy
        found = open_orders(session, policy.ladder, limit=PAGE, after=_place(after))
        return staff_page(
            visit,
            "orders.html",
            names=Names.read(session),
            orders=found.orders,
            is_first_page=not after,
            next_page=_address(found.after),
            calendar=visit.runtime.calendar,
        )


def _address(place: Place | None) -> str | None:
    if place is None:
        return None
    below_top, opened_at, order_id = place
    return f"/orders?{urlencode({'after': f'{below_top}_{opened_at.isoformat()}_{order_id}'})}"


def _place(text: str) -> Place | None:
    """Read a place back; one that was tampered with is the beginning."""
    try:
        below_top, opened_at, order_id = text.split("_")
        place = int(below_top), datetime.fromisoformat(opened_at), int(order_id)
        place[1].astimezone(UTC)  # the first and the last day of all have none elsewhere
    except (ValueError, OverflowError):
        return None
    is_possible = place[1].tzinfo and 0 <= place[0] <= LARGEST_ID and 0 < place[2] <= LARGEST_ID
    return place if is_possible else None
