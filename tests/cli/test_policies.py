"""`luodi policy`: looked over, compared, adopted and reissued, by people and by scripts."""

import json

import pytest
from sqlalchemy import func, select

from db.models import PolicyVersion, Project
from use_cases.seeding.seed import DEFAULT_POLICY

SHIPPED = DEFAULT_POLICY.read_text("utf-8")
ADMINISTRATOR = "lu.xiaolan@jinhua.example"
OWNER = "ji.chunmei@pujiang.example"
DEPUTY_MAYOR = "shen.guodong@jinhua.example"
DIRECTOR = "fang.zhiyuan@general-headquarters.example"


@pytest.fixture
def file(tmp_path, told):
    """Write a policy file: the shipped one with one rule of its text replaced."""

    def write(said="", instead=""):
        assert said in SHIPPED
        (tmp_path / "draft.toml").write_text(SHIPPED.replace(said, instead), "utf-8")
        return "draft.toml"

    return write


@pytest.fixture
def shorter(file):
    """A policy under which a lead may take two working days, not ten."""
    return file("lead = 10\n", "lead = 2\n")


def versions(database):
    with database.reading() as session:
        return session.scalars(select(func.count(PolicyVersion.id))).one()


def dues(database):
    with database.reading() as session:
        rows = session.execute(select(Project.id, Project.next_rung_at).order_by(Project.id))
        return dict(rows.all())


def test_the_policy_that_luodi_comes_with_can_be_followed(luodi):
    result = luodi("policy", "check", DEFAULT_POLICY)

    assert (result.exit_code, result.stderr) == (0, "")
    assert "jinhua" in result.stdout


def test_without_a_database_the_posts_are_not_checked_and_none_is_made(luodi, answer, tmp_path):
    result = luodi("policy", "check", DEFAULT_POLICY)

    assert "Posts were not checked" in result.stdout
    assert answer("policy", "check", DEFAULT_POLICY)["posts_checked"] is False
    assert [*tmp_path.rglob("*.db")] == []


@pytest.mark.parametrize("migrated", [True, False], ids=["never seeded", "an empty file"])
def test_a_database_that_is_not_ready_is_none(luodi, here, monkeypatch, tmp_path, migrated):
    if not migrated:
        (tmp_path / "empty.db").touch()
        monkeypatch.setenv("LUODI_DATABASE_URL", f"sqlite:///{tmp_path}/empty.db")

    result = luodi("policy", "check", DEFAULT_POLICY)

    assert result.exit_code == 0
    assert "Posts were not checked" in result.stdout


def test_in_the_sample_city_there_is_nothing_to_find(city, luodi, answer):
    result = luodi("policy", "check", DEFAULT_POLICY)

    assert (result.exit_code, result.stderr) == (0, "")
    assert "not checked" not in result.stdout
    assert answer("policy", "check", DEFAULT_POLICY) == {
        "file": str(DEFAULT_POLICY),
        "policy": "jinhua",
        "ok": True,
        "posts_checked": True,
        "findings": [],
    }


def test_what_the_city_lacks_today_is_listed_and_is_a_failure(seeded, luodi):
    result = luodi("policy", "check", DEFAULT_POLICY)

    assert (result.exit_code, result.stderr) == (1, "")
    lines = result.stdout.splitlines()
    assert all(line.startswith(f"{DEFAULT_POLICY}: ") for line in lines)
    assert any("approvals.sign.under_1bn.1" in line and "Lanxi" in line for line in lines)
    assert any("ladder.rungs.3.tells" in line for line in lines)


def test_what_is_wrong_with_the_file_itself_is_bad_input(city, luodi, file, monkeypatch):
    draft = file('intake = "unit_leader"', 'intake = "intake"')

    result = luodi("policy", "check", draft)

    assert (result.exit_code, result.stderr) == (2, "")
    assert result.stdout.startswith("draft.toml: superiors.intake: ")
    monkeypatch.setenv("LUODI_LANGUAGE", "zh-Hans")
    assert "上级关系形成循环" in luodi("policy", "check", draft).stdout


