"""The chase: approvals that wait are reminded of, re-routed, passed up, and in the end let go."""

import logging
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from db.queries.chasing import due_requests, outdated_requests
from runtime.opening import Runtime
from state_machines.errors import FutureAsOf, NaiveTime
from state_machines.working_days import CITY_TIME
from use_cases.chase_request import Chased, chase_request, machine_day
from use_cases.park_request import park_request

log = logging.getLogger(__name__)


@dataclass
class ChaseReport:
    """How many pending requests a run looked at, and what came of it."""

    as_of: datetime
    due: int = 0
    parked: int = 0
    done: Counter[Chased] = field(default_factory=Counter)

    def as_dict(self) -> dict[str, Any]:
        """Return the report in a shape that scripts can rely on."""
        return {
            "as_of": self.as_of.astimezone(CITY_TIME).isoformat(),
            "due": self.due,
            "reminded": self.done[Chased.REMINDED],
            "superiors_asked": self.done[Chased.SUPERIORS_ASKED],
            "expired": self.done[Chased.EXPIRED],
            "parked": self.parked,
        }


def chase(runtime: Runtime, *, as_of: datetime) -> ChaseReport:
    """Look after every pending request that is due at `as_of`, or whose people have changed.

    One transaction per request, so a run that is killed loses nothing, and two at once do nothing
    twice. A request whose rules fail is parked for an hour and fails nobody else. Costs what is
    due. Raises `NaiveTime`, and `FutureAsOf` for a day to come where mail would reach real people.
    """
    if as_of.tzinfo is None:
        raise NaiveTime(as_of.isoformat())
    if as_of > runtime.now() and not runtime.mail_stays_here:
        raise FutureAsOf
    with runtime.database.reading() as session:
        outdated = outdated_requests(session, machine_day(as_of, runtime.calendar))
        requests = dict.fromkeys([*outdated, *due_requests(session, as_of=as_of)])
    report = ChaseReport(as_of, due=len(requests))
    for request_id in requests:
        _look_after(runtime, request_id, report)
    return report


def _look_after(runtime: Runtime, request_id: int, report: ChaseReport) -> None:
    try:
        with runtime.database.writing() as session:
            done = chase_request(
                session,
                request_id,
                now=runtime.now(),
                calendar=runtime.calendar,
                as_of=report.as_of,
            )
    except Exception as error:
        log.warning("request %s is parked for an hour", request_id, exc_info=error)
        with runtime.database.writing() as session:
            park_request(session, request_id, as_of=report.as_of)
        report.parked += 1
    else:
        report.done[done] += 1
