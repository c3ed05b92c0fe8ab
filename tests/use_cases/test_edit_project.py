"""Editing facts: what may be written, who wins when two edit at once, what asks again."""

from datetime import date

import pytest
from sqlalchemy import select

from db.models import ApprovalRequest, AuditEntry, Mail, MailState, Project
from state_machines.approvals import Answer, AskedBecause, RequestState
from state_machines.dates import PartialDate
from state_machines.errors import EditedMeanwhile, NotAllowed, NotFound, ValueRefused
from state_machines.facts import Manufacturing
from state_machines.posts import Role
from state_machines.stages import Stage
from tests.builders import (
    BILLION,
    CALENDAR,
    YIWU,
    add_holder,
    add_person,
    add_project,
    add_ready_project,
    ask_to_sign,
    mails,
    vacate,
)
from use_cases.decide import decide
from use_cases.edit_project import edit_project


@pytest.fixture
def edit(database, clock):
    """Edit in a transaction of its own."""

    def editing(project_id, changes, by, edition=None):
        with database.writing() as session:
            edit_project(
                session, project_id, changes, edition=edition, by=by, now=clock(),
                calendar=CALENDAR,
            )  # fmt: skip

    return editing


@pytest.fixture
def project(database, clock, staff):
    with database.writing() as session:
        return add_project(session, now=clock(), owner_id=staff.owner)


GOOD = {
    "name_zh": "兰溪光膜项目",
    "name_en": "Lanxi Film",
    "investor": "甲公司",
    "investor_contact": "李女士",
    "unit_code": YIWU,
    "headquarters_key": "beijing",
    "special_team_key": "special-team-1",
    "industry": "光膜",
    "manufacturing": Manufacturing.MIXED,
    "investment": 0,
    "marked_major": True,
    "needs_factory": False,
    "contract_number": "HT-1",
    "contract_date": PartialDate("2026-02"),
    "planned_start": PartialDate("2026-06-01"),
    "site": "一号地块",
    "area": 0,
    "funds_required": 0,
    "funds_ready": 10**13,
    "start_date": PartialDate("2026-03-02"),
    "permit_number": "33",
}


def test_a_fact_takes_what_it_is_meant_to_hold_and_the_trail_says_so(
    database, staff, project, edit
):
    for field, value in GOOD.items():
        edit(project.id, {field: value}, staff.owner)

    with database.reading() as session:
        row = session.get_one(Project, project.id)
        assert {name: getattr(row, name) for name in GOOD} == GOOD
        entries = session.scalars(select(AuditEntry).where(AuditEntry.act == "edited"))
        said = [{*entry.details["after"]} for entry in entries]
        follows = {"unit_code": {"special_team_key"}}  # another unit's special team
        assert said == [{name} | follows.get(name, set()) for name in GOOD]


def test_a_fact_is_kept_without_what_nobody_can_see(database, staff, project, edit):
    edit(project.id, {"investor": "\u3000甲\u200b公司\u00a0\u3000上海"}, staff.owner)
    edit(project.id, {"investor": "甲公司 上海\ufeff"}, staff.owner)

    with database.reading() as session:
        row = session.get_one(Project, project.id)
        assert (row.investor, row.edition) == ("甲公司 上海", project.edition + 1)


BAD = {
    "text": ["", "  ", "两\n行", "零\x00", "反\u202e向", "长" * 501, 5, b"x"],
    "date": ["2026-03-01", date(2026, 3, 1), 2026],
    "amount": [-1, "5", 5.0, True, 10**13 + 1, 2**70],
    "yes or no": [1, 0, "yes"],
}
REFUSED = [
    *[("name_zh", value) for value in BAD["text"]],
    *[("investor", value) for value in BAD["text"]],
    *[(field, value) for field in ("contract_date", "start_date") for value in BAD["date"]],
    *[(field, value) for field in ("investment", "funds_ready") for value in BAD["amount"]],
    *[("area", value) for value in (-1, "5", True, 2**31)],
    *[("needs_factory", value) for value in BAD["yes or no"]],
    *[("marked_major", value) for value in [*BAD["yes or no"], None]],
    *[("manufacturing", value) for value in ("yes", "maybe", 1)],
    *[("unit_code", value) for value in (None, "999999", 330781)],
    *[("headquarters_key", value) for value in ("special-team-1", "moon", 1)],
    *[("special_team_key", value) for value in ("beijing", "moon", 1)],
    *[("owner_id", value) for value in (4711, "1", True, -1)],
    *[(field, date(2027, 1, 1)) for field in ("funds_certified_on", "funds_certificate_until")],
    *[(field, 1) for field in ("stage", "number", "id", "evidence", "edition", "colour")],
    ("name_zh", None),  # the only name it has
]