def test_a_script_reads_findings_by_kind(city, luodi, file):
    draft = file(
        'from_1bn = ["unit_leader", "general_headquarters_director"]', 'from_1bn = ["unit_leader"]'
    )

    result = luodi("policy", "check", draft, "--json")

    said = json.loads(result.stdout)
    [finding] = said["findings"]
    assert (result.exit_code, said["ok"]) == (2, False)
    assert finding.pop("message").startswith("Two persons must agree")
    assert finding == {
        "about": "file",
        "kind": "one_post_for_two",
        "key": "approvals.sign.from_1bn",
        "role": "unit_leader",
    }


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        (lambda text: text.replace("link_days = 10", ""), "link_days"),
        (lambda text: text.replace("from_yuan = 0", "from_yuan = 5"), "tiers"),
        (lambda text: "this is no TOML", "TOML"),
    ],
    ids=["a key that is missing", "tiers that do not begin at 0", "no TOML"],
)
@pytest.mark.parametrize("command", ["check", "diff"])
def test_what_cannot_be_followed_is_named(luodi, tmp_path, command, broken, named):
    file = tmp_path / "mine.toml"
    file.write_text(broken(SHIPPED), "utf-8")

    result = luodi("policy", command, file)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "mine.toml" in result.stderr
    assert f"{named}: " in result.stderr


def test_a_file_in_another_encoding_is_refused_in_a_sentence(luodi, tmp_path):
    (tmp_path / "gbk.toml").write_bytes('name = "金华"'.encode("gbk"))

    result = luodi("policy", "check", "gbk.toml")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "gbk.toml" in result.stderr


def test_a_difference_is_said_in_words(seeded, luodi, answer, shorter, monkeypatch):
    result = luodi("policy", "diff", shorter)

    assert (result.exit_code, result.stdout) == (
        0,
        "- Working days that “Lead” may take: so far 10; from now on 2\n",
    )
    monkeypatch.setenv("LUODI_LANGUAGE", "zh-Hans")
    assert luodi("policy", "diff", shorter).stdout == (
        "- “线索”阶段的工作日限额：原为 10；改为 2\n"
    )


def test_a_script_reads_differences_by_kind(seeded, answer, shorter):
    said = answer("policy", "diff", shorter)

    [change] = said["changes"]
    assert change.pop("message")
    assert change == {
        "kind": "setting_changed",
        "key": "clocks.stages.lead",
        "before": 10,
        "after": 2,
    }


def test_a_file_that_means_the_same_says_so(seeded, luodi, file):
    result = luodi("policy", "diff", file("link_days = 10", "link_days = 10 # as ever"))

    assert result.exit_code == 0
    assert "changes nothing" in result.stdout


def test_a_difference_needs_a_database_with_a_policy(here, luodi, shorter):
    result = luodi("policy", "diff", shorter)

    assert (result.exit_code, result.stdout) == (1, "")
    assert "luodi db upgrade" in result.stderr


def test_adopting_shows_first_what_changes_and_then_does_it(city, luodi, database, shorter):
    before = dues(database)

    result = luodi("policy", "adopt", shorter, "--as", ADMINISTRATOR, "--yes")

    assert (result.exit_code, result.stderr) == (0, "")
    preview, _, done = result.stdout.partition("Adopted as version 2")
    assert "“Lead” may take: so far 10; from now on 2" in preview
    assert "become due at once; nothing of that fires before 4 March 2026" in preview
    assert "luodi policy reissue" in done
    assert versions(database) == 2
    assert dues(database) != before


@pytest.mark.parametrize("said", ["n\n", "\n", ""], ids=["no", "nothing", "nobody there"])
def test_without_a_yes_nothing_is_adopted(city, luodi, database, shorter, said):
    before = dues(database)

    result = luodi("policy", "adopt", shorter, "--as", ADMINISTRATOR, said=said)

    assert result.exit_code == 1
    assert "Nothing was changed." in result.stdout
    assert (versions(database), dues(database)) == (1, before)


def test_a_yes_adopts(city, luodi, database, shorter):
    result = luodi("policy", "adopt", shorter, "--as", ADMINISTRATOR, said="y\n")

    assert result.exit_code == 0
    assert versions(database) == 2


