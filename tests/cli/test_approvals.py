"""`luodi approvals`: what waits, and for whom; all that can be done about it from the terminal."""

import pytest

OWNER = "ji.chunmei@pujiang.example"
DIRECTOR = "fang.zhiyuan@general-headquarters.example"
DEPUTY_MAYOR = "shen.guodong@jinhua.example"
ADMINISTRATOR = "lu.xiaolan@jinhua.example"


@pytest.fixture
def request_id(answer, number):
    """A pending request whose only approver is the director: the unit's leader owns the project."""
    return answer("project", "advance", number("水晶"), "sign", "--as", OWNER)["request"]


def test_nothing_waits_in_a_city_where_nobody_has_asked(city, luodi, answer):
    assert answer("approvals", "list") == []
    assert "Nothing waits" in luodi("approvals", "list").stdout
    assert "Nothing was asked" in luodi("approvals", "list", "--asked-by", OWNER).stdout


def test_what_waits_is_listed_with_who_is_asked_and_until_when(
    city, luodi, answer, number, request_id
):
    [waiting] = answer("approvals", "list")

    assert waiting == {
        "request": request_id,
        "project": number("水晶"),
        "name": "样例·水晶工艺品升级项目",
        "subject": "sign",
        "before": "negotiation",
        "after": "signed",
        "terms": None,
        "state": "pending",
        "requested_by": OWNER,
        "requested_at": "2026-03-02T01:00:00Z",
        "step": 1,
        "step_count": 1,
        "asked": [DIRECTOR],
        "answer_by": "2026-03-09",
    }
    assert DIRECTOR in luodi("approvals", "list").stdout


def test_the_list_can_be_what_waits_for_one_or_what_one_has_asked(city, luodi, answer, request_id):
    def listed(*options):
        return [each["request"] for each in answer("approvals", "list", *options)]

    assert listed("--of", DIRECTOR) == [request_id]
    assert listed("--of", OWNER) == []
    assert listed("--asked-by", OWNER) == [request_id]
    assert listed("--asked-by", DIRECTOR) == []
    luodi("approvals", "withdraw", request_id, "--as", OWNER)
    assert listed() == []
    assert listed("--asked-by", OWNER) == [request_id]


def test_the_list_is_not_of_two_kinds_at_once(city, luodi):
    both = luodi("approvals", "list", "--of", DIRECTOR, "--asked-by", OWNER)

    assert (both.exit_code, both.stdout) == (2, "")
    assert "--asked-by" in both.stderr


def test_a_request_shows_who_is_asked_and_why(city, luodi, answer, request_id):
    shown = answer("approvals", "show", request_id)

    [step] = shown["steps"]
    [asked] = step["people"]
    assert (step["asks"], step["standing"]) == (["unit_leader"], "asked")
    assert (asked["person"], asked["because"]) == (DIRECTOR, "excluded")
    assert asked["post"] == "general_headquarters_director@general-headquarters"
    assert (shown["answer_by"], shown["expires_after"]) == ("2026-03-09", "2026-03-23")
    assert shown["facts"]["investment"] == 60_000_000
    said = luodi("approvals", "show", request_id).stdout
    assert "Step 1, its turn is now: Leader of the host unit" in said
    assert "it is their own matter" in said
    assert "To be answered by 9 March 2026; expires after 23 March 2026" in said


def test_a_request_asked_again_shows_the_earlier_reason_and_what_has_changed(
    city, luodi, answer, number, request_id
):
    luodi("approvals", "decide", request_id, "reject", "--as", DIRECTOR, "--comment", "资金不明")
    ask = ("project", "advance", number("水晶"), "sign", "--as", OWNER, "--reason", "已补资金证明")
    again = answer(*ask)["request"]

    shown = answer("approvals", "show", again)

    [earlier] = shown["earlier"]
    assert (earlier["request"], earlier["state"]) == (request_id, "rejected")
    assert [each["comment"] for each in earlier["answers"]] == ["资金不明"]
    assert answer("approvals", "show", request_id)["next"] == again
    assert "资金不明" in luodi("approvals", "show", again).stdout
    assert f"request {again}" in luodi("approvals", "show", request_id).stdout


def test_agreeing_moves_the_project_and_agreeing_again_is_harmless(
    city, answer, number, request_id
):
    approve = ("approvals", "decide", request_id, "approve", "--as", DIRECTOR)

    first, second = answer(*approve), answer(*approve)

    assert first == second
    assert (first["request"], first["state"], first["asked"]) == (request_id, "approved", [])
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


