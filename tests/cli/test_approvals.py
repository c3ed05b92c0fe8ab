"""`luodi approvals`: what waits, and for whom; an answer from the terminal."""

import pytest

OWNER = "ji.chunmei@pujiang.example"
DIRECTOR = "fang.zhiyuan@general-headquarters.example"


@pytest.fixture
def request_id(answer, number):
    """A pending request whose only approver is the director: the unit's leader owns the project."""
    return answer("project", "advance", number("水晶"), "sign", "--as", OWNER)["request"]


def test_nothing_waits_in_a_city_where_nobody_has_asked(city, luodi, answer):
    assert answer("approvals", "list") == []
    assert "Nothing waits" in luodi("approvals", "list").stdout


def test_what_waits_is_listed_with_who_is_asked(city, luodi, answer, number, request_id):
    [waiting] = answer("approvals", "list")

    assert waiting.pop("requested_at")
    assert waiting == {
        "request": request_id,
        "project": number("水晶"),
        "name": "样例·水晶工艺品升级项目",
        "move": "sign",
        "requested_by": OWNER,
        "asked": [DIRECTOR],
    }
    assert DIRECTOR in luodi("approvals", "list").stdout


def test_the_list_can_be_one_persons(city, answer, request_id):
    assert [each["request"] for each in answer("approvals", "list", "--of", DIRECTOR)] == [
        request_id
    ]
    assert answer("approvals", "list", "--of", OWNER) == []


def test_agreeing_moves_the_project_and_agreeing_again_is_harmless(
    city, answer, number, request_id
):
    approve = ("approvals", "decide", request_id, "approve", "--as", DIRECTOR)

    first, second = answer(*approve), answer(*approve)

    assert first == second == {"request": request_id, "state": "approved"}
    assert answer("project", "show", number("水晶"))["stage"] == "signed"
    assert answer("approvals", "list") == []


def test_the_opposite_answer_comes_too_late(city, luodi, answer, request_id):
    luodi("approvals", "decide", request_id, "approve", "--as", DIRECTOR)

    late = luodi("approvals", "decide", request_id, "reject", "--as", DIRECTOR, "--comment", "不")

    assert (late.exit_code, late.stdout) == (1, "")


def test_rejecting_takes_a_reason(city, luodi, answer, number, request_id):
    reject = ("approvals", "decide", request_id, "reject", "--as", DIRECTOR)

    without = luodi(*reject)
    with_reason = luodi(*reject, "--comment", "资金来源不明")

    assert (without.exit_code, without.stdout) == (2, "")
    assert (with_reason.exit_code, with_reason.stderr) == (0, "")
    assert answer("project", "show", number("水晶"))["stage"] == "negotiation"


def test_who_was_not_asked_is_not_heard(city, luodi, request_id):
    result = luodi("approvals", "decide", request_id, "approve", "--as", OWNER)

    assert (result.exit_code, result.stdout) == (1, "")


def test_a_request_that_does_not_exist_is_bad_input(city, luodi):
    result = luodi("approvals", "decide", 999, "approve", "--as", DIRECTOR)

    assert (result.exit_code, result.stdout) == (2, "")
