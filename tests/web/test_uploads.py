"""What is handed in is known by its content, and kept once, outside of what is served."""

import io
import zipfile
from pathlib import Path

import pytest

from state_machines.errors import ValueRefused
from web.faults import TooLarge
from web.uploads import LARGEST_FILE, clean_name, keep, media_type_of, path_of


def zipped(*names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as parts:
        for name in names:
            parts.writestr(name, "x")
    return packed.getvalue()


OFFICE = "application/vnd.openxmlformats-officedocument"
TYPES = "[Content_Types].xml"


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"%PDF-1.4", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (zipped(TYPES, "word/document.xml"), f"{OFFICE}.wordprocessingml.document"),
        (zipped(TYPES, "xl/workbook.xml"), f"{OFFICE}.spreadsheetml.sheet"),
        (zipped(TYPES, "ppt/presentation.xml"), f"{OFFICE}.presentationml.presentation"),
        (zipped("word/document.xml"), None),
        (zipped(TYPES, "evil.exe"), None),
        (b"PK\x03\x04 cut short", None),
        (b"<html><script>", None),
        (b"<svg xmlns=", None),
        (b"MZ\x90", None),
        (b"GIF89a", None),
        (b"", None),
    ],
)
def test_a_file_is_what_its_content_says(content: bytes, media_type: str | None) -> None:
    assert media_type_of(io.BytesIO(content)) == media_type


def test_the_same_content_is_kept_once_under_its_hash(tmp_path: Path) -> None:
    first = keep(io.BytesIO(b"%PDF-1"), "a.pdf", tmp_path)
    second = keep(io.BytesIO(b"%PDF-1"), "b.pdf", tmp_path)

    assert first.sha256 == second.sha256
    assert path_of(first.sha256, tmp_path).read_bytes() == b"%PDF-1"
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == [
        path_of(first.sha256, tmp_path)
    ]


def test_what_is_refused_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(ValueRefused):
        keep(io.BytesIO(b"<html>"), "a.pdf", tmp_path)
    with pytest.raises(TooLarge):
        keep(io.BytesIO(b"%PDF-" + bytes(LARGEST_FILE)), "a.pdf", tmp_path)

    assert [each for each in tmp_path.rglob("*") if each.is_file()] == []


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("合同.pdf", "合同.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\dir\\a.docx", "a.docx"),
        ("a\r\nb\u202ecod.pdf", "a__b_cod.pdf"),
        ("", "file"),
        ("...", "file"),
        ("长" * 300 + ".pdf", "长" * 116 + ".pdf"),
    ],
)
def test_a_name_is_only_a_name(name: str, clean: str) -> None:
    assert clean_name(name) == clean
