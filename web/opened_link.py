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

from db.models import Approval, ApprovalRequest, Evidence, LinkPurpose, LinkToken
from db.queries.dossier import with_answers
from runtime.opening import Runtime
from state_machines.approvals import ApprovalState, RequestState
from state_machines.errors import LinkUnknown
from web import link_cookie
from web.languages import speak
from web.row_ids import RowId
from words.translations import Language


class CookieGone(Exception):
    """The link was not opened in this browser, or more than half an hour ago."""


class Standing(StrEnum):
    """How a link stands for its reader."""

    OPEN = "open"
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
    asked: ApprovalRequest
    mine: Sequence[Approval]
    """What its reader is asked, once for each post."""
    standing: Standing

    @property
    def my_answer(self) -> Approval | None:
        return next((each for each in self.mine if each.answer is not None), None)

    @property
    def may_see_names(self) -> bool:
        """Who decided, and why, is for approvers who are still with us."""
        return self.link.person.active

    @property
    def waits_besides(self) -> list[str]:
        """The posts, besides the reader's, that must still agree; each role once."""
        agreed = {e.asked_role for e in self.asked.approvals if e.state is ApprovalState.APPROVED}
        agreed |= {each.asked_role for each in self.mine}
        waiting = {e.asked_role: e.post for e in self.asked.approvals if e.asked_role not in agreed}
        return list(dict.fromkeys(waiting.values()))


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
    asked = session.scalars(
        select(ApprovalRequest)
        .where(ApprovalRequest.id == link.request_id)
        .options(*with_answers(), joinedload(ApprovalRequest.project))
    ).one()
    mine = [each for each in asked.approvals if each.person_id == link.person_id]
    return OpenedLink(link, asked, mine, _standing(link, asked, mine, visit.now))


def _standing(
    link: LinkToken, asked: ApprovalRequest, mine: Sequence[Approval], now: datetime
) -> Standing:
    if asked.state is not RequestState.PENDING:
        return Standing.SETTLED
    if not link.person.active:
        return Standing.NOT_ASKED
    if any(each.answer is not None for each in mine):
        return Standing.ANSWERED
    if all(each.state is not ApprovalState.PENDING for each in mine):
        return Standing.NOT_ASKED
    if link.revoked_at is not None:
        return Standing.REPLACED
    expired = link.expires_at is not None and now >= link.expires_at
    return Standing.EXPIRED if expired else Standing.OPEN


def frozen_evidence(session: Session, asked: ApprovalRequest) -> Sequence[Evidence]:
    """Return the evidence that the request was sealed with, and none that came later."""
    sealed = [evidence_id for evidence_id, _ in asked.papers]
    return session.scalars(
        select(Evidence).where(Evidence.id.in_(sealed)).order_by(Evidence.id)
    ).all()
