"""A project's page: what is missing, what is saved, and what two people do at once."""

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from db.models import ApprovalRequest, Evidence, Mail, ProgressNote, Project, StageChange
from db.queries.projects import project_id_of
from db.session import Database
from state_machines.approvals import RequestState
from state_machines.stages import Move, Stage
from tests.builders import CALENDAR, Staff, add_project, add_ready_project
from tests.clock import WallClock
from tests.web.browser import act_as, fields_of, shown
from use_cases.edit_project import edit_project

PDF = b"%PDF-1.7\n1 0 obj"


@pytest.fixture
def lead(database: Database, clock: WallClock, staff: Staff) -> str:
    """A lead of the owner's that lacks nearly all."""
    with database.writing() as session:
        return add_project(session, now=clock(), owner_id=staff.owner).number


@pytest.fixture
def ready(database: Database, clock: WallClock, staff: Staff) -> str:
    """A project in negotiation that may be signed."""
    with database.writing() as session:
        return add_ready_project(
            session, staff, Stage.NEGOTIATION, now=clock(), to=Stage.SIGNED
        ).number


def stored(database: Database, number: str) -> Project:
    with database.reading() as session:
        return session.get_one(Project, project_id_of(session, number))


def test_everything_missing_is_said_at_once_each_with_where_to_fill_it_in(
    client: TestClient, lead: str
) -> None:
    page = client.get(f"/projects/{lead}")

    answer = client.post(f"/projects/{lead}/advance", data={"move": "open_negotiation"})

    assert answer.status_code == 422
    problem = answer.text.split('id="problem"')[1].split("</section>")[0]
    for place in ("field-investor_contact", "field-industry", "field-investment"):
        assert f'href="#{place}"' in problem
        assert f'id="{place}"' in answer.text
        assert f'href="#{place}"' in page.text
    assert "field-owner_id" not in problem


def test_every_place_that_a_requirement_leads_to_is_on_the_page(
    client: TestClient, lead: str
) -> None:
    from state_machines.gates import RequirementKey  # noqa: PLC0415
    from web.ways import where_to_fill_in  # noqa: PLC0415

    page = client.get(f"/projects/{lead}").text

    places = {where_to_fill_in(key).partition("#")[2] for key in RequirementKey}
    assert [place for place in places if f'id="{place}"' not in page] == []


def test_a_move_that_nobody_must_agree_to_is_made_at_once(
    client: TestClient, lead: str, database: Database
) -> None:
    form = fields_of(client, lead)
    form |= {"investor_contact": "王先生", "industry": "纺织", "investment": "3.2亿"}

    saved = client.post(f"/projects/{lead}/facts", data=form)
    moved = client.post(f"/projects/{lead}/advance", data={"move": "open_negotiation"})
    page = client.get(f"/projects/{lead}")

    assert (saved.status_code, moved.status_code) == (303, 303)
    assert stored(database, lead).stage is Stage.NEGOTIATION
    assert stored(database, lead).investment == 320_000_000
    assert "项目阶段已变更" in shown(page)
    assert "项目阶段已变更" not in shown(client.get(f"/projects/{lead}"))


def test_asking_withdrawing_and_asking_again(
    client: TestClient, ready: str, database: Database, staff: Staff
) -> None:
    client.post(f"/projects/{ready}/advance", data={"move": "sign"})
    with database.reading() as session:
        [request] = session.scalars(select(ApprovalRequest))
    second = client.post(f"/projects/{ready}/advance", data={"move": "sign"})
    act_as(client, staff.director)
    not_theirs = client.post(f"/projects/{ready}/requests/{request.id}/withdraw")
    act_as(client, staff.officer)
    withdrawn = client.post(f"/projects/{ready}/requests/{request.id}/withdraw")

    assert (second.status_code, not_theirs.status_code, withdrawn.status_code) == (409, 403, 303)
    assert f'href="/projects/{ready}"' in second.text
    assert "已撤回" in shown(client.get(f"/projects/{ready}"))


def test_a_reason_is_asked_for_where_one_is_needed_and_an_override_is_marked(
    client: TestClient, lead: str, database: Database
) -> None:
    form = {"move": "open_negotiation", "override": "yes"}

    without = client.post(f"/projects/{lead}/advance", data=form)
    asked = client.post(f"/projects/{lead}/advance", data=form | {"reason": "省重点，先行洽谈"})

    assert (without.status_code, asked.status_code) == (422, 303)
    assert "checked" in without.text
    page = shown(client.get(f"/projects/{lead}"))
    assert "越过准入标准" in page
    assert "省重点，先行洽谈" in page


def test_losing_is_asked_for_with_its_reason(client: TestClient, lead: str) -> None:
    without = client.post(f"/projects/{lead}/advance", data={"move": "lose", "reason": " "})
    asked = client.post(f"/projects/{lead}/advance", data={"move": "lose", "reason": "已投外市"})

    assert (without.status_code, asked.status_code) == (422, 303)


