"""`luodi doctor`: can Luodi work here, and what is still missing?"""

from datetime import UTC, datetime

import pytest
import time_machine

from cli.checks import TITLES
from db.models import PostHolder


def checks(report):
    return {each["name"]: each for each in report["checks"]}


def test_a_city_at_work_is_well_and_its_empty_posts_are_named(city, luodi, answer):
    report = answer("doctor")

    assert luodi("doctor").exit_code == 0
    assert report["ok"] is True
    assert list(checks(report)) == list(TITLES)
    assert all(set(each) == {"name", "ok", "detail"} for each in report["checks"])
    assert "Pan'an" in checks(report)["posts"]["detail"]


def test_on_the_first_day_all_posts_are_listed_the_top_first(seeded, luodi, answer):
    result = luodi("doctor")

    posts = checks(answer("doctor"))["posts"]
    assert result.exit_code == 1
    assert posts["ok"] is False
    assert posts["detail"].count(",") == 49
    assert posts["detail"].startswith("without a holder: Jinhua Administrator, Jinhua Deputy mayor")


def test_an_empty_post_whose_superior_is_empty_too_is_a_fault(city, database, luodi):
    with database.writing() as session:
        for each in session.query(PostHolder):
            if each.post.role in {"general_headquarters_director", "deputy_mayor"}:
                session.delete(each)

    assert luodi("doctor").exit_code == 1


def test_a_database_behind_the_code_is_told_to_be_upgraded(luodi, answer):
    report = answer("doctor")

    assert luodi("doctor").exit_code == 1
    assert checks(report)["database"]["ok"] is True
    assert "luodi db upgrade" in checks(report)["migrations"]["detail"]
    assert "policy" not in checks(report)


def test_a_database_without_a_policy_is_told_to_be_seeded(here, answer):
    policy = checks(answer("doctor"))["policy"]

    assert policy["ok"] is False
    assert "luodi db upgrade" in policy["detail"]


def test_a_database_out_of_reach_is_named_without_its_password(answer, luodi, monkeypatch):
    monkeypatch.setenv("LUODI_DATABASE_URL", "postgresql://me:pa55word@127.0.0.1:1/luodi")

    database = checks(answer("doctor"))["database"]

    assert (database["ok"], luodi("doctor").exit_code) == (False, 1)
    assert "127.0.0.1:1" in database["detail"]
    assert "pa55word" not in luodi("doctor").stdout


def test_wrong_settings_are_named_and_nothing_else_is_looked_at(answer, luodi, monkeypatch):
    monkeypatch.setenv("LUODI_BASE_URL", "nowhere")

    report = answer("doctor")

    assert (report["ok"], luodi("doctor").exit_code) == (False, 1)
    assert list(checks(report)) == ["settings"]
    assert "LUODI_BASE_URL" in checks(report)["settings"]["detail"]


@pytest.mark.parametrize(
    ("today", "ok", "said"),
    [
        (datetime(2026, 3, 2, tzinfo=UTC), True, "announced up to 31 December 2026"),
        (datetime(2026, 11, 25, tzinfo=UTC), True, "provisional"),
        (datetime(2027, 2, 1, tzinfo=UTC), False, "install a newer Luodi"),
    ],
)
def test_the_calendar_is_a_fault_only_in_a_year_that_nobody_has_announced(
    city, answer, today, ok, said
):
    with time_machine.travel(today, tick=False):
        calendar = checks(answer("doctor"))["calendar"]

    assert calendar["ok"] is ok
    assert said in calendar["detail"]


def test_a_secret_that_was_told_and_a_way_for_mail_are_said_but_not_shown(
    city, answer, monkeypatch
):
    monkeypatch.setenv("LUODI_SECRET_KEY", "s" * 40)
    monkeypatch.setenv("LUODI_SENDGRID_API_KEY", "SG.not-a-real-key")
    monkeypatch.setenv("LUODI_MAIL_FROM", "luodi@city.example")

    report = answer("doctor")

    assert "LUODI_SECRET_KEY" in checks(report)["secret_key"]["detail"]
    assert "luodi@city.example" in checks(report)["mail"]["detail"]
    assert "s" * 40 not in str(report)
    assert "SG." not in str(report)
