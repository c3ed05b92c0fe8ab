"""`luodi import`: what went in, what did not and why, and nothing twice."""

import json

import pytest

from use_cases.importing.reading import read_table
from use_cases.samples.press import PRESS

GOOD = "name_zh,host_unit,stage,投资额(亿元)\n甲项目,义乌市,签约,52\n乙项目,兰溪市,在谈,3\n"
BAD = GOOD + "丙项目,火星,签约,1\n丁项目,永康市,飞翔,1\n"


def names_in(to_correct):
    with to_correct.open("rb") as workbook:
        heading, *rows = read_table(workbook).rows
    assert heading.cells[:3] == ("name_zh", "host_unit", "stage")
    return [row.cells[0] for row in rows]


@pytest.fixture
def file(tmp_path):
    def write(text):
        (tmp_path / "projects.csv").write_text(text, "utf-8")
        return "projects.csv"

    return write


def test_the_press_goes_in_whole_and_a_second_time_changes_nothing(seeded, luodi):
    first, second = (json.loads(luodi("import", PRESS, "--json").stdout) for _ in range(2))

    assert first == {"created": 45, "updated": 0, "unchanged": 0, "rejected": []}
    assert second == {"created": 0, "updated": 0, "unchanged": 45, "rejected": []}


def test_rejected_rows_are_all_named_and_the_others_go_in(seeded, luodi, answer, file):
    result = json.loads(luodi("import", file(BAD), "--json").stdout)

    assert (result["created"], result["updated"], result["unchanged"]) == (2, 0, 0)
    assert [(each["row"], each["column"]) for each in result["rejected"]] == [
        (4, "host_unit"),
        (5, "stage"),
    ]
    assert all(each["message"] for each in result["rejected"])
    assert len(answer("project", "list")) == 2


@pytest.mark.parametrize("as_json", [[], ["--json"]])
@pytest.mark.usefixtures("seeded")
def test_the_exit_code_says_whether_every_row_went_in(luodi, file, as_json):
    bad, good = (luodi("import", file(text), *as_json) for text in (BAD, GOOD))

    assert (bad.exit_code, good.exit_code) == (2, 0)
    assert good.stderr == ""


def test_a_person_reads_what_is_wrong_row_by_row(seeded, luodi, file):
    said = luodi("import", file(BAD)).stdout

    assert "2 created, 0 updated, 0 unchanged, 2 rejected." in said
    assert "火星" in said


@pytest.mark.parametrize("as_json", [[], ["--json"]])
@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Headings not understood, so these columns were not imported:"
         " “投姿额(亿元)” (did you mean “投资额(亿元)”?), “备注”."),
        ("zh-Hans", "下列表头未能识别，相应各列未予导入："
         "“投姿额(亿元)”（是否应为“投资额(亿元)”）、“备注”。"),
    ],
)  # fmt: skip
def test_a_column_that_is_not_understood_is_not_lost_without_a_word(
    seeded, luodi, file, monkeypatch, as_json, language, sentence
):
    monkeypatch.setenv("LUODI_LANGUAGE", language)
    text = "name_zh,host_unit,stage,投姿额(亿元),备注,备注\n甲项目,义乌市,签约,52,,\n"

    result = luodi("import", file(text), *as_json)

    assert (result.exit_code, result.stderr) == (0, sentence + "\n")
    if as_json:
        assert json.loads(result.stdout) == {
            "created": 1, "updated": 0, "unchanged": 0, "rejected": []
        }  # fmt: skip


@pytest.mark.parametrize(("as_json", "where"), [([], "stdout"), (["--json"], "stderr")])
def test_the_rows_to_correct_are_written_beside_the_file_and_it_is_said_where(
    seeded, luodi, file, tmp_path, as_json, where
):
    file(BAD)

    result = luodi("import", tmp_path / "projects.csv", *as_json)

    beside = tmp_path / "projects-rejected.xlsx"
    said = getattr(result, where).splitlines()[-1]
    assert said == f"The rows to correct were written to {beside}."
    assert names_in(beside) == ["丙项目", "丁项目"]


def test_a_file_that_somebody_may_be_correcting_is_not_written_over(seeded, luodi, file, tmp_path):
    luodi("import", file(BAD))
    first = (tmp_path / "projects-rejected.xlsx").read_bytes()

    luodi("import", "projects-rejected.xlsx")

    assert (tmp_path / "projects-rejected.xlsx").read_bytes() == first
    assert names_in(tmp_path / "projects-rejected-2.xlsx") == ["丙项目", "丁项目"]


def test_where_nothing_can_be_written_beside_the_file_the_good_rows_go_in_all_the_same(
    seeded, luodi, answer, tmp_path
):
    longest = "n" * 250 + ".csv"  # no folder takes a longer name
    (tmp_path / longest).write_text(BAD, "utf-8")

    result = luodi("import", longest)

    assert result.exit_code == 2
    assert "add --rejected OUT.xlsx" in result.stdout
    assert len(answer("project", "list")) == 2


def test_the_rejected_rows_come_back_as_a_file_to_correct(seeded, luodi, file, tmp_path):
    said = luodi("import", file(BAD), "--rejected", "out.xlsx").stdout

    assert "out.xlsx" in said
    assert names_in(tmp_path / "out.xlsx") == ["丙项目", "丁项目"]
    assert not (tmp_path / "projects-rejected.xlsx").exists()


def test_no_file_to_correct_is_written_where_nothing_is_to_be_corrected(
    seeded, luodi, file, tmp_path
):
    luodi("import", file(GOOD), "--rejected", "out.xlsx")
    luodi("import", file(GOOD))

    assert [each.name for each in tmp_path.glob("*.xlsx")] == []


def test_where_the_file_to_correct_cannot_be_written_nothing_goes_in(seeded, luodi, answer, file):
    result = luodi("import", file(BAD), "--rejected", "no/such/folder/out.xlsx")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "out.xlsx" in result.stderr
    assert answer("project", "list") == []


def test_a_file_that_is_no_table_is_one_sentence_and_nothing_goes_in(seeded, luodi, answer, file):
    result = luodi("import", file("nothing that is known\n1\n"), "--json")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.strip()
    assert answer("project", "list") == []


def test_clocks_start_today_unless_the_dates_of_the_file_are_asked_for(seeded, answer, file):
    text = "name_zh,host_unit,stage,签约日期\n{},义乌市,签约,2024-05-06\n"

    answer("import", file(text.format("甲项目")))
    answer("import", file(text.format("乙项目")), "--clock", "dates")

    assert [each["light"] for each in answer("project", "list")] == ["green", "red"]


def test_a_city_s_first_night_can_be_spread_over_working_days(seeded, answer, file):
    rows = "".join(f"项目{n},义乌市,线索\n" for n in range(4))

    answer("import", file("name_zh,host_unit,stage\n" + rows), "--spread", "4")

    due = {
        answer("project", "show", each["number"])["next_rung_at"]
        for each in answer("project", "list")
    }
    assert len(due) == 4


def test_who_imports_is_on_record_and_has_to_exist(city, luodi, answer, file):
    stranger = luodi("import", file(GOOD), "--as", "nobody@nowhere.example")
    answer("import", file(GOOD), "--as", "lu.xiaolan@jinhua.example")

    [ours] = [each for each in answer("project", "list") if each["name_zh"] == "甲项目"]
    [entered] = answer("project", "show", ours["number"])["history"]
    assert (stranger.exit_code, stranger.stdout) == (2, "")
    assert "nobody@nowhere.example" in stranger.stderr
    assert entered["by"] == "lu.xiaolan@jinhua.example"
