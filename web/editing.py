"""Editing the facts of a project, two people at once included."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from db.queries.dossier import dossier
from state_machines.errors import EditedMeanwhile
from use_cases.edit_project import edit_project
from web import fields
from web.names import Names
from web.project_acts import act_on
from web.project_page import SHOWN_IN_PLACE, Refused, show
from web.said import go_on, project_address
from web.staff import Staff, Visit
from web.staff_pages import staff_page
from words.facts import fact_in_words

router = APIRouter()


async def read_form(request: Request) -> dict[str, str]:
    """Return the text fields of a form, whatever they are called."""
    form = await request.form(max_files=0)
    return {name: value for name, value in form.items() if isinstance(value, str)}


@router.post("/projects/{number}/facts")
def edit(
    visit: Staff, number: str, form: Annotated[dict[str, str], Depends(read_form)]
) -> Response:
    """Save what was changed; if somebody else saved first, show both and let the editor decide."""
    by = visit.by
    try:
        changes, edition = fields.changed(form), _edition(form)
        if not changes:
            return go_on(project_address(number), "unchanged", to="facts")
        _save(visit, number, changes, edition, by)
    except EditedMeanwhile:
        return _settle(visit, number, form, changes, by)
    except SHOWN_IN_PLACE as refusal:
        return show(visit, number, refused=Refused(refusal, "facts", form))
    return go_on(project_address(number), "edited", to="facts")


def _save(visit: Visit, number: str, changes: Mapping[str, Any], edition: int, by: int) -> None:
    def save(session: Session, project_id: int) -> None:
        edit_project(
            session,
            project_id,
            changes,
            edition=edition,
            by=by,
            now=visit.now,
            calendar=visit.runtime.calendar,
        )

    act_on(visit, number, save)


@dataclass(frozen=True)
class Conflict:
    """A fact that two people gave different values: both as typed, and as the page says them."""

    name: str
    was: str
    theirs: str
    mine: str
    theirs_in_words: str
    mine_in_words: str

    @property
    def is_real(self) -> bool:
        """The other one changed this very fact, and to something else."""
        return self.theirs.strip() not in (self.was.strip(), self.mine.strip())


def _settle(
    visit: Visit, number: str, form: Mapping[str, str], changes: Mapping[str, Any], by: int
) -> Response:
    """Save if the other one changed other facts; else show both texts of each."""
    with visit.runtime.database.reading() as session:
        project = dossier(session, number).project
        names = Names.read(session)
        found = [
            Conflict(
                name,
                was=form.get(f"was-{name}", ""),
                theirs=fields.typed(name, getattr(project, name)),
                mine=form[name],
                theirs_in_words=fact_in_words(name, getattr(project, name), names),
                mine_in_words=fact_in_words(name, mine, names),
            )
            for name, mine in changes.items()
        ]
        if any(each.is_real for each in found):
            return staff_page(
                visit, "conflict.html", names=names, status=409, project=project, conflicts=found
            )
        edition = project.edition
    # Saved a moment ago by somebody else again: then the next answer is this page once more.
    try:
        _save(visit, number, changes, edition, by)
    except EditedMeanwhile:
        return _settle(visit, number, form, changes, by)
    except SHOWN_IN_PLACE as refusal:
        return show(visit, number, refused=Refused(refusal, "facts", form))
    return go_on(project_address(number), "edited", to="facts")


def _edition(form: Mapping[str, str]) -> int:
    """The edition that the editor saw; a form without one has seen none, and is compared."""
    try:
        return int(form.get("edition", ""))
    except ValueError:  # no number, or one of thousands of digits
        return 0
