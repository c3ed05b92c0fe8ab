import io
import zipfile

import pytest

from state_machines.facts import FACT_NAMES
from state_machines.stages import Stage
from tests.use_cases.importing.files import HEADINGS, csv_table, projects, workbook
from use_cases.importing.columns import COLUMNS
from use_cases.importing.headings import PROBLEM_HEADING, read_headings
from use_cases.importing.problems import FileRefused
from use_cases.importing.reading import read_table
from use_cases.importing.rejected import write_rejected
from use_cases.importing.rows import check
from words.fields import field_label
from words.refusals import sentence
from words.translations import Language, speaking

GOOD = ("", "晶澳光伏", "义乌市", 67, "签约", "2022-09")
NOT_FROM_A_FILE = {"funds_certified_on", "funds_certificate_until"}
"""Certifying funds is the promotion center's act."""
BY_WORDS = {
    "unit_code": "host_unit",
    "headquarters_key": "headquarters",
    "special_team_key": "special_team",
    "owner_id": "owner",
}


def headings_of(*texts):
    return read_headings(read_table(workbook(texts)))


@pytest.mark.parametrize("heading", [h for column in COLUMNS for h in column.all_headings])
def test_no_heading_means_two_columns(heading):
    assert sum(heading in column.all_headings for column in COLUMNS) == 1


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("fact", sorted(set(FACT_NAMES) - NOT_FROM_A_FILE))
def test_every_fact_can_be_imported_under_the_word_that_forms_use(fact, language):
    with speaking(language):
        word = field_label(fact)

    key = BY_WORDS.get(fact, fact)
    needed = {"name_zh": "项目名称", "host_unit": "县市区", "stage": "阶段"} | {key: word}
    assert headings_of(*needed.values()).of(key).text == word


@pytest.mark.parametrize(
    ("heading", "yuan"),
    [("总投资(亿元)", 10**8), ("总投资（万元）", 10**4), ("投资额（单位：亿元）", 10**8),
     ("Investment (CNY)", 1), ("investment_yi_yuan", 10**8), ("investment_wan_yuan", 10**4),
     ("investment_yuan", 1), ("总投资亿元", 10**8), ("* 总投资 ( 亿元 )", 10**8), ("总投资", None)],
)  # fmt: skip
def test_a_unit_in_the_heading_is_the_unit_of_its_column(heading, yuan):
    found = headings_of("项目名称", "县市区", "阶段", heading).of("investment")

    assert found.unit == yuan


def test_titles_may_stand_above_the_headings():
    table = read_table(workbook(["金华市重点招商项目表"], ["截至2022年9月"], HEADINGS, GOOD))

    checked = check(table)

    assert [(row.row, row.name_zh) for row in checked.rows] == [(4, "晶澳光伏")]


def test_unknown_headings_are_named_and_passed_over():
    checked = projects((*GOOD, "很好", 1), headings=(*HEADINGS, "备注", "序号"))

    assert checked.headings.ignored == ("备注", "序号")
    assert (len(checked.rows), checked.problems) == (1, ())


@pytest.mark.parametrize(
    ("misspelt", "nearest"),
    [("投姿额", "投资额"), ("投姿额（万元）", "投资额(万元)"), ("投姿额亿元", "投资额(亿元)"),
     ("签约日", "签约日期"), ("投资方联系", "投资方联系人"), ("investr", "investor"),
     ("Contract dat", "contract_date"), ("备注", None), ("序号", None)],
)  # fmt: skip
def test_a_misspelt_heading_is_told_the_nearest_that_is_known(misspelt, nearest):
    found = headings_of("项目名称", "县市区", "阶段", misspelt)

    assert found.ignored == (misspelt,)
    assert found.nearest(misspelt) == nearest


def test_a_heading_is_not_told_to_repeat_a_column_that_is_there():
    assert headings_of("项目", "县市区", "阶段", "项目简介").nearest("项目简介") is None


@pytest.mark.parametrize(
    ("headings", "said"),
    [
        (("项目名称", "县市区"), ["Add one headed 项目阶段 / stage"]),
        (("阶段",), ["Add one headed 项目名称 / name_zh", "Add one headed 落户县市区 / host_unit"]),
        ((*HEADINGS, "名称"), ["“项目名称” and “名称” are the same column"]),
        (("项目名称", "县市区", "阶段", "总投资(亿美元)"), ["“总投资(亿美元)” is not in yuan"]),
        (("项目名称", "县市区", "阶段", "总投资(吨)"), ["“总投资(吨)” names no unit"]),
        (("甲", "乙"), ["A column is missing"]),
    ],
)
def test_headings_that_cannot_be_read_are_all_named_at_once(headings, said):
    with pytest.raises(FileRefused) as refused:
        headings_of(*headings)

    with speaking(Language.EN):
        assert all(part in sentence(refused.value) for part in said)


def test_headings_without_rows_are_refused():
    with pytest.raises(FileRefused, match="No row follows"):
        check(read_table(workbook(HEADINGS)))


def test_a_row_says_nothing_where_its_cells_are_empty():
    [row] = projects(GOOD).rows

    assert (row.row, row.stage, row.contract_date.text) == (2, Stage.SIGNED, "2022-09")
    assert row.number is None
    assert row.marked_major is None
    assert row.industry is None


def test_a_separator_within_a_text_is_noticed():
    checked = check(csv_table("项目名称,县市区,阶段\n晶澳,光伏,义乌市,签约\n"))

    assert "4 cells under 3 headings" in _said(checked.problems[-1])
    assert (checked.rows, checked.doubtful) == ((), ())


def test_a_long_cell_is_cut_in_its_problem():
    [problem] = projects(("", "晶澳光伏", "义乌市", "很多" * 9000, "签约", "")).problems

    assert len(_said(problem)) < 200


def _said(problem):
    with speaking(Language.EN):
        return problem.message.say()


@pytest.mark.parametrize("language", Language)
def test_rejected_rows_come_back_as_they_were_with_what_is_wrong(language):
    checked = projects(GOOD, ("7", "=1+1", "义乌市", -5, "签约", 44825))

    with speaking(language):
        [titles, row] = read_table(io.BytesIO(write_rejected(checked, checked.problems))).rows
        said = [problem.message.say() for problem in checked.problems]

    assert titles.cells == (*HEADINGS, PROBLEM_HEADING)
    assert row.cells[:-1] == ("7", "=1+1", "义乌市", -5, "签约", 44825)
    assert row.cells[-1].splitlines() == [f"项目名称: {said[0]}", f"总投资(亿元): {said[1]}"]


def test_corrected_rows_go_in_again_with_the_added_column_passed_over():
    rejected = projects(("", "晶澳光伏", "义乌市", -5, "签约", ""))
    with speaking(Language.ZH_HANS):
        handed_back = read_table(io.BytesIO(write_rejected(rejected, rejected.problems)))
    titles, row = (list(each.cells) for each in handed_back.rows)
    row[3] = 5

    again = check(read_table(workbook(titles, row)))

    assert (len(again.rows), again.problems, again.headings.ignored) == (1, (), ())
    assert again.rows[0].investment == 500_000_000


def test_no_text_of_a_rejected_row_can_run_as_a_formula():
    evil = check(csv_table("项目名称,县市区,阶段\n=cmd|'/C calc'!A0,=1+1,@SUM(A1)\n"))

    with speaking(Language.EN):
        content = write_rejected(evil, evil.problems)

    # The reader shows formulas by their text too, so look into the sheet itself.
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")