def test_a_value_that_a_fact_cannot_take_is_refused_by_its_field_and_nothing_is_written(
    database, staff, project, edit
):
    for field, value in REFUSED:
        with pytest.raises(ValueRefused) as refused:
            edit(project.id, {"site": "一号地块", field: value}, staff.owner)

        assert refused.value.field == field
    with database.reading() as session:
        assert session.get_one(Project, project.id).site is None


def test_nobody_who_has_left_becomes_an_owner(database, staff, project, edit):
    with database.writing() as session:
        gone = add_person(session, active=False)

    with pytest.raises(ValueRefused):
        edit(project.id, {"owner_id": gone}, staff.owner)


def test_a_fact_can_become_unknown_again(database, staff, project, edit):
    edit(project.id, {"site": "一号地块"}, staff.owner)

    edit(project.id, {"site": None}, staff.owner)

    with database.reading() as session:
        assert session.get_one(Project, project.id).site is None


def test_of_two_who_edit_at_once_the_second_is_told_what_stands(database, staff, project, edit):
    edit(project.id, {"site": "一号地块", "area": 5}, staff.owner, edition=1)

    with pytest.raises(EditedMeanwhile) as refused:
        edit(project.id, {"site": "二号地块"}, staff.officer, edition=1)

    assert refused.value.theirs == {"site": "一号地块"}
    with database.reading() as session:
        assert session.get_one(Project, project.id).site == "一号地块"


def test_two_who_mean_the_same_do_not_clash(database, staff, project, edit):
    edit(project.id, {"site": "一号地块"}, staff.owner, edition=1)

    edit(project.id, {"site": "一号地块"}, staff.officer, edition=1)

    with database.reading() as session:
        row = session.get_one(Project, project.id)
        assert (row.edition, row.last_material_editor_id) == (2, staff.owner)


def test_a_project_of_another_unit_goes_to_that_units_team(database, staff, project, edit):
    edit(project.id, {"unit_code": YIWU}, staff.owner)

    with database.reading() as session:
        assert session.get_one(Project, project.id).special_team_key == "special-team-4"


def test_becoming_major_shortens_the_clocks_at_once(database, staff, project, edit):
    edit(project.id, {"investment": 5 * BILLION}, staff.owner)

    with database.reading() as session:
        due = session.get_one(Project, project.id).next_rung_at
        assert due == CALENDAR.opening(CALENDAR.add(date(2026, 3, 2), 8))


def test_two_edits_in_one_transaction_both_stand(database, clock, staff, project):
    with database.writing() as session:
        for changes in ({"site": "一号地块"}, {"area": 7}):
            edit_project(
                session, project.id, changes, edition=None, by=staff.owner, now=clock(),
                calendar=CALENDAR,
            )  # fmt: skip

    with database.reading() as session:
        row = session.get_one(Project, project.id)
        assert (row.site, row.area, row.edition) == ("一号地块", 7, 3)


def test_somebody_from_elsewhere_may_not(database, staff, project, edit):
    with database.writing() as session:
        elsewhere = add_holder(session, Role.UNIT_LEADER, YIWU)

    with pytest.raises(NotAllowed):
        edit(project.id, {"site": "一号地块"}, elsewhere)
    with pytest.raises(NotFound):
        edit(4711, {"site": "一号地块"}, staff.owner)


@pytest.fixture
def pending(database, clock, staff):
    """A project whose signing the unit's leader is asked about, and the request."""
    with database.writing() as session:
        return ask_to_sign(session, staff, now=clock())


def rounds(session):
    return session.scalars(select(ApprovalRequest).order_by(ApprovalRequest.id)).all()


def test_what_is_not_material_leaves_the_request_as_it_is_and_who_is_asked_hears(
    database, staff, pending, edit
):
    edit(pending[0], {"investor_contact": "李女士", "investment": 1}, staff.owner)

    with database.reading() as session:
        assert [each.state for each in rounds(session)] == [RequestState.PENDING]
        told = [("approval_asked", staff.unit_leader), ("facts_changed", staff.unit_leader)]
        assert mails(session) == told
        facts = session.scalars(select(Mail.facts).where(Mail.kind == "facts_changed")).one()
        changes = {each["field"]: (each["before"], each["after"]) for each in facts["changes"]}
        assert changes == {
            "investor_contact": ("王先生 13800000000", "李女士"),
            "investment": (300_000_000, 1),
        }


