import io
import zipfile
from datetime import datetime

import pytest
import xlsxwriter

from tests.use_cases.importing.files import csv_table, workbook
from use_cases.importing import reading, workbooks
from use_cases.importing.problems import FileRefused
from use_cases.importing.reading import read_table

TEXT = "项目名称{0}县市区{0}阶段\n晶澳光伏{0}义乌市{0}签约\n"
ROWS = [(1, ("项目名称", "县市区", "阶段")), (2, ("晶澳光伏", "义乌市", "签约"))]


def numbered(table):
    return [(row.number, row.cells) for row in table.rows]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_is_read_whatever_program_saved_it(separator, encoding):
    assert numbered(csv_table(TEXT.format(separator), encoding)) == ROWS


def test_a_workbook_is_read_as_its_first_visible_sheet():
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        book.add_worksheet("说明").write(0, 0, "勿填")
        book.add_worksheet("项目").write_row(0, 0, ["项目名称", 5.2, True])
        book.worksheets()[1].activate()
        book.worksheets()[0].hide()

    assert numbered(read_table(content)) == [(1, ("项目名称", 5.2, True))]


def test_rows_are_numbered_as_the_spreadsheet_shows_them():
    sparse = workbook((), ("项目名称", "阶段"), (), ("晶澳光伏", "签约"))

    assert [row.number for row in read_table(sparse).rows] == [2, 4]
    assert [row.number for row in csv_table("\na,b\n\n,\nc,d\n").rows] == [2, 5]


def test_a_date_of_excel_comes_as_a_date():
    [row] = read_table(workbook(["签约", datetime(2022, 9, 21)])).rows  # noqa: DTZ001

    assert row.cells[1].isoformat()[:10] == "2022-09-21"


def test_a_formula_comes_as_its_text_and_never_as_a_stale_value():
    [row] = read_table(workbook(["投资", "=B9*10000", '=IF(A1<"b",1,2)', 7])).rows

    assert row.cells == ("投资", "=B9*10000", '=IF(A1<"b",1,2)', 7)


def test_a_formula_in_a_drop_down_is_no_formula_in_a_cell():
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        page = book.add_worksheet()
        page.write(0, 0, "阶段")
        page.data_validation(1, 0, 9, 0, {"validate": "list", "source": "=$D$1:$D$5"})

    assert numbered(read_table(content)) == [(1, ("阶段",))]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\n\n  \n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "not a table"),
        (b"\xff\xfa\xfb\xfc", "not a table"),
        (b'a,b\n"c,d\ne,f\n', "breaks off"),
        (b'a,b\n"c"d,e\n', "breaks off"),
        (b"PK\x03\x04 and then nothing", "cannot be opened"),
        (workbooks.OLE + b"\x00" * 512, "cannot be opened"),
        (workbook().getvalue(), "empty"),
        (workbook(["a", "b"]).getvalue()[:-200], "cannot be opened"),
    ],
)
def test_what_is_no_table_is_refused_with_what_to_do(content, reason):
    with pytest.raises(FileRefused, match=reason):
        read_table(io.BytesIO(content))


class _Vast(io.BytesIO):
    """200 MB, as far as anybody can tell who does not read it."""

    def seek(self, offset, whence=0):
        return 200 * 2**20 if whence == io.SEEK_END else super().seek(offset, whence)

    def read(self, *_):
        raise AssertionError("it was read")


def test_a_file_of_200_mb_is_refused_before_it_is_read():
    with pytest.raises(FileRefused, match="is the most") as refused:
        read_table(_Vast())

    assert refused.value.messages[0].values == {"size": 200, "most": 20}


def test_50_000_rows_are_fine_and_200_001_are_too_many():
    assert len(csv_table("a,b\n" * 50_000).rows) == 50_000
    with pytest.raises(FileRefused, match="more than"):
        csv_table("a,b\n" * (reading.MOST_ROWS + 1))


def rezipped(change, compression=zipfile.ZIP_DEFLATED):
    """Return a good workbook with its parts passed through `change(name, content)`."""
    content = io.BytesIO()
    with (
        zipfile.ZipFile(workbook(["a", 1])) as source,
        zipfile.ZipFile(content, "w", compression) as target,
    ):
        for name in source.namelist():
            target.writestr(name, change(name, source.read(name)))
    return content


SHEET = "xl/worksheets/sheet1.xml"


def test_a_zip_bomb_is_refused_while_it_is_closed():
    bomb = rezipped(lambda name, xml: b" " * 40 * 2**20 if name == SHEET else xml)

    with pytest.raises(FileRefused, match="Unpacked"):
        read_table(bomb)


def test_a_zip_bomb_that_lies_about_its_size_is_refused_too():
    honest = rezipped(lambda name, xml: b" " * 40 * 2**20 if name == SHEET else xml).getvalue()
    lying = honest.replace((40 * 2**20).to_bytes(4, "little"), (9000).to_bytes(4, "little"))

    assert lying != honest
    with pytest.raises(FileRefused, match="cannot be opened"):
        read_table(io.BytesIO(lying))


def test_one_stray_cell_in_the_last_corner_does_not_fill_the_memory():
    stray = io.BytesIO()
    with xlsxwriter.Workbook(stray) as book:
        page = book.add_worksheet()
        page.write(0, 0, "a")
        page.write(1_048_575, 16_383, "b")

    with pytest.raises(FileRefused, match="reaches to row"):
        read_table(stray)


def test_a_formula_whose_cell_has_no_address_is_refused_with_its_sheet():
    plain = rezipped(
        lambda name, xml: (
            xml.replace(b'<c r="B1"><v>1</v>', b"<c><f>1+1</f><v>2</v>") if name == SHEET else xml
        )
    )

    with pytest.raises(FileRefused, match="holds formulas"):
        read_table(plain)


@pytest.mark.parametrize(
    "harm",
    [
        lambda name, xml: b"<no" if name == "xl/workbook.xml" else xml,
        lambda name, xml: b"<a/>" if name == "xl/_rels/workbook.xml.rels" else xml,
        lambda name, xml: xml[:-9] if name == SHEET else xml,
    ],
)
def test_a_damaged_workbook_is_refused(harm):
    with pytest.raises(FileRefused, match="cannot be opened"):
        read_table(rezipped(harm))


def test_an_archive_that_is_no_workbook_is_refused():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")

    with pytest.raises(FileRefused, match="cannot be opened"):
        read_table(content)