def test_whoever_asked_can_take_it_back_and_nobody_else(city, luodi, answer, request_id):
    others = luodi("approvals", "withdraw", request_id, "--as", DIRECTOR)

    assert (others.exit_code, others.stdout) == (1, "")
    assert answer("approvals", "withdraw", request_id, "--as", OWNER)["state"] == "withdrawn"


def test_a_question_passes_to_the_superior_with_a_reason(city, luodi, answer, request_id):
    passing = ("approvals", "reassign", request_id, "--from", DIRECTOR, "--as", DIRECTOR)

    without = luodi(*passing, "--to", DEPUTY_MAYOR)
    to_the_asker = luodi(*passing, "--to", OWNER, "--reason", "出差")
    passed = answer(*passing, "--to", DEPUTY_MAYOR, "--reason", "出差")

    assert (without.exit_code, to_the_asker.exit_code) == (2, 2)
    assert passed["asked"] == [DEPUTY_MAYOR]
    [step] = answer("approvals", "show", request_id)["steps"]
    assert [(e["person"], e["no_longer"], e["note"]) for e in step["people"]] == [
        (DIRECTOR, "reassigned", None),
        (DEPUTY_MAYOR, None, "出差"),
    ]


def test_a_nudge_is_given_once_a_working_day(city, luodi, answer, request_id):
    first = answer("approvals", "nudge", request_id, "--as", OWNER)
    second = luodi("approvals", "nudge", request_id, "--as", OWNER)

    assert first["asked"] == [DIRECTOR]
    assert (second.exit_code, second.stdout) == (1, "")
    assert answer("deliver")["accepted"] == 2


def test_a_fresh_link_goes_to_who_is_asked_and_to_nobody_else(city, luodi, answer, request_id):
    asked = luodi("approvals", "fresh-link", request_id, "--as", DIRECTOR)
    not_asked = luodi("approvals", "fresh-link", request_id, "--as", DEPUTY_MAYOR)

    assert (asked.exit_code, asked.stderr) == (0, "")
    assert (not_asked.exit_code, not_asked.stdout) == (1, "")


@pytest.mark.parametrize(("choice", "stage"), [("--confirm", "signed"), ("--annul", "negotiation")])
def test_an_answer_disowned_freezes_the_project_until_an_administrator_has_looked_into_it(
    city, luodi, answer, number, request_id, choice, stage
):
    luodi("approvals", "decide", request_id, "approve", "--as", DIRECTOR)
    disowned = luodi("approvals", "disown", request_id, "--as", DIRECTOR)
    frozen = luodi("project", "advance", number("水晶"), "start", "--as", OWNER)
    unfreeze = ("project", "unfreeze", number("水晶"), "--reason", "已与本人核实")

    not_his = luodi(*unfreeze, choice, "--as", DIRECTOR)
    undecided = luodi(*unfreeze, "--as", ADMINISTRATOR)
    shown = answer("approvals", "show", request_id)
    ended = answer(*unfreeze, choice, "--as", ADMINISTRATOR)

    assert (disowned.exit_code, disowned.stderr) == (0, "")
    assert (frozen.exit_code, not_his.exit_code, undecided.exit_code) == (1, 1, 2)
    assert [each["person"] for each in shown["freezes"]] == [DIRECTOR]
    assert ended == {
        "project": number("水晶"),
        "frozen": False,
        "annulled": choice == "--annul",
    }
    assert answer("project", "show", number("水晶"))["stage"] == stage


def test_what_nobody_answered_cannot_be_disowned(city, luodi, request_id):
    result = luodi("approvals", "disown", request_id, "--as", DIRECTOR)

    assert (result.exit_code, result.stdout) == (1, "")


@pytest.mark.parametrize(
    ("command", "more"),
    [
        ("show", ()),
        ("decide", ("approve", "--as", DIRECTOR)),
        ("withdraw", ("--as", OWNER)),
        ("nudge", ("--as", OWNER)),
        ("fresh-link", ("--as", DIRECTOR)),
        ("disown", ("--as", DIRECTOR)),
        ("reassign", ("--as", OWNER, "--from", DIRECTOR, "--to", OWNER, "--reason", "出差")),
    ],
)
@pytest.mark.parametrize("nothing", ["999", "0", "-1", "seven"])
def test_a_request_that_does_not_exist_is_bad_input(city, luodi, command, more, nothing):
    result = luodi("approvals", command, *more, "--", nothing)

    assert (result.exit_code, result.stdout) == (2, "")
    assert len(result.stderr.splitlines()) == 1