def test_a_material_change_supersedes_the_request_and_asks_again_on_the_new_facts(
    database, clock, staff, pending, edit
):
    project_id, first_id = pending

    edit(project_id, {"investment": BILLION - 1}, staff.owner)

    with database.reading() as session:
        first, second = rounds(session)
        assert (first.state, second.state) == (RequestState.SUPERSEDED, RequestState.PENDING)
        assert [each.state.value for each in first.approvals] == ["moot"]
        assert second.previous_id == first_id
        assert second.facts["investment"] == BILLION - 1
        assert second.requested_by_id == staff.officer
        owed = [
            ("request_settled", staff.officer),
            ("request_settled", staff.unit_leader),
            ("approval_asked", staff.unit_leader),
        ]
        assert mails(session) == owed
        cancelled = session.scalars(select(Mail).where(Mail.state == MailState.CANCELLED)).one()
        assert cancelled.request_id == first_id
        asked = session.scalars(select(Mail.facts).where(Mail.request_id == second.id)).one()
        assert asked["asked_again"] is True


def test_earlier_answers_never_count_in_the_round_after(database, clock, staff, edit):
    with database.writing() as session:
        project_id, first = ask_to_sign(session, staff, now=clock(), investment=BILLION)
        decide(session, first, Answer.APPROVE, by=staff.unit_leader, now=clock(), calendar=CALENDAR)

    edit(project_id, {"site": "一号地块"}, staff.owner)

    with database.reading() as session:
        _, second = rounds(session)
        asked = [(each.person_id, each.state.value) for each in second.approvals]
        assert asked == [(staff.unit_leader, "pending")]


def test_crossing_a_tier_asks_the_posts_of_the_new_tier(database, staff, clock, edit):
    with database.writing() as session:
        project_id, _ = ask_to_sign(session, staff, now=clock(), investment=BILLION)

    edit(project_id, {"investment": 5 * BILLION}, staff.owner)

    with database.reading() as session:
        second = rounds(session)[1]
        assert len(second.steps) == 3
        both = {staff.special_team_lead, staff.promotion_center_head}
        assert {each.person_id for each in second.approvals} == both


def test_an_approver_who_edits_what_is_asked_is_asked_no_more(database, staff, pending, edit):
    edit(pending[0], {"site": "一号地块"}, staff.unit_leader)

    with database.reading() as session:
        _, second = rounds(session)
        assert [each.person_id for each in second.approvals] == [staff.director]


def test_a_change_that_closes_the_gate_ends_the_request_and_says_why(
    database, staff, pending, edit
):
    edit(pending[0], {"contract_number": None}, staff.owner)

    with database.reading() as session:
        (only,) = rounds(session)
        assert only.state is RequestState.SUPERSEDED
        said = session.scalars(select(AuditEntry).where(AuditEntry.act == "not_asked_again")).one()
        assert said.details["missing"] == ["contract_number"]


def test_a_change_that_leaves_nobody_to_ask_ends_the_request(database, staff, pending, edit):
    with database.writing() as session:
        for person in (staff.unit_leader, staff.director, staff.deputy_mayor):
            vacate(session, person, last_day=date(2026, 3, 1))

    edit(pending[0], {"site": "一号地块"}, staff.owner)

    with database.reading() as session:
        assert [each.state for each in rounds(session)] == [RequestState.SUPERSEDED]
        assert session.get_one(Project, pending[0]).stage is Stage.NEGOTIATION
        said = session.scalars(select(AuditEntry).where(AuditEntry.act == "not_asked_again")).one()
        assert said.details["nobody_for"] == Role.UNIT_LEADER


@pytest.mark.parametrize("fact", ["funds_required", "funds_ready"])
def test_funds_that_change_are_no_longer_certified(database, clock, staff, edit, fact):
    with database.writing() as session:
        project = add_ready_project(
            session, staff, Stage.SIGNED, now=clock(), to=Stage.FACTORY_LEASED
        )
        assert project.funds_certified_on is not None

    edit(project.id, {fact: getattr(project, fact) + 1}, staff.owner)

    with database.reading() as session:
        stored = session.get_one(Project, project.id)
    assert stored.funds_certified_on is None
    assert stored.funds_certificate_until is None


def test_an_approver_who_becomes_the_owner_is_asked_no_longer_and_others_are(
    database, clock, staff, edit
):
    with database.writing() as session:
        project_id, request_id = ask_to_sign(session, staff, now=clock())

    edit(project_id, {"owner_id": staff.unit_leader}, staff.officer)

    with database.reading() as session:
        request = session.get_one(ApprovalRequest, request_id)
        assert request.state is RequestState.PENDING
        asked = [(each.person_id, each.state.value, each.because) for each in request.approvals]
        assert asked == [
            (staff.unit_leader, "moot", AskedBecause.HOLDS),
            (staff.director, "pending", AskedBecause.EXCLUDED),
        ]
        assert ("asked_no_longer", staff.unit_leader) in mails(session)
