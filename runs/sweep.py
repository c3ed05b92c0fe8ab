"""The sweep: everything that is due climbs its ladder, chunk by chunk."""

import logging
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Person
from db.queries.due import DueProject, due_projects
from db.queries.policies import policy_in_force
from db.queries.roster import roster_on
from notifications.order_mail import release_order_mails
from runtime.opening import Runtime
from state_machines.errors import FutureAsOf, NaiveTime
from state_machines.posts import PostKey
from state_machines.working_days import CITY_TIME, local_day
from use_cases.escalate import escalate_due
from use_cases.park_project import park_project
from use_cases.plan_escalation import Escalation, Ground, planned
from use_cases.sound_alarm import alarm_empty_posts

CHUNK = 500

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class OrderLine:
    """One order of a run: which project climbed to which rung, and who is told by mail."""

    project: str
    rung: str
    unit: str
    to: tuple[str, ...]


@dataclass
class SweepReport:
    """What a run found due, and what became of it."""

    as_of: datetime
    due: int = 0
    fired: int = 0
    passed_over: int = 0
    parked: int = 0
    orders: list[OrderLine] = field(default_factory=list)
    empty_posts: Counter[PostKey] = field(default_factory=Counter)

    def add(self, chunk: list[Escalation], lines: list[OrderLine]) -> None:
        """Count a chunk in, once it is committed or rehearsed."""
        firings = [each.firing for each in chunk if each.firing is not None]
        self.due += len(chunk)
        self.fired += len(firings)
        self.passed_over += sum(len(each.passed_over) for each in firings)
        self.orders += lines
        self.empty_posts.update(post for each in chunk for post in each.empty)

    def as_dict(self) -> dict[str, Any]:
        """Return the report in the shape that scripts rely on (product.md, section 8)."""
        return {
            "as_of": self.as_of.astimezone(CITY_TIME).isoformat(),
            "due": self.due,
            "fired": self.fired,
            "passed_over": self.passed_over,
            "parked": self.parked,
            "orders": [
                {"project": each.project, "rung": each.rung, "unit": each.unit, "to": [*each.to]}
                for each in self.orders
            ],
        }


def sweep(runtime: Runtime, *, as_of: datetime, dry_run: bool = False) -> SweepReport:
    """Escalate all that is due at `as_of`; a dry run writes and sends nothing.

    One transaction per chunk, so a run that is killed loses at most one chunk's work, and the next
    run does it. A project whose rules fail is parked for an hour and fails nobody else. Raises
    `NaiveTime`, and `FutureAsOf` for a day to come where mail would reach real people.
    """
    if as_of.tzinfo is None:
        raise NaiveTime(as_of.isoformat())
    if not dry_run and as_of > runtime.now() and not runtime.mail_stays_here:
        raise FutureAsOf
    report = SweepReport(as_of)
    with runtime.database.reading() as session:
        ground = Ground(
            policy_in_force(session).policy,
            runtime.calendar,
            roster_on(session, local_day(as_of)),
        )
    if dry_run:
        _rehearse(runtime, ground, report)
        return report
    while _escalate_chunk(runtime, ground, report):
        pass
    with runtime.database.writing() as session:
        day = local_day(as_of)
        early = as_of < runtime.calendar.opening(day)
        release_order_mails(session, day, now=runtime.now(), early=early)
        if report.empty_posts:
            alarm_empty_posts(session, report.empty_posts, day=day, now=runtime.now())
    return report


def _rehearse(runtime: Runtime, ground: Ground, report: SweepReport) -> None:
    """Read what is due, page by page, and work out what it would be owed."""
    after, day = None, local_day(report.as_of)
    with runtime.database.reading() as session:
        while due := due_projects(
            session, as_of=report.as_of, limit=CHUNK, lock=False, after=after
        ):
            chunk = [plan for each in due if (plan := _rehearsed(each, day, ground, report))]
            report.add(chunk, _lines(session, chunk))
            last = due[-1].project
            after = (last.next_rung_at or report.as_of, last.id)
            session.expunge_all()


def _rehearsed(
    due: DueProject, day: date, ground: Ground, report: SweepReport
) -> Escalation | None:
    try:
        return planned(due, day, ground)
    except Exception as error:
        log.warning("project %s would be parked for an hour", due.project.id, exc_info=error)
        report.parked += 1
        return None


def _escalate_chunk(
    runtime: Runtime, ground: Ground, report: SweepReport, *, only: int | None = None
) -> bool:
    """Escalate one chunk in one transaction; say whether there was anything to do."""
    try:
        with runtime.database.writing() as session:
            chunk = escalate_due(
                session,
                as_of=report.as_of,
                now=runtime.now(),
                ground=ground,
                limit=CHUNK,
                only=None if only is None else [only],
            )
            lines = _lines(session, chunk)
    except Exception as error:
        if only is None:
            log.warning("a chunk of the sweep failed, going row by row", exc_info=error)
            _row_by_row(runtime, ground, report)
        else:
            log.warning("project %s is parked for an hour", only, exc_info=error)
            with runtime.database.writing() as session:
                said = f"{type(error).__name__}: {error}"
                park_project(session, only, error=said, as_of=report.as_of)
            report.parked += 1
        return True
    report.add(chunk, lines)
    return bool(chunk)


def _row_by_row(runtime: Runtime, ground: Ground, report: SweepReport) -> None:
    with runtime.database.reading() as session:
        due = due_projects(session, as_of=report.as_of, limit=CHUNK, lock=False)
        ids = [each.project.id for each in due]
    for project_id in ids:
        _escalate_chunk(runtime, ground, report, only=project_id)


def _lines(session: Session, chunk: list[Escalation]) -> list[OrderLine]:
    """Return the orders of a chunk in words that name no ids; one statement."""
    ids = {person for each in chunk for person in each.to}
    emails = dict(session.execute(select(Person.id, Person.email).where(Person.id.in_(ids))).all())
    return [
        OrderLine(
            project=each.due.project.number,
            rung=each.firing.order_rung,
            unit=each.due.project.unit_code,
            to=tuple(emails[person] for person in each.to),
        )
        for each in chunk
        if each.firing is not None
    ]
