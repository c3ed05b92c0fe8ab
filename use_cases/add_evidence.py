"""Add the file or the reference that proves a requirement."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from db.models import Evidence
from db.trail import record
from state_machines.errors import ValueRefused
from state_machines.facts import EvidenceKind
from use_cases.access import project_to_work_on
from use_cases.typed_text import line_typed


@dataclass(frozen=True)
class StoredFile:
    """A file that the edge has put away already, under the hash of what is in it."""

    sha256: str
    name: str
    size: int
    media_type: str


def add_evidence(
    session: Session,
    project_id: int,
    kind: EvidenceKind,
    *,
    title: str,
    reference: str | None = None,
    file: StoredFile | None = None,
    by: int,
    now: datetime,
) -> Evidence:
    """Attach evidence to a project: a file, or where the paper lies, or both.

    Raises `NotFound`, `NotAllowed`, and `ValueRefused` for evidence that points to nothing.
    """
    project = project_to_work_on(session, project_id, "add_evidence", by=by, now=now)
    named, reference = line_typed("title", title), line_typed("reference", reference)
    if named is None:
        raise ValueRefused("title", "text", title)
    if file is None and reference is None:
        raise ValueRefused("reference", "a file or a reference")
    evidence = Evidence(
        project_id=project.id,
        kind=kind,
        title=named,
        reference=reference,
        file_sha256=file.sha256 if file else None,
        file_name=file.name if file else None,
        file_size=file.size if file else None,
        media_type=file.media_type if file else None,
        added_by_id=by,
        added_at=now,
    )
    session.add(evidence)
    session.flush()
    record(
        session, project, "evidence_added", by=by, now=now,
        evidence=evidence.id, kind=kind, title=named, reference=reference,
        file_sha256=evidence.file_sha256,
    )  # fmt: skip
    return evidence
