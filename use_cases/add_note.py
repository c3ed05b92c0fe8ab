"""Add a progress note: something happened, so the silence is broken."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import NoteKind, ProgressNote, Project
from db.queries.pauses import frozen, held
from db.queries.policies import policy_in_force
from db.queries.projects import open_visit
from db.trail import record
from state_machines.errors import ValueRefused
from state_machines.pauses import waiting_since
from state_machines.working_days import WorkCalendar, local_day
from use_cases.access import project_to_work_on
from use_cases.clocks import wind
from use_cases.typed_text import prose_typed


def add_note(
    session: Session,
    project_id: int,
    kind: NoteKind,
    text: str,
    *,
    effective_on: date,
    by: int,
    now: datetime,
    calendar: WorkCalendar,
) -> ProgressNote:
    """Write down progress that counts, as of the day it happened (Asia/Shanghai).

    The silence clock begins a new episode on that day, unless later progress is known already; what
    a hold or a freeze has stopped goes on after it. An open order stays open: a move on closes it.
    Raises `NotFound`, `NotAllowed`, and `ValueRefused` for an empty note or a day to come.
    """
    project = project_to_work_on(session, project_id, "add_note", by=by, now=now)
    prose = prose_typed("text", text)
    if prose is None:
        raise ValueRefused("text", "prose", text)
    if effective_on > local_day(now):
        raise ValueRefused("effective_on", "not in the future", effective_on)
    is_news = _is_news(session, project, effective_on)
    note = ProgressNote(
        project_id=project.id,
        kind=kind,
        text=prose,
        effective_on=effective_on,
        recorded_at=now,
        by_id=by,
    )
    session.add(note)
    session.flush()
    record(
        session, project, "note_added", by=by, now=now,
        note=note.id, kind=kind, effective_on=effective_on.isoformat(),
    )  # fmt: skip
    if is_news:
        visit = open_visit(session, project.id)
        stood_still = [*held(session, project.id), *frozen(session, project.id)]
        visit.silence_wait = waiting_since(effective_on, stood_still, calendar)
        visit.silence_episode += 1
        policy = policy_in_force(session).policy
        wind(session, project, visit, today=local_day(now), policy=policy, calendar=calendar)
    return note


def _is_news(session: Session, project: Project, happened_on: date) -> bool:
    """Say whether it happened in this visit, and nothing that happened later is known."""
    visit = open_visit(session, project.id)
    if happened_on < min(visit.silence_origin, local_day(visit.entered_at)):
        return False
    later = select(ProgressNote.id).where(
        ProgressNote.project_id == project.id, ProgressNote.effective_on > happened_on
    )
    return session.scalars(later.limit(1)).first() is None
