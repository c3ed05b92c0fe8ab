"""`luodi posts`, `luodi people` and `luodi delegations`: who is who, and what a change moves."""

import pytest

ADMINISTRATOR = "lu.xiaolan@jinhua.example"
OFFICER = "shao.yiming@lanxi.example"
LEADER_OF_LANXI = ("unit_leader", "330781", "xu.guangping@lanxi.example")
DIRECTOR = "fang.zhiyuan@general-headquarters.example"
TODAY, YESTERDAY = "2026-03-02", "2026-03-01"


@pytest.fixture
def holders(answer):
    """The e-mail addresses of who holds a post, with their last days."""

    def find(role, place):
        [post] = [
            each
            for each in answer("posts", "list")
            if (each["role"], each["place"]) == (role, place)
        ]
        return {each["email"]: each["to"] for each in post["holders"]}

    return find


def test_every_post_is_listed_with_its_holders_and_those_that_nobody_holds(city, luodi, holders):
    assert holders("unit_leader", "330781") == {LEADER_OF_LANXI[2]: None}
    assert holders("unit_leader", "330727") == {}
    said = luodi("posts", "list").stdout
    assert "Lanxi" in said
    assert "nobody" in said


def test_who_is_appointed_is_listed_from_then_on(city, answer, holders):
    said = answer("posts", "appoint", "unit_leader", "330727", OFFICER, "--as", ADMINISTRATOR)

    assert said == {
        "role": "unit_leader",
        "place": "330727",
        "email": OFFICER,
        "from": TODAY,
        "to": None,
    }
    assert holders("unit_leader", "330727") == {OFFICER: None}


def test_a_place_goes_by_its_name_too_and_days_can_be_told(city, luodi, holders):
    days = ("--from", "2026-03-09", "--to", "2026-03-20")

    for place in ("磐安县", "330727"):
        said = luodi("posts", "appoint", "unit_leader", place, OFFICER, *days)
        assert "from 9 March 2026 to 20 March 2026" in said.stdout

    assert holders("unit_leader", "330727") == {OFFICER: "2026-03-20"}


def test_a_post_that_is_vacated_is_empty_at_once_or_on_the_day(city, luodi, answer, holders):
    later = answer("posts", "vacate", *LEADER_OF_LANXI, "--last-day", "2026-03-20")
    assert later["to"] == "2026-03-20"
    assert holders(*LEADER_OF_LANXI[:2]) == {LEADER_OF_LANXI[2]: "2026-03-20"}

    assert "no longer holds" in luodi("posts", "vacate", *LEADER_OF_LANXI).stdout

    assert holders(*LEADER_OF_LANXI[:2]) == {}


def test_what_waits_for_who_leaves_is_asked_of_the_superior(city, luodi, answer, number):
    answer("project", "advance", number("水晶"), "sign", "--as", "ji.chunmei@pujiang.example")
    [waiting] = answer("approvals", "list")
    assert waiting["asked"] == [DIRECTOR]

    said = luodi("people", "leave", DIRECTOR, "--as", ADMINISTRATOR)

    assert (said.exit_code, said.stderr) == (0, "")
    [waiting] = answer("approvals", "list")
    assert waiting["asked"] == ["shen.guodong@jinhua.example"]
    assert DIRECTOR not in [each["email"] for each in answer("people", "list")]


def test_people_are_listed_with_their_posts(city, luodi, answer):
    people = {each["email"]: each for each in answer("people", "list")}

    assert people["lv.jianguo@wuyi.example"] == {
        "email": "lv.jianguo@wuyi.example",
        "name": "吕建国",
        "language": "zh-Hans",
        "posts": ["unit_leader@330723", "special_team_lead@special-team-5"],
    }
    assert "吕建国" in luodi("people", "list").stdout


def test_a_stand_in_is_added_listed_and_ended(city, luodi, answer):
    before = answer("delegations", "list")
    assert [(each["holder"], each["stand_in"]) for each in before] == [
        ("ying.hongmei@yongkang.example", "hu.guanyu@yongkang.example")
    ]

    added = answer(
        *("delegations", "add", DIRECTOR, "shen.guodong@jinhua.example"),
        *("--to", "2026-03-20", "--as", DIRECTOR),
    )

    assert (added["from"], added["to"]) == (TODAY, "2026-03-20")
    assert added in answer("delegations", "list")
    assert DIRECTOR in luodi("delegations", "list").stdout
    ended = answer("delegations", "end", added["delegation"], "--as", DIRECTOR)
    assert ended == {"delegation": added["delegation"], "to": YESTERDAY}
    assert answer("delegations", "list") == before


def test_nobody_stands_in_for_anybody_is_said(seeded, luodi):
    assert "Nobody stands in" in luodi("delegations", "list").stdout


@pytest.mark.parametrize(
    "typed",
    [
        ("posts", "appoint", "unit_leader", "330727", OFFICER),
        ("posts", "vacate", *LEADER_OF_LANXI),
        ("people", "leave", OFFICER),
        ("delegations", "add", DIRECTOR, OFFICER, "--to", "2026-03-20"),
        ("delegations", "end", "1"),
    ],
)
def test_who_is_no_administrator_is_refused_and_nothing_changes(city, luodi, answer, typed):
    listings = [("posts", "list"), ("people", "list"), ("delegations", "list")]
    before = [answer(*each) for each in listings]

    refused = luodi(*typed, "--as", OFFICER)

    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "change who holds which post" in refused.stderr
    assert [answer(*each) for each in listings] == before


@pytest.mark.parametrize(
    "typed",
    [
        ("posts", "appoint", "king", "330727", OFFICER),
        ("posts", "appoint", "unit_leader", "330799", OFFICER),
        ("posts", "appoint", "unit_leader", "330727", "nobody@lanxi.example"),
        ("posts", "appoint", "unit_leader", "330727", OFFICER, "--from", "soon"),
        ("posts", "appoint", "unit_leader", "330727", OFFICER, "--to", YESTERDAY),
        ("posts", "vacate", *LEADER_OF_LANXI, "--last-day", "2026-02-27"),
        ("posts", "vacate", "unit_leader", "330781", OFFICER),
        ("people", "leave", "nobody@lanxi.example"),
        ("delegations", "add", DIRECTOR, DIRECTOR, "--to", "2026-03-20"),
        ("delegations", "add", DIRECTOR, OFFICER),
        ("delegations", "add", DIRECTOR, OFFICER, "--to", YESTERDAY),
        ("delegations", "end", "4711"),
    ],
)
def test_what_cannot_be_meant_is_bad_input_said_in_a_sentence(city, luodi, typed):
    result = luodi(*typed)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
