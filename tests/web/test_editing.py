"""Editing facts: nothing typed is lost, and two people at once both see it."""

import pytest
from starlette.testclient import TestClient

from db.queries.projects import project_id_of
from db.session import Database
from tests.builders import CALENDAR, Staff
from tests.clock import WallClock
from tests.web.browser import fields_of, shown, stored
from use_cases.edit_project import edit_project


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
