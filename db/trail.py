"""The audit trail: every act on a project, chained so that no entry can change unseen."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from db.models import AuditEntry, Project
from db.writing import append


def link(  # noqa: PLR0917 - the entry's columns, in the order in which they are hashed
    project_id: int,
    seq: int,
    at: datetime,
    act: str,
    by: int | None,
    details: dict[str, Any],
    previous_hash: str,
) -> str:
    """Return the hash of an entry, over all that it says and the hash before it."""
    said = [project_id, seq, at.astimezone(UTC).isoformat(), act, by, details, previous_hash]
    canonical = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def entry(
    project: Project, act: str, *, by: int | None, now: datetime, details: dict[str, Any]
) -> dict[str, Any]:
    """Return the row of the next entry of a project's chain, and move the chain's head on.

    The caller holds the project's lock and inserts the row in its transaction. `details` are JSON
    values; `by` is None where the machine acts.
    """
    seq, previous = project.audit_seq + 1, project.audit_hash
    hash_ = link(project.id, seq, now, act, by, details, previous)
    project.audit_seq, project.audit_hash = seq, hash_
    return {
        "project_id": project.id,
        "seq": seq,
        "at": now,
        "act": act,
        "by_id": by,
        "details": details,
        "previous_hash": previous,
        "hash": hash_,
    }


def record(
    session: Session,
    project: Project,
    act: str,
    *,
    by: int | None,
    now: datetime,
    **details: Any,
) -> None:
    """Write down an act on a project whose lock the caller holds."""
    append(session, AuditEntry, entry(project, act, by=by, now=now, details=details))
