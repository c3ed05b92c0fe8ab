"""A request's page: what is asked, of whom and why, who has answered, and what one may do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fastapi import APIRouter
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse, Response

from db.models import Approval
from db.queries.request_dossier import RequestDossier, request_dossier
from state_machines.approvals import Answer, ApprovalState, RequestState
from state_machines.asking import Circle
from state_machines.errors import NotFound
from state_machines.posts import PostKey
from state_machines.working_days import local_day
from use_cases.circle import circle_of
from use_cases.reassign import who_could_take_over
from use_cases.sound_alarm import administrators
from web.deadlines import deadline_of
from web.frozen import Frozen, frozen
from web.names import Names
from web.project_page import Refused
from web.refusals import status_of
from web.row_ids import RowId
from web.staff import Staff, Visit
from web.staff_pages import staff_page
from words.facts import fact_in_words

router = APIRouter()


@dataclass(frozen=True)
class Allowed:
    """What the visitor may do with a request."""

    mine: Sequence[Approval] = ()
    """What the visitor may answer now."""
    take_back: bool = False
    """Withdraw it, and nudge those who are asked."""
    pass_on: Mapping[int, Sequence[int]] = field(default_factory=dict)
    """Whose question the visitor may pass on, and to whom."""


@router.get("/projects/{number}/requests/{request_id}")
def look(visit: Staff, number: str, request_id: RowId) -> Response:
    return show(visit, number, request_id)


def show(
    visit: Visit, number: str, request_id: int, *, refused: Refused | None = None
) -> HTMLResponse:
    """Return the request's page, also as it looks when an act on it was refused.

    Raises `NotFound`, also for a request of another project.
    """
    today = local_day(visit.now)
    with visit.runtime.database.reading() as session:
        found = request_dossier(session, request_id, today=today)
        request = found.request
        if request.project.number != number:
            raise NotFound("request", request_id)
        circle = circle_of(
            session,
            request.project,
            requested_by=request.requested_by_id,
            policy=found.adopted.policy,
            today=today,
        )
        is_frozen = frozen(session, request.project, visit)
        return staff_page(
            visit,
            "request.html",
            names=Names.read(session),
            status=status_of(refused.refusal) if refused else 200,
            refused=refused,
            found=found,
            project=request.project,
            allowed=_allowed(session, found, circle, visit, is_frozen),
            frozen=is_frozen,
            deadline=deadline_of(request, visit.runtime.calendar, today=today),
            expires_after=found.expires_after(visit.runtime.calendar),
            today=today,
            answers=list(Answer),
            calendar=visit.runtime.calendar,
            fact_in_words=fact_in_words,
        )


def _allowed(
    session: Session,
    found: RequestDossier,
    circle: Circle,
    visit: Visit,
    is_frozen: Frozen | None,
) -> Allowed:
    request, me = found.request, visit.person.id if visit.person else None
    if request.state is not RequestState.PENDING or me is None:
        return Allowed()
    take_back = me in (request.requested_by_id, request.project.owner_id)
    if is_frozen:
        return Allowed(take_back=take_back)
    waiting = [each for each in request.current if each.state is ApprovalState.PENDING]
    asked = dict.fromkeys(each.person_id for each in waiting)
    if me not in administrators(session, local_day(visit.now)):
        asked = {each: None for each in asked if each == me}
    takers = {each: who_could_take_over(request, each, circle) for each in asked}
    return Allowed(
        mine=[
            each
            for each in waiting
            if each.person_id == me and circle.may_decide(me, PostKey.parse(each.post))
        ],
        take_back=take_back,
        pass_on={each: to for each, to in takers.items() if to},
    )
