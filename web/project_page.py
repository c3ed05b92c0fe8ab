"""A project's page, also as it looks when something on it was refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse, Response

from db.models import NoteKind
from db.queries.dossier import Dossier, dossier
from db.queries.policies import policy_in_force
from db.queries.projects import facts_from, open_hold
from db.queries.standing import firings_of
from state_machines.approvals import PAUSES, RequestState
from state_machines.errors import (
    ExtensionsSpent,
    GateNotMet,
    HoldTooLong,
    IllegalMove,
    NobodyToAsk,
    NotAllowed,
    OnHoldAlready,
    ProjectFrozen,
    QuorumOutOfReach,
    ReasonRequired,
    Refusal,
    RequestPending,
    ValueRefused,
)
from state_machines.facts import EvidenceKind, Manufacturing
from state_machines.stages import CLOCKED, Stage
from state_machines.working_days import local_day
from web import fields
from web.acts import act_in_words
from web.frozen import frozen
from web.names import Names
from web.refusals import status_of
from web.staff import Staff, Visit
from web.staff_pages import staff_page
from web.stalls import next_rung, stall
from web.ways import ways, where_to_fill_in
from words.facts import fact_in_words

router = APIRouter()

SHOWN_IN_PLACE = (
    *(GateNotMet, ReasonRequired, ValueRefused, IllegalMove, NotAllowed, ProjectFrozen),
    *(RequestPending, NobodyToAsk, QuorumOutOfReach),
    *(OnHoldAlready, HoldTooLong, ExtensionsSpent),
)
"""Refusals that are answered by the page itself, as what was typed must not be lost."""


@dataclass(frozen=True)
class Refused:
    """What was refused on the page, in which form, and what had been typed there."""

    refusal: Refusal
    form: str
    typed: Mapping[str, str] = field(default_factory=dict)

    @property
    def missing(self) -> list[tuple[object, str]]:
        """What the gate lacks, each with where to fill it in."""
        if not isinstance(self.refusal, GateNotMet):
            return []
        return [(key, where_to_fill_in(key)) for key in self.refusal.missing]


@router.get("/projects/{number}")
def project(visit: Staff, number: str, evidence: Annotated[str, Query()] = "") -> Response:
    """Show one project; `evidence` chooses a kind in the form that adds some."""
    return show(visit, number, evidence=evidence)


def show(
    visit: Visit, number: str, *, refused: Refused | None = None, evidence: str = ""
) -> HTMLResponse:
    """Return the project's page. Raises `NotFound`."""
    with visit.runtime.database.reading() as session:
        found = dossier(session, number)
        return staff_page(
            visit,
            "project.html",
            names=Names.read(session),
            status=status_of(refused.refusal) if refused else 200,
            refused=refused,
            evidence_kind=evidence,
            **_facts(session, found, visit),
        )


def _facts(session: Session, found: Dossier, visit: Visit) -> dict[str, object]:
    """What the template of the page is given, besides what every staff page has."""
    policy, today = policy_in_force(session).policy, local_day(visit.now)
    project = found.project
    facts = facts_from(project, {each.kind for each in project.evidence})
    ways_out = ways(project, facts, policy, on=today)
    pending = {each.subject for each in found.requests if each.state is RequestState.PENDING}
    return {
        "dossier": found,
        "project": project,
        "stall": stall(project, found.visit, policy, visit.runtime.calendar, now=visit.now),
        "ways": ways_out,
        "wanted": {asked.where for way in ways_out if way.is_forward for asked in way.lacks},
        "pending": pending,
        "move_pends": bool(pending - {*PAUSES}),
        "frozen": frozen(session, project, visit),
        "on_hold": open_hold(session, project.id, today),
        "has_clocks": project.stage in CLOCKED,
        "requests": {each.id: each for each in found.requests},
        "stages": [stage for stage in Stage if stage is not Stage.LOST],
        "groups": fields.GROUPS,
        "fields": fields,
        "evidence_kinds": list(EvidenceKind),
        "note_kinds": list(NoteKind),
        "manufacturing": list(Manufacturing),
        "today": today,
        "priority": policy.is_priority(facts),
        "major": policy.is_major(facts),
        "next_rung": next_rung(
            project,
            found.visit,
            firings_of(session, [found.visit]),
            policy,
            visit.runtime.calendar,
        ),
        "fact_in_words": fact_in_words,
        "act_in_words": act_in_words,
        "calendar": visit.runtime.calendar,
    }