def test_a_move_that_is_not_possible_is_a_page(client: TestClient, lead: str) -> None:
    assert client.post(f"/projects/{lead}/advance", data={"move": "start"}).status_code == 409
    assert client.post(f"/projects/{lead}/advance", data={"move": "fly"}).status_code == 422
    assert client.post("/projects/JH-0/advance", data={"move": "sign"}).status_code == 404


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("investment", "很多"),
        ("investment", "-5亿"),
        ("investment", "52"),
        ("investment", "3亿美元"),
        ("contract_date", "去年"),
        ("area", "大"),
        ("owner_id", "somebody"),
        ("needs_factory", "perhaps"),
        ("unit_code", "999999"),
        ("unit_code", ""),
    ],
)
def test_a_value_that_cannot_be_is_said_and_nothing_typed_is_lost(
    client: TestClient, lead: str, database: Database, field: str, text: str
) -> None:
    form = fields_of(client, lead) | {"site": "兰江一号", field: text}

    answer = client.post(f"/projects/{lead}/facts", data=form)

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text or field == "unit_code"
    assert 'value="兰江一号"' in answer.text
    assert stored(database, lead).site is None


def test_no_and_nothing_are_two_answers(client: TestClient, lead: str, database: Database) -> None:
    form = fields_of(client, lead) | {"needs_factory": "no", "funds_required": "0元"}
    client.post(f"/projects/{lead}/facts", data=form)
    answered = stored(database, lead)

    form = fields_of(client, lead) | {"needs_factory": "", "funds_required": ""}
    client.post(f"/projects/{lead}/facts", data=form)
    emptied = stored(database, lead)

    assert (answered.needs_factory, answered.funds_required) == (False, 0)
    assert (emptied.needs_factory, emptied.funds_required) == (None, None)


def test_an_untouched_form_changes_nothing_in_either_language(
    client: TestClient, ready: str, database: Database
) -> None:
    for language in ("zh-Hans", "en"):
        client.post("/language", data={"language": language})
        answer = client.post(f"/projects/{ready}/facts", data=fields_of(client, ready))
        assert answer.status_code == 303

    assert stored(database, ready).edition == 1


def edited_by_another(
    database: Database, number: str, clock: WallClock, by: int, **changes: object
) -> None:
    with database.writing() as session:
        edit_project(
            session,
            project_id_of(session, number),
            changes,
            edition=None,
            by=by,
            now=clock(),
            calendar=CALENDAR,
        )


def test_two_who_edit_the_same_see_both_texts_and_the_second_decides(
    client: TestClient, lead: str, database: Database, clock: WallClock, staff: Staff
) -> None:
    form = fields_of(client, lead) | {"site": "二号地块", "permit_number": "P-1"}
    edited_by_another(database, lead, clock, staff.owner, site="一号地块")

    conflict = client.post(f"/projects/{lead}/facts", data=form)
    untouched = stored(database, lead)
    decided = client.post(
        f"/projects/{lead}/facts",
        data={
            "edition": untouched.edition,
            "was-site": "一号地块",
            "site": "二号地块",
            "was-permit_number": "",
            "permit_number": "P-1",
        },
    )

    assert conflict.status_code == 409
    assert {"一号地块", "二号地块", "P-1"} <= set(shown(conflict).split())
    assert (untouched.site, untouched.permit_number) == ("一号地块", None)
    assert decided.status_code == 303
    assert stored(database, lead).site == "二号地块"
    assert stored(database, lead).permit_number == "P-1"


def test_two_who_edit_different_facts_are_not_in_each_others_way(
    client: TestClient, lead: str, database: Database, clock: WallClock, staff: Staff
) -> None:
    form = fields_of(client, lead) | {"permit_number": "P-1"}
    edited_by_another(database, lead, clock, staff.owner, site="一号地块")

    answer = client.post(f"/projects/{lead}/facts", data=form)

    assert answer.status_code == 303
    assert stored(database, lead).site == "一号地块"
    assert stored(database, lead).permit_number == "P-1"


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


def test_the_page_tells_the_story(
    client: TestClient, ready: str, database: Database, staff: Staff
) -> None:
    client.post(f"/projects/{ready}/advance", data={"move": "sign", "reason": "投资方催签"})

    page = shown(client.get(f"/projects/{ready}"))

    with database.reading() as session:
        assert session.scalars(select(ApprovalRequest.state)).all() == [RequestState.PENDING]
        assert session.scalars(select(StageChange.move)).all() == [None]
        assert session.scalars(select(ApprovalRequest.move)).one() is Move.SIGN
        assert session.scalars(select(Mail.kind)).all() == ["approval_asked"]
    for said in ("审批中", "投资方催签", "县市区主要负责人", "提请审批", "登记入库"):
        assert said in page
