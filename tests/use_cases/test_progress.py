"""What is added to a project: evidence, notes that break the silence, a certificate of funds."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from db.models import AuditEntry, NoteKind, Order, ProgressNote, Project, StageVisit
from db.queries.projects import facts_of, open_visit
from state_machines.errors import NotAllowed, NotFound, ValueRefused
from state_machines.facts import EvidenceKind
from state_machines.posts import PROMOTION_CENTER, Role
from state_machines.stages import Stage
from tests.builders import (
    BEFORE_LEASING,
    CALENDAR,
    YIWU,
    add_holder,
    add_project,
    delegate,
)
from use_cases.add_evidence import StoredFile, add_evidence
from use_cases.add_note import add_note
from use_cases.certify_funds import certify_funds

TODAY = date(2026, 3, 2)
A_FILE = StoredFile("ab" * 32, "合同.pdf", 1024, "application/pdf")


@pytest.fixture
def project(database, clock, staff):
    with database.writing() as session:
        return add_project(session, now=clock(), owner_id=staff.owner)


@pytest.mark.parametrize("kind", EvidenceKind)
@pytest.mark.parametrize("where", [{"reference": "档案室 3-12"}, {"file": A_FILE}])
def test_evidence_is_a_file_or_a_reference_and_counts_at_once(
    database, clock, staff, project, kind, where
):
    with database.writing() as session:
        added = add_evidence(
            session, project.id, kind, title=" 合同 ", by=staff.owner, now=clock(), **where
        )

    with database.reading() as session:
        assert facts_of(session, session.get_one(Project, project.id)).evidence == {kind}
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert (entry.act, entry.details["title"]) == ("evidence_added", "合同")
        assert entry.details["file_sha256"] == added.file_sha256


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("reference", {"title": "合同"}),
        ("reference", {"title": "合同", "reference": "  "}),
        ("reference", {"title": "合同", "reference": "档\n案"}),
        ("reference", {"title": "合同", "reference": "长" * 501}),
        ("title", {"title": " ", "file": A_FILE}),
        ("title", {"title": "合\x00同", "file": A_FILE}),
        ("title", {"title": "长" * 501, "file": A_FILE}),
    ],
)
def test_evidence_that_points_to_nothing_is_refused(database, clock, staff, project, field, given):
    with pytest.raises(ValueRefused) as refused, database.writing() as session:
        add_evidence(session, project.id, EvidenceKind.OTHER, by=staff.owner, now=clock(), **given)

    assert refused.value.field == field


def test_evidence_is_kept_without_what_nobody_can_see(database, clock, staff, project):
    with database.writing() as session:
        added = add_evidence(
            session, project.id, EvidenceKind.OTHER, title="合同\u3000正本", by=staff.owner,
            reference="档案室\u00a03\u200b-12", now=clock(),
        )  # fmt: skip

    assert (added.title, added.reference) == ("合同 正本", "档案室 3-12")


def note(database, clock, project_id, by, effective_on, text="考察现场"):
    with database.writing() as session:
        add_note(
            session, project_id, NoteKind.VISIT, text, effective_on=effective_on, by=by,
            now=clock(), calendar=CALENDAR,
        )  # fmt: skip


def silence(database, project_id):
    with database.reading() as session:
        visit = open_visit(session, project_id)
        return visit.silence_origin, visit.silence_used, visit.silence_episode


def test_a_note_begins_a_new_episode_on_the_day_it_happened(database, clock, staff, project):
    clock.forward(days=7)

    note(database, clock, project.id, staff.owner, TODAY + timedelta(days=3))

    assert silence(database, project.id) == (TODAY + timedelta(days=3), 0, 2)


def test_a_note_of_something_earlier_than_what_is_known_is_kept_and_changes_no_clock(
    database, clock, staff, project
):
    clock.forward(days=7)
    note(database, clock, project.id, staff.owner, TODAY + timedelta(days=5))

    note(database, clock, project.id, staff.owner, TODAY + timedelta(days=4))

    assert silence(database, project.id) == (TODAY + timedelta(days=5), 0, 2)


def test_a_note_puts_off_the_next_rung_of_silence_and_of_nothing_else(database, clock, staff):
    with database.writing() as session:
        # 60 working days in the stage, 20 of silence
        project = add_project(session, now=clock(), stage=Stage.SIGNED, owner_id=staff.owner)
    noted_on = CALENDAR.add(TODAY, 19)
    clock.forward(days=(noted_on - TODAY).days)

    note(database, clock, project.id, staff.owner, noted_on)

    with database.reading() as session:
        row = session.get_one(Project, project.id)
        assert row.next_rung_at == CALENDAR.opening(CALENDAR.add(TODAY, 39))
        assert row.yellow_at == row.next_rung_at


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("text", {"text": "  ", "effective_on": TODAY}),
        ("text", {"text": "长" * 5001, "effective_on": TODAY}),
        ("text", {"text": "零\x00", "effective_on": TODAY}),
        ("effective_on", {"effective_on": TODAY + timedelta(days=1)}),
    ],
)
def test_an_empty_note_or_one_of_tomorrow_is_refused(database, clock, staff, project, field, given):
    with pytest.raises(ValueRefused) as refused:
        note(database, clock, project.id, staff.owner, **given)

    assert refused.value.field == field


def test_a_note_may_have_several_lines(database, clock, staff, project):
    note(database, clock, project.id, staff.owner, TODAY, "考察现场\r\n\u3000一切\u200b顺利\n")

    with database.reading() as session:
        assert session.scalars(select(ProgressNote.text)).one() == "考察现场\n 一切顺利"
    assert silence(database, project.id)[2] == 2


def test_a_note_closes_no_order(database, clock, staff):
    with database.writing() as session:
        project = add_project(session, now=clock(), owner_id=staff.owner)
        visit = session.scalars(select(StageVisit)).one()
        session.add(
            Order(project_id=project.id, visit_id=visit.id, rung="owner", opened_at=clock())
        )
        session.flush()
        add_note(
            session, project.id, NoteKind.VISIT, "考察", effective_on=TODAY, by=staff.owner,
            now=clock(), calendar=CALENDAR,
        )  # fmt: skip

        order = session.scalars(select(Order)).one()
        assert order.closed_at is None
        assert order.deadline_on == CALENDAR.add(TODAY, 10 + 5), "the day it climbs to the unit"
        session.rollback()


def certify(database, clock, project_id, by, until):
    with database.writing() as session:
        certify_funds(session, project_id, until=until, by=by, now=clock())


@pytest.fixture
def leasing(database, clock, staff):
    facts = BEFORE_LEASING | {"funds_certified_on": None, "funds_certificate_until": None}
    with database.writing() as session:
        return add_project(session, now=clock(), stage=Stage.SIGNED, owner_id=staff.owner, **facts)


def test_the_promotion_center_certifies_and_that_is_not_editing(database, clock, staff, leasing):
    certify(database, clock, leasing.id, staff.promotion_center_head, TODAY)

    with database.reading() as session:
        row = session.get_one(Project, leasing.id)
        assert (row.funds_certified_on, row.funds_certificate_until) == (TODAY, TODAY)
        assert row.last_material_editor_id is None


@pytest.mark.parametrize("name", ["officer", "owner", "unit_leader", "director", "administrator"])
def test_nobody_else_certifies_funds(database, clock, staff, leasing, name):
    with pytest.raises(NotAllowed):
        certify(database, clock, leasing.id, getattr(staff, name), TODAY)


def test_any_of_the_centers_holders_certifies_and_so_does_a_stand_in(
    database, clock, staff, leasing
):
    with database.writing() as session:
        second = add_holder(session, Role.PROMOTION_CENTER_HEAD, PROMOTION_CENTER)
        delegate(session, staff.promotion_center_head, staff.officer, from_day=TODAY, to_day=TODAY)

    for person in (second, staff.officer):
        certify(database, clock, leasing.id, person, TODAY)


@pytest.mark.parametrize(
    ("field", "facts", "until"),
    [
        ("funds_certificate_until", {}, TODAY - timedelta(days=1)),
        ("funds_required", {"funds_required": None}, TODAY),
        ("funds_ready", {"funds_ready": None}, TODAY),
        ("funds_ready", {"funds_required": 5, "funds_ready": 4}, TODAY),
    ],
)
def test_no_certificate_for_what_is_not_there(database, clock, staff, leasing, field, facts, until):
    with database.writing() as session:
        for name, value in facts.items():
            setattr(session.get_one(Project, leasing.id), name, value)

    with pytest.raises(ValueRefused) as refused:
        certify(database, clock, leasing.id, staff.promotion_center_head, until)

    assert refused.value.field == field


def test_somebody_from_elsewhere_adds_nothing(database, clock, staff, project):
    with database.writing() as session:
        elsewhere = add_holder(session, Role.CASE_OFFICER, YIWU)

    with pytest.raises(NotAllowed), database.writing() as session:
        add_evidence(
            session, project.id, EvidenceKind.OTHER, title="合同", reference="档案室",
            by=elsewhere, now=clock(),
        )  # fmt: skip
    with pytest.raises(NotAllowed):
        note(database, clock, project.id, elsewhere, TODAY)
    with pytest.raises(NotFound):
        note(database, clock, 4711, elsewhere, TODAY)
    with pytest.raises(NotFound):
        certify(database, clock, 4711, staff.promotion_center_head, TODAY)
