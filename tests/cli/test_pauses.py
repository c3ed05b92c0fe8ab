"""`luodi project hold` and `extend`: more time is asked for, then granted by who must agree."""

import pytest

OWNER = "ji.chunmei@pujiang.example"
DIRECTOR = "fang.zhiyuan@general-headquarters.example"
BY_OWNER = ("--as", OWNER, "--reason", "投资方董事会改期")


def test_a_hold_is_asked_for_and_then_granted(city, answer, number):
    asked = answer("project", "hold", number("水晶"), "--until", "2026-03-20", *BY_OWNER)
    waiting = answer("approvals", "show", asked["request"])
    granted = answer("approvals", "decide", asked["request"], "approve", "--as", DIRECTOR)

    assert (asked["project"], asked["moved"]) == (number("水晶"), False)
    assert (waiting["subject"], waiting["terms"]) == ("hold", {"until": "2026-03-20"})
    assert waiting["asked"] == [DIRECTOR]
    assert granted["state"] == "approved"
    hold = answer("approvals", "show", asked["request"])["hold"]
    assert hold == {"until": "2026-03-20", "reason": "投资方董事会改期"}


def test_an_extension_is_asked_for_and_said_in_words(city, luodi, answer, number):
    asked = answer("project", "extend", number("水晶"), "--days", 10, *BY_OWNER)

    assert answer("approvals", "show", asked["request"])["terms"] == {"days": 10}
    assert "10 working days" in luodi("approvals", "list").stdout


@pytest.mark.parametrize(
    "typed",
    [
        ("hold", "--until", "2026-03-02"),
        ("hold", "--until", "soon"),
        ("hold", "--until", "2027-12-31"),
        ("hold",),
        ("extend", "--days", "0"),
        ("extend", "--days", "4000"),
        ("extend", "--days", "some"),
        ("extend",),
    ],
)
def test_time_that_nobody_can_have_is_bad_input(city, luodi, answer, number, typed):
    command, *options = typed

    result = luodi("project", command, number("水晶"), *options, *BY_OWNER)

    assert (result.exit_code, result.stdout) == (2, "")
    assert answer("approvals", "list") == []


def test_more_time_takes_a_reason(city, luodi, number):
    hold = luodi("project", "hold", number("水晶"), "--until", "2026-03-20", "--as", OWNER)
    extend = luodi("project", "extend", number("水晶"), "--days", 5, "--as", OWNER)

    assert (hold.exit_code, extend.exit_code) == (2, 2)


def test_a_project_that_is_not_frozen_has_nothing_to_end(city, luodi, number):
    by = ("--as", "lu.xiaolan@jinhua.example", "--reason", "已核实")

    result = luodi("project", "unfreeze", number("水晶"), "--confirm", *by)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "freeze" in result.stderr
