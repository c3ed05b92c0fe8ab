"""An opened approval link: whose it is, what it asks, and whether it may still be answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fastapi import Depends
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from starlette.requests import Request

from db.models import Approval, ApprovalRequest, LinkPurpose, LinkToken
from db.queries.request_dossier import RequestDossier, request_dossier
from runtime.opening import Runtime
from state_machines.approvals import ApprovalState, RequestState
from state_machines.asking import Circle
from state_machines.errors import LinkUnknown
from state_machines.posts import PostKey
from state_machines.working_days import local_day
from use_cases.circle import circle_of
from web import link_cookie
from web.languages import speak
from web.row_ids import RowId
from words.translations import Language


class CookieGone(Exception):
    """The link was not opened in this browser, or more than half an hour ago."""


class Standing(StrEnum):
    """How a link stands for its reader."""

    OPEN = "open"
    FROZEN = "frozen"
    ANSWERED = "answered"
    SETTLED = "settled"
    NOT_ASKED = "not_asked"
    REPLACED = "replaced"
    EXPIRED = "expired"


@dataclass(frozen=True)
class LinkVisit:
    """One request to an opened link, made by whoever holds its cookie."""

    request: Request
    runtime: Runtime
    now: datetime
    link_id: int


def link_visit(request: Request, link_id: RowId) -> LinkVisit:
    """Let in who has opened this link here; raises `CookieGone`."""
    runtime: Runtime = request.app.state.runtime
    now = runtime.now()
    if not link_cookie.is_there(request, runtime.settings, link_id, now=now):
        raise CookieGone
    return LinkVisit(request, runtime, now, link_id)


Opened = Annotated[LinkVisit, Depends(link_visit)]


@dataclass(frozen=True)
class OpenedLink:
    """A link with the request that it is for."""

    link: LinkToken
    dossier: RequestDossier
    circle: Circle
    mine: Sequence[Approval]
    """What its reader was ever asked in this round, once for each post."""
    to_answer: Sequence[Approval]
    """What of it its reader may answer now."""
    standing: Standing

    @property
    def asked(self) -> ApprovalRequest:
        return self.dossier.request

    @property
    def my_answer(self) -> Approval | None:
        """The last one: who was outvoted in one step may be asked in another."""
        return next((each for each in reversed(self.mine) if each.answer is not None), None)

    @property
    def may_see_names(self) -> bool:
        """Who decided, and why, is for approvers who are still with us."""
        return self.link.person.active

    @property
    def needs_code(self) -> bool:
        """The amount is one that a link alone does not decide."""
        return self.dossier.adopted.policy.needs_code(self.asked.facts["investment"])


def opened_link(session: Session, visit: LinkVisit) -> OpenedLink:
    """Read a link and its request, and let the page speak its reader's language."""
    link = session.scalars(
        select(LinkToken)
        .where(LinkToken.id == visit.link_id, LinkToken.purpose == LinkPurpose.APPROVAL)
        .options(joinedload(LinkToken.person))
    ).one_or_none()
    if link is None or link.request_id is None:
        raise LinkUnknown
    speak(visit.request, Language(link.person.language))
    today = local_day(visit.now)
    dossier = request_dossier(session, link.request_id, today=today)
    asked = dossier.request
    mine = [each for each in asked.approvals if each.person_id == link.person_id]
    circle = circle_of(
        session,
        asked.project,
        requested_by=asked.requested_by_id,
        policy=dossier.adopted.policy,
        today=today,
    )
    to_answer = [
        each
        for each in dossier.still_asked
        if each.person_id == link.person_id
        and circle.may_decide(link.person_id, PostKey.parse(each.post))
    ]
    standing = _standing(link, asked, mine, to_answer, visit.now)
    return OpenedLink(link, dossier, circle, mine, to_answer, standing)


def _standing(
    link: LinkToken,
    asked: ApprovalRequest,
    mine: Sequence[Approval],
    to_answer: Sequence[Approval],
    now: datetime,
) -> Standing:
    if asked.state is not RequestState.PENDING:
        return Standing.SETTLED
    if not link.person.active:
        return Standing.NOT_ASKED
    if not to_answer:
        answered = any(each.answer and each.state is not ApprovalState.ANNULLED for each in mine)
        return Standing.ANSWERED if answered else Standing.NOT_ASKED
    if asked.project.frozen_at is not None:
        return Standing.FROZEN
    if link.revoked_at is not None:
        return Standing.REPLACED
    expired = link.expires_at is not None and now >= link.expires_at
    return Standing.EXPIRED if expired else Standing.OPEN