def test_a_script_gets_the_preview_and_adopts_only_with_yes(city, answer, database, shorter):
    preview = answer("policy", "adopt", shorter, "--as", ADMINISTRATOR)
    assert (preview["adopted"], preview["version"], versions(database)) == (False, None, 1)

    adopted = answer("policy", "adopt", shorter, "--as", ADMINISTRATOR, "--yes")

    assert (adopted["adopted"], adopted["version"], versions(database)) == (True, 2, 2)
    assert adopted["effects"] == preview["effects"]
    assert adopted["effects"]["not_before"] == "2026-03-04"
    assert [change["key"] for change in adopted["changes"]] == ["clocks.stages.lead"]


def test_what_is_in_force_is_not_adopted_again(city, luodi, answer, database, file):
    for _ in range(2):
        result = luodi("policy", "adopt", file(), "--as", ADMINISTRATOR, "--yes")
        assert (result.exit_code, result.stderr) == (0, "")
        assert "in force already" in result.stdout
    assert answer("policy", "adopt", file(), "--as", ADMINISTRATOR, "--yes")["adopted"] is False
    assert versions(database) == 1


@pytest.mark.parametrize("command", [("adopt", "draft.toml"), ("reissue",)], ids=lambda c: c[0])
def test_only_an_administrator_may(city, luodi, database, shorter, command):
    result = luodi("policy", *command, "--as", DIRECTOR, "--yes")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "Your posts do not allow you" in result.stderr
    assert versions(database) == 1


@pytest.fixture
def pending(city, luodi, answer, number, file):
    """A request that waits for the director; the policy in force now asks the deputy mayor."""
    request = answer("project", "advance", number("水晶"), "sign", "--as", OWNER)["request"]
    draft = file('under_1bn = ["unit_leader"]', 'under_1bn = ["deputy_mayor"]')
    luodi("policy", "adopt", draft, "--as", ADMINISTRATOR, "--yes")
    return request


def asked(answer):
    [waiting] = answer("approvals", "list")
    return waiting["asked"]


def test_reissuing_shows_who_would_be_asked_and_asks_them_after_a_yes(luodi, answer, pending):
    result = luodi("policy", "reissue", "--as", ADMINISTRATOR, said="y\n")

    assert (result.exit_code, result.stderr) == (0, "")
    assert DIRECTOR in result.stdout
    assert DEPUTY_MAYOR in result.stdout
    assert "1 of 1 requests were asked again" in result.stdout
    assert asked(answer) == [DEPUTY_MAYOR]


def test_without_a_yes_nobody_else_is_asked(luodi, answer, pending):
    result = luodi("policy", "reissue", "--as", ADMINISTRATOR, said="n\n")

    assert result.exit_code == 1
    assert asked(answer) == [DIRECTOR]


def test_a_script_reads_what_would_become_of_each_request(answer, number, pending):
    [line] = answer("policy", "reissue", "--as", ADMINISTRATOR)

    assert line == {
        "request": pending,
        "project": number("水晶"),
        "subject": "sign",
        "asked": [DIRECTOR],
        "would_be_asked": [DEPUTY_MAYOR],
        "steps": "Deputy mayor",
        "stays": False,
        "why": None,
        "again": None,
    }
    [line] = answer("policy", "reissue", "--as", ADMINISTRATOR, "--yes")
    assert line["again"] == pending + 1
    assert answer("policy", "reissue", "--as", ADMINISTRATOR, "--yes") == []


def test_a_request_that_stays_is_named_with_its_reason(luodi, answer, pending, file):
    draft = file('under_1bn = ["unit_leader"]', "under_1bn = []")
    luodi("policy", "adopt", draft, "--as", ADMINISTRATOR, "--yes")

    result = luodi("policy", "reissue", "--as", ADMINISTRATOR, "--yes")

    assert (result.exit_code, result.stderr) == (0, "")
    assert "nobody has to agree to it" in result.stdout
    assert "0 of 1 requests" in result.stdout
    assert asked(answer) == [DIRECTOR]


def test_reissuing_where_nothing_pends_says_so(city, luodi, shorter):
    luodi("policy", "adopt", shorter, "--as", ADMINISTRATOR, "--yes")

    result = luodi("policy", "reissue", "--as", ADMINISTRATOR, "--yes")

    assert (result.exit_code, result.stderr) == (0, "")
    assert "No request pends" in result.stdout
