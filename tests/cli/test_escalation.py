"""`luodi escalate` and `luodi deliver`: by hand what the flows do every minute."""

import pytest

NOW = "2026-03-02T09:00+08:00"
LATER = "2026-12-01T09:00+08:00"
DRY = ("escalate", "--as-of", LATER, "--dry-run")


def test_the_first_sweep_reaches_the_owner_the_unit_and_the_municipality(city, answer):
    report = answer("escalate")

    assert set(report) == {"as_of", "due", "fired", "passed_over", "parked", "orders"}
    assert report["as_of"] == "2026-03-02T09:00:00+08:00"
    assert (report["due"], report["fired"], report["parked"]) == (4, 4, 0)
    assert {each["rung"] for each in report["orders"]} == {"owner", "unit", "municipality"}


def test_every_order_says_which_project_of_which_unit_and_who_is_told(city, answer, number):
    orders = {each["project"]: each for each in answer("escalate")["orders"]}

    assert orders[number("户外家具")] == {
        "project": number("户外家具"),
        "rung": "owner",
        "unit": "330703",
        "to": ["yu.ziang@hangzhou.example", "zhang.ruolin@hangzhou.example"],
    }


def test_a_second_sweep_finds_nothing(city, answer):
    answer("escalate")

    again = answer("escalate")

    assert (again["due"], again["fired"], again["orders"]) == (0, 0, [])


def test_a_rehearsal_changes_nothing_and_comes_true(city, answer):
    rehearsed = answer("escalate", "--dry-run")
    came_true = answer("escalate")

    assert rehearsed == came_true


def test_a_person_reads_who_is_told(city, luodi):
    said = luodi(*DRY).stdout

    assert "A rehearsal: nothing was written, nothing was sent." in said
    assert "Municipality" in said
    assert "fang.zhiyuan@general-headquarters.example" in said


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_a_time_without_its_zone_is_refused_with_the_remedy(city, luodi, dry):
    result = luodi("escalate", "--as-of", "2026-12-01T09:00", *dry)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "2026-12-01T09:00+08:00" in result.stderr


def test_a_day_to_come_is_refused_where_mail_would_reach_people(city, luodi, answer, monkeypatch):
    monkeypatch.setenv("LUODI_SENDGRID_API_KEY", "SG.not-a-real-key")
    monkeypatch.setenv("LUODI_MAIL_FROM", "luodi@city.example")

    refused = luodi("escalate", "--as-of", LATER)

    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "--dry-run" in refused.stderr
    assert answer(*DRY)["due"] > 0


def test_a_day_to_come_is_fine_where_mail_stays_here(city, answer):
    assert answer("escalate", "--as-of", LATER)["fired"] > 0


def test_the_orders_mails_leave_with_the_next_round_and_only_once(city, answer):
    answer("escalate")

    first, second = answer("deliver"), answer("deliver")

    assert first["claimed"] == first["accepted"] > 0
    assert first["stopped"] is None
    assert second["claimed"] == 0


def test_a_person_reads_what_became_of_the_mails(city, luodi):
    assert luodi("deliver").stdout == (
        "0 mails were due: 0 left, 0 will be tried again, 0 were no longer owed, 0 were given up.\n"
    )
