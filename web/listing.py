"""The table of projects."""

from typing import Annotated, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.responses import RedirectResponse, Response

from db.queries.listing import Filters, project_page
from db.queries.policies import policy_in_force
from state_machines.errors import ValueRefused
from state_machines.ladder import Light
from state_machines.stages import Stage
from web.names import Names
from web.row_ids import RowId
from web.staff import Staff
from web.staff_pages import staff_page
from web.stalls import stall

router = APIRouter()

Choice = TypeVar("Choice", Stage, Light)
PAGE = 50


@router.get("/")
def home() -> Response:
    return RedirectResponse("/projects", status_code=303)


@router.get("/projects")
def projects(
    visit: Staff,
    *,
    unit: Annotated[str, Query()] = "",
    stage: Annotated[str, Query()] = "",
    light: Annotated[str, Query()] = "",
    text: Annotated[str, Query(max_length=100)] = "",
    older_than: Annotated[RowId | None, Query()] = None,
    newer_than: Annotated[RowId | None, Query()] = None,
) -> Response:
    """Show a page of projects, the newest first; what narrows it stands in the address."""
    filters = Filters(
        unit=unit or None,
        stage=_choice("stage", Stage, stage),
        light=_choice("light", Light, light),
        text=text.strip() or None,
    )
    said = {"unit": unit, "stage": stage, "light": light, "text": text.strip()}
    narrowed = {name: value for name, value in said.items() if value}
    with visit.runtime.database.reading() as session:
        policy = policy_in_force(session).policy
        found = project_page(
            session,
            filters,
            now=visit.now,
            limit=PAGE,
            older_than=older_than,
            newer_than=newer_than,
        )
        calendar = visit.runtime.calendar
        return staff_page(
            visit,
            "projects.html",
            names=Names.read(session),
            rows=[
                (each.project, stall(each.project, each.visit, policy, calendar, now=visit.now))
                for each in found.rows
            ],
            said_filters=said,
            narrowed=bool(narrowed),
            stages=list(Stage),
            lights=list(Light),
            newer=_address(narrowed, "newer_than", found.newer),
            older=_address(narrowed, "older_than", found.older),
            is_first_page=older_than is None and newer_than is None,
        )


def _choice(name: str, choices: type[Choice], text: str) -> Choice | None:
    if not text:
        return None
    try:
        return choices(text)
    except ValueError:
        raise ValueRefused(name, "one of the choices", text) from None


def _address(narrowed: dict[str, str], side: str, project_id: int | None) -> str | None:
    if project_id is None:
        return None
    return f"/projects?{urlencode(narrowed | {side: str(project_id)})}"
