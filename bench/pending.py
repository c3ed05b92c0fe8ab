"""Requests that wait for one approver: one is asked for in earnest, the others are its copies."""

import hashlib
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table, func, insert, select, text, update

from db.models import (
    Approval,
    ApprovalRequest,
    AuditEntry,
    Base,
    Evidence,
    LinkPurpose,
    LinkToken,
    Mail,
    MailState,
    Project,
    StageChange,
    StageVisit,
)
from db.session import Database
from notifications import links
from tests.builders import CALENDAR, Staff, ask_to_sign, found_city
from tests.clock import MONDAY_MORNING

NOW = MONDAY_MORNING

COPIED: dict[type[Base], str] = {
    Project: "id",
    StageVisit: "project_id",
    Evidence: "project_id",
    ApprovalRequest: "project_id",
    StageChange: "project_id",
    Approval: "request_id",
    AuditEntry: "project_id",
    Mail: "project_id",
    LinkToken: "request_id",
}
"""A project with all that hangs on it, parents first, and what finds it by."""
STRIDE = 100
"""More rows than one project has in any table: the ids of its copies lie so far apart."""
AT_ONCE = 500


@dataclass(frozen=True)
class Pending:
    """The city's people, and the requests that the unit's leader alone has to answer."""

    staff: Staff
    request_ids: list[int]


def pending_requests(database: Database, n: int) -> Pending:
    """Found a city and let it ask for `n` signatures, each mailed with its link."""
    with database.writing() as session:
        staff = found_city(session, now=NOW)
        project_id, request_id = ask_to_sign(session, staff, now=NOW)
        session.execute(update(Mail).values(state=MailState.ACCEPTED, due_at=None, settled_at=NOW))
        links.mint(
            session,
            purpose=LinkPurpose.APPROVAL,
            mail_id=session.scalars(select(Mail.id)).one(),
            person_id=staff.unit_leader,
            request_id=request_id,
            now=NOW,
            calendar=CALENDAR,
            days=10,
        )
    ids = {"id": project_id, "project_id": project_id, "request_id": request_id}
    with database.writing() as session:
        connection = session.connection()
        for model, column in COPIED.items():
            table = cast(Table, model.__table__)
            original = select(table).where(table.c[column] == ids[column])
            rows = [dict(row) for row in connection.execute(original).mappings()]
            copies = [_copy(table, row, k) for k in range(1, n) for row in rows]
            for start in range(0, len(copies), AT_ONCE):
                connection.execute(insert(table), copies[start : start + AT_ONCE])
            if not database.is_sqlite:
                series = func.pg_get_serial_sequence(table.name, "id")
                connection.execute(select(func.setval(series, func.max(table.c.id))))
        connection.execute(text("ANALYZE"))
    return Pending(staff, [request_id + k * STRIDE for k in range(n)])


def _copy(table: Table, row: dict[str, Any], k: int) -> dict[str, Any]:
    copied = {model.__tablename__ for model in COPIED}
    copy = dict(row)
    for column in table.columns:
        refers = {key.column.table.name for key in column.foreign_keys} & copied
        if (column.primary_key or refers) and copy[column.name] is not None:
            copy[column.name] += k * STRIDE
        elif column.unique:
            plain = f"{copy[column.name]}/{k}"
            is_hash = column.name == "sha256"
            copy[column.name] = hashlib.sha256(plain.encode()).hexdigest() if is_hash else plain
    return copy
