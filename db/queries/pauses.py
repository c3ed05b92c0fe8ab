"""The ledger of a project's holds, extensions and freezes: why its due dates are where they are."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import ApprovalRequest, Extension, Freeze, Hold
from state_machines.approvals import RequestState
from state_machines.pauses import Standstill
from state_machines.working_days import local_day


def held(session: Session, project_id: int) -> list[Standstill]:
    """Return the project's holds, each up to the day it ended, or ends."""
    holds = session.scalars(select(Hold).where(Hold.project_id == project_id).order_by(Hold.id))
    return [Standstill(each.from_day, each.ended_on or each.until_day) for each in holds]


def frozen(session: Session, project_id: int) -> list[Standstill]:
    """Return the times in which the project was frozen; one that lasts, as of its first day."""
    freezes = select(Freeze).where(Freeze.project_id == project_id).order_by(Freeze.id)
    return [
        Standstill(local_day(each.frozen_at), local_day(each.ended_at or each.frozen_at))
        for each in session.scalars(freezes)
    ]


def extensions_granted(session: Session, project_id: int, year: int) -> int:
    """Count the extensions granted in a calendar year whose decision was not annulled."""
    granted = (
        select(func.count())
        .select_from(Extension)
        .join(ApprovalRequest, ApprovalRequest.id == Extension.request_id)
        .where(
            Extension.project_id == project_id,
            Extension.granted_on.between(date(year, 1, 1), date(year, 12, 31)),
            ApprovalRequest.state != RequestState.ANNULLED,
        )
    )
    return session.scalars(granted).one()
