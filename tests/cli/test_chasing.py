"""`luodi approvals chase`: by hand what the flow does every minute."""

import pytest

OWNER = "ji.chunmei@pujiang.example"
REMINDED, EXPIRED = "2026-03-04T09:00+08:00", "2026-03-24T09:00+08:00"


@pytest.fixture
def request_id(answer, number):
    """A request that pends since Monday, 2 March 2026."""
    return answer("project", "advance", number("水晶"), "sign", "--as", OWNER)["request"]


def test_nothing_is_due_on_the_first_day(city, answer, request_id):
    assert answer("approvals", "chase") == {
        "as_of": "2026-03-02T09:00:00+08:00",
        "due": 0,
        "reminded": 0,
        "superiors_asked": 0,
        "expired": 0,
        "parked": 0,
    }


def test_a_reminder_is_sent_once(city, answer, request_id):
    first = answer("approvals", "chase", "--as-of", REMINDED)
    second = answer("approvals", "chase", "--as-of", REMINDED)

    assert (first["due"], first["reminded"]) == (1, 1)
    assert (second["due"], second["reminded"]) == (0, 0)


def test_a_person_reads_that_a_request_has_expired(city, luodi, answer, request_id):
    said = luodi("approvals", "chase", "--as-of", EXPIRED).stdout

    assert said == (
        "As of 24 March 2026, 09:00: 1 due, 0 reminded of, 0 passed up, 1 expired, 0 parked.\n"
    )
    assert answer("approvals", "show", request_id)["state"] == "expired"


def test_a_time_without_its_zone_is_refused_with_the_remedy(city, luodi):
    result = luodi("approvals", "chase", "--as-of", "2026-03-24T09:00")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "2026-12-01T09:00+08:00" in result.stderr


def test_a_day_to_come_is_refused_where_mail_would_reach_people(city, luodi, monkeypatch):
    monkeypatch.setenv("LUODI_SENDGRID_API_KEY", "SG.not-a-real-key")
    monkeypatch.setenv("LUODI_MAIL_FROM", "luodi@city.example")

    refused = luodi("approvals", "chase", "--as-of", EXPIRED)

    assert (refused.exit_code, refused.stdout) == (2, "")
