"""Evidence: handed in as a file or a reference, and given out as a file, never as a page."""

from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, UploadFile
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import FileResponse, Response

from db.models import Evidence, Project
from db.queries.projects import project_id_of
from runtime.settings import Settings
from state_machines.errors import NotFound
from state_machines.facts import EvidenceKind
from use_cases.access import refuse_others
from use_cases.add_evidence import StoredFile, add_evidence
from web.project_acts import act_on
from web.project_page import SHOWN_IN_PLACE, Refused, show
from web.row_ids import RowId
from web.said import go_on, project_address
from web.staff import Staff
from web.uploads import keep, path_of

router = APIRouter()


def evidence_folder(settings: Settings) -> Path:
    return settings.data_folder / "evidence"


@router.post("/projects/{number}/evidence")
def add(
    visit: Staff,
    number: str,
    *,
    kind: Annotated[EvidenceKind, Form()],
    title: Annotated[str, Form()] = "",
    reference: Annotated[str, Form()] = "",
    file: UploadFile | None = None,
) -> Response:
    """Add evidence: a file, or where the paper lies, or both."""
    by = visit.by

    def attach(session: Session, project_id: int) -> Evidence:
        return add_evidence(
            session,
            project_id,
            kind,
            title=title or (stored.name if stored else ""),
            reference=reference,
            file=stored,
            by=by,
            now=visit.now,
        )

    # Before the file is kept: what is refused must leave nothing on the disk.
    with visit.runtime.database.reading() as session:
        project = session.get_one(Project, project_id_of(session, number))
        refuse_others(session, project, "add_evidence", by=by, now=visit.now)
    try:
        stored = _stored(file, evidence_folder(visit.runtime.settings))
        act_on(visit, number, attach)
    except SHOWN_IN_PLACE as refusal:
        typed = {"kind": kind, "title": title, "reference": reference}
        return show(visit, number, refused=Refused(refusal, "evidence", typed))
    return go_on(project_address(number), "evidence_added", to="evidence")


@router.get("/projects/{number}/evidence/{evidence_id}")
def download(visit: Staff, number: str, evidence_id: RowId) -> Response:
    """Give out the file of one piece of evidence."""
    with visit.runtime.database.reading() as session:
        found = session.scalars(
            select(Evidence).where(
                Evidence.id == evidence_id, Evidence.project_id == project_id_of(session, number)
            )
        ).one_or_none()
    return file_of(found, evidence_id, evidence_folder(visit.runtime.settings))


def file_of(evidence: Evidence | None, evidence_id: int, folder: Path) -> Response:
    """Return the file as a download, which no browser shows as a page of ours."""
    if evidence is None or evidence.file_sha256 is None or evidence.file_name is None:
        raise NotFound("evidence", evidence_id)
    path = path_of(evidence.file_sha256, folder)
    if not path.is_file():
        raise NotFound("evidence", evidence_id)
    disposition = f"attachment; filename*=UTF-8''{quote(evidence.file_name, safe='')}"
    return FileResponse(
        path,
        media_type=evidence.media_type,
        headers={
            "Content-Disposition": disposition,
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )


def _stored(file: UploadFile | None, folder: Path) -> StoredFile | None:
    """Keep the file, if one was chosen: a browser sends an empty one otherwise."""
    if file is None or not file.filename:
        return None
    return keep(file.file, file.filename, folder)
