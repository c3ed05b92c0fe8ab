"""What waits for my answer, and what I asked of others."""

from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.responses import Response

from db.queries.approvals import Due, asked_by, waiting_for
from state_machines.working_days import local_day
from web.deadlines import deadline_of
from web.names import Names
from web.row_ids import LARGEST_ID, RowId
from web.staff import Staff
from web.staff_pages import staff_page

router = APIRouter()

PAGE = 25


@router.get("/approvals")
def my_approvals(
    visit: Staff,
    waiting_after: Annotated[str, Query(max_length=40)] = "",
    asked_after: Annotated[RowId | None, Query()] = None,
) -> Response:
    """Show both lists; each is turned over by itself, with where the page before it ended."""
    me, today = visit.by, local_day(visit.now)
    with visit.runtime.database.reading() as session:
        waiting = waiting_for(session, me, after=_place(waiting_after), limit=PAGE)
        asked = asked_by(session, me, after=asked_after, limit=PAGE)
        deadlines = {
            each.request.id: deadline_of(each.request, visit.runtime.calendar, today=today)
            for each in (*waiting.rows, *asked.rows)
        }
        return staff_page(
            visit,
            "approvals.html",
            names=Names.read(session),
            me=me,
            waiting=waiting.rows,
            asked=asked.rows,
            deadlines=deadlines,
            calendar=visit.runtime.calendar,
            more_waiting=_address("waiting", "_".join(map(str, waiting.after or ()))),
            more_asked=_address("asked", str(asked.after or "")),
            is_first_waiting=not waiting_after,
            is_first_asked=asked_after is None,
        )


def _address(which: str, place: str) -> str | None:
    """Return where one of the lists goes on: the other begins anew there."""
    return f"/approvals?{urlencode({f'{which}_after': place})}#{which}" if place else None


def _place(text: str) -> Due | None:
    """Read a place back; one that was tampered with is the beginning."""
    try:
        day, request_id = text.split("_")
        place = date.fromisoformat(day), int(request_id)
    except ValueError:
        return None
    return place if 0 < place[1] <= LARGEST_ID else None
