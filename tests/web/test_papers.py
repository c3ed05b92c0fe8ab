"""Evidence, progress and certified funds: what is put on record beside the facts."""

from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from db.models import Evidence, ProgressNote
from db.session import Database
from tests.builders import YIWU, Staff, add_project
from tests.clock import WallClock
from tests.web.browser import act_as, fields_of, stored

PDF = b"%PDF-1.7\n1 0 obj"


def test_evidence_is_kept_and_given_out_as_a_file_and_never_as_a_page(
    client: TestClient, lead: str, database: Database
) -> None:
    files = {"file": ("../../合同\r\n.pdf", PDF, "text/html")}

    added = client.post(f"/projects/{lead}/evidence", data={"kind": "contract"}, files=files)

    with database.reading() as session:
        [evidence] = session.scalars(select(Evidence))
    given = client.get(f"/projects/{lead}/evidence/{evidence.id}")
    assert added.status_code == 303
    assert given.content == PDF
    assert given.headers["content-type"] == "application/pdf"
    assert given.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert ".." not in given.headers["content-disposition"]
    assert given.headers["x-content-type-options"] == "nosniff"
    assert client.get(f"/projects/{lead}/evidence/{evidence.id + 1}").status_code == 404


@pytest.mark.parametrize(
    ("form", "files"),
    [
        ({"kind": "contract", "title": "合同"}, None),
        ({"kind": "contract", "reference": "档案室"}, None),
        ({"kind": "contract", "title": "x"}, {"file": ("x.pdf", b"<html>", "application/pdf")}),
    ],
)
def test_evidence_that_proves_nothing_is_refused_in_place(
    client: TestClient, lead: str, form: dict[str, str], files: dict[str, object] | None
) -> None:
    answer = client.post(f"/projects/{lead}/evidence", data=form, files=files)  # type: ignore[arg-type]

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_a_file_is_not_kept_for_a_project_that_is_not_theirs_or_not_there(
    client: TestClient,
    lead: str,
    database: Database,
    clock: WallClock,
    staff: Staff,
    tmp_path: Path,
) -> None:
    with database.writing() as session:
        elsewhere = add_project(
            session, now=clock(), unit_code=YIWU, headquarters_key=None, owner_id=None
        ).number
    act_as(client, staff.owner)
    files = {"file": ("合同.pdf", PDF, "application/pdf")}

    answers = [
        client.post(f"/projects/{number}/evidence", data={"kind": "contract"}, files=files)
        for number in (elsewhere, "JH-0")
    ]

    assert [each.status_code for each in answers] == [403, 404]
    assert not (tmp_path / "evidence").exists()


def test_progress_is_written_down_and_breaks_the_silence(
    client: TestClient, lead: str, database: Database, clock: WallClock
) -> None:
    clock.forward(days=3)
    form = {"kind": "visit", "text": "赴沪洽谈 <b>", "effective_on": "2026-03-04"}

    written = client.post(f"/projects/{lead}/notes", data=form)
    future = client.post(
        f"/projects/{lead}/notes", data=form | {"effective_on": "2027-01-01", "text": "不丢"}
    )

    assert (written.status_code, future.status_code) == (303, 422)
    assert ">不丢</textarea>" in future.text
    with database.reading() as session:
        [note] = session.scalars(select(ProgressNote))
    assert note.effective_on.isoformat() == "2026-03-04"


def test_only_the_promotion_center_certifies_funds(
    client: TestClient, lead: str, database: Database, staff: Staff
) -> None:
    form = fields_of(client, lead) | {"funds_required": "5000万元", "funds_ready": "6000万元"}
    client.post(f"/projects/{lead}/facts", data=form)

    officer = client.post(f"/projects/{lead}/funds-certificate", data={"until": "2026-12-31"})
    act_as(client, staff.promotion_center_head)
    past = client.post(f"/projects/{lead}/funds-certificate", data={"until": "2020-12-31"})
    certified = client.post(f"/projects/{lead}/funds-certificate", data={"until": "2026-12-31"})

    statuses = (officer.status_code, past.status_code, certified.status_code)
    assert statuses == (403, 422, 303)
    assert str(stored(database, lead).funds_certificate_until) == "2026-12-31"
