"""Delegate: somebody stands in for a holder on some days, and both names stay on record."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Delegation, Person
from state_machines.delegations import StandIn, refuse_delegation
from state_machines.errors import ValueRefused
from state_machines.working_days import WorkCalendar, local_day
from use_cases.people.access import active_person, people_to_change
from use_cases.reroute import reroute_requests


def delegate(
    session: Session,
    holder_id: int,
    stand_in_id: int,
    *,
    from_day: date,
    to_day: date,
    by: int | None,
    now: datetime,
    calendar: WorkCalendar,
) -> int:
    """Let `stand_in_id` answer for whatever `holder_id` holds, on these days, both included.

    What waits for the holder is asked of the stand-in, at once if the first day has come. Returns
    the delegation's id; asking for the same again returns the same. Raises `NotAllowed` for all but
    the holder and administrators, `NotFound`, and `ValueRefused` for a day gone by, somebody who
    has left, or what `refuse_delegation` refuses.
    """
    people_to_change(session, by=by, now=now, own=holder_id)
    active_person(session, holder_id, field="holder")
    active_person(session, stand_in_id, field="stand_in")
    new = StandIn(holder_id, stand_in_id, from_day, to_day)
    gone = select(Person.id).where(Person.active.is_(False))
    others = {
        StandIn(each.holder_id, each.stand_in_id, each.from_day, each.to_day): each.id
        for each in session.scalars(
            select(Delegation)
            .where(Delegation.to_day >= from_day, Delegation.from_day <= to_day)
            .where(Delegation.holder_id.not_in(gone), Delegation.stand_in_id.not_in(gone))
        )
    }
    if new in others:
        return others[new]
    today = local_day(now)
    if from_day < today:
        raise ValueRefused("from_day", "not in the past", from_day)
    refuse_delegation(new, others)
    delegation = Delegation(
        holder_id=holder_id, stand_in_id=stand_in_id, from_day=from_day, to_day=to_day
    )
    session.add(delegation)
    session.flush()
    if from_day == today:
        reroute_requests(session, people=[holder_id], now=now, calendar=calendar)
    return delegation.id
