"""End a delegation before its time: the holder answers again."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from db.models import Delegation
from state_machines.errors import NotFound, ValueRefused
from state_machines.working_days import WorkCalendar, local_day
from use_cases.people.access import people_to_change
from use_cases.reroute import reroute_requests

A_DAY = timedelta(days=1)


def end_delegation(
    session: Session,
    delegation_id: int,
    *,
    last_day: date,
    by: int | None,
    now: datetime,
    calendar: WorkCalendar,
) -> None:
    """Let a delegation last no longer than to `last_day`: yesterday is at once.

    One that would not have begun by then is taken away. What waits for the stand-in goes back to
    the holder, in this transaction or else on the day. Raises `NotFound`, `NotAllowed` for all but
    the holder and administrators, and `ValueRefused` for days gone by or after its end.
    """
    delegation = session.get(Delegation, delegation_id)
    people_to_change(session, by=by, now=now, own=delegation.holder_id if delegation else None)
    delegation = session.get(Delegation, delegation_id, populate_existing=True)
    if delegation is None:
        raise NotFound("delegation", delegation_id)
    today = local_day(now)
    if last_day == delegation.to_day:
        return
    if last_day > delegation.to_day:
        raise ValueRefused("last_day", "no later than its end", last_day)
    if last_day < today - A_DAY:
        raise ValueRefused("last_day", "yesterday or later", last_day)
    people = [delegation.holder_id, delegation.stand_in_id]
    cut_short(session, [delegation], last_day=last_day)
    if last_day < today:
        reroute_requests(session, people=people, now=now, calendar=calendar)


def cut_short(session: Session, delegations: Iterable[Delegation], *, last_day: date) -> None:
    """End delegations with a day; what would begin later is taken away."""
    for each in delegations:
        if each.from_day > last_day:
            session.delete(each)
        elif each.to_day > last_day:
            each.to_day = last_day
    session.flush()
