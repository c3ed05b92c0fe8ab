"""Numbers that no row can have and characters that no text holds: a page, never a fault."""

import pytest
from starlette.testclient import TestClient

from tests.builders import Staff
from tests.web.browser import fields_of

HUGE = "9" * 20
ENDLESS = "9" * 5000


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/projects?older_than={HUGE}", 422),
        (f"/projects?newer_than={ENDLESS}", 422),
        ("/projects?older_than=-1", 422),
        (f"/mailbox/{HUGE}", 404),
        (f"/mailbox/{HUGE}/html", 404),
        (f"/mailbox?older_than={HUGE}", 422),
        (f"/orders?after=1_2026-03-02T09:00:00%2B08:00_{HUGE}", 200),
        (f"/orders?after={HUGE}_2026-03-02T09:00:00%2B08:00_1", 200),
        ("/orders?after=1_0001-01-01T00:00:00%2B14:00_1", 200),
        ("/orders?after=1_2026-03-02T09:00:00%2B08:00_1", 200),
        (f"/approvals?asked_after={HUGE}", 422),
        (f"/approvals?waiting_after=2026-03-02_{HUGE}", 200),
        (f"/projects/JH-2026-0001/requests/{HUGE}", 404),
        ("/projects/JH-2026-0001/requests/1", 404),
        (f"/r/open/{HUGE}", 404),
        ("/r/a%00b", 404),
        ("/projects?text=%00", 400),
        ("/projects?unit=a%00b", 400),
        ("/projects/a%00b", 404),
        ("/a/a%00b", 404),
        ("/static/a%00b", 404),
    ],
)
def test_an_address_of_nothing_is_a_page(
    client: TestClient, staff: Staff, path: str, status: int
) -> None:
    answer = client.get(path)

    assert answer.status_code == status
    assert 'lang="zh-Hans"' in answer.text or path.startswith("/static/")


def test_a_project_has_no_request_or_evidence_of_an_impossible_number(
    client: TestClient, lead: str
) -> None:
    assert client.post(f"/projects/{lead}/requests/{HUGE}/withdraw").status_code == 404
    form = {"from_id": HUGE, "to_id": "1", "reason": "出差"}
    assert client.post(f"/projects/{lead}/requests/1/reassign", data=form).status_code == 422
    assert client.get(f"/projects/{lead}/evidence/{HUGE}").status_code == 404
    assert client.post("/acting-as", data={"person": HUGE}).status_code == 422


@pytest.mark.parametrize("edition", [ENDLESS, HUGE, "-1", "x", ""])
def test_an_impossible_edition_is_compared_as_one_that_was_never_seen(
    client: TestClient, lead: str, edition: str
) -> None:
    form = fields_of(client, lead) | {"edition": edition, "industry": "纺织"}

    assert client.post(f"/projects/{lead}/facts", data=form).status_code == 303


@pytest.mark.parametrize("owner", [HUGE, ENDLESS, "0", "-1"])
def test_an_impossible_owner_is_refused_in_place(client: TestClient, lead: str, owner: str) -> None:
    form = fields_of(client, lead) | {"owner_id": owner}

    answer = client.post(f"/projects/{lead}/facts", data=form)

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize(
    ("act", "form"),
    [
        ("facts", {"investor": "a\0b"}),
        ("notes", {"kind": "visit", "text": "a\0b", "effective_on": "2026-03-01"}),
        ("advance", {"move": "lose", "reason": "a\0b"}),
        ("evidence", {"kind": "contract", "title": "a\0b", "reference": "1"}),
    ],
)
def test_a_nul_in_a_form_is_not_understood(
    client: TestClient, lead: str, act: str, form: dict[str, str]
) -> None:
    sent = client.post(f"/projects/{lead}/{act}", data=form)
    in_parts = client.post(f"/projects/{lead}/{act}", data=form, files={"": ("", b"")})

    assert sent.status_code == in_parts.status_code == 400
