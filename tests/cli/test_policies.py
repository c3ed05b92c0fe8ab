"""`luodi policy check`: reads a file and changes nothing."""

import pytest

from use_cases.seeding.seed import DEFAULT_POLICY


def test_the_policy_that_luodi_comes_with_can_be_followed(luodi):
    result = luodi("policy", "check", DEFAULT_POLICY)

    assert (result.exit_code, result.stderr) == (0, "")
    assert "jinhua" in result.stdout


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        (lambda text: text.replace("link_days = 10", ""), "link_days"),
        (lambda text: text.replace("from_yuan = 0", "from_yuan = 5"), "tiers"),
        (lambda text: "this is no TOML", "TOML"),
    ],
    ids=["a key that is missing", "tiers that do not begin at 0", "no TOML"],
)
def test_what_cannot_be_followed_is_named(luodi, tmp_path, broken, named):
    file = tmp_path / "mine.toml"
    file.write_text(broken(DEFAULT_POLICY.read_text("utf-8")), "utf-8")

    result = luodi("policy", "check", file)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "mine.toml" in result.stderr
    assert named in result.stderr


def test_a_file_in_another_encoding_is_refused_in_a_sentence(luodi, tmp_path):
    (tmp_path / "gbk.toml").write_bytes('name = "金华"'.encode("gbk"))

    result = luodi("policy", "check", "gbk.toml")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "gbk.toml" in result.stderr
