"""Add a progress note: something happened, so the silence is broken."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from db.models import NoteKind, ProgressNote
from db.queries.policies import policy_in_force
from db.queries.projects import open_visit
from db.trail import record
from state_machines.errors import ValueRefused
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

    The silence clock begins a new episode on that day, unless later progress is known already. An
    open order stays open: a move on closes it. Raises `NotFound`, `NotAllowed`, and `ValueRefused`
    for an empty note or a day to come.
    """
    project = project_to_work_on(session, project_id, "add_note", by=by, now=now)
    prose = prose_typed("text", text)
    if prose is None:
        raise ValueRefused("text", "prose", text)
    if effective_on > local_day(now):
        raise ValueRefused("effective_on", "not in the future", effective_on)
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
    visit = open_visit(session, project.id)
    if effective_on >= visit.silence_origin:
        visit.silence_origin, visit.silence_used = effective_on, 0
        visit.silence_episode += 1
        policy = policy_in_force(session).policy
        wind(session, project, visit, today=local_day(now), policy=policy, calendar=calendar)
    return note
