"""Text as typed: what nobody can see is dropped, what would mislead is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state_machines.errors import ValueRefused
from use_cases.typed_text import LONGEST_LINE, LONGEST_PROSE, line_typed, prose_typed


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\u3000晶澳\u3000\u00a0光伏\u3000", "晶澳 光伏"),
        ("晶\u200b澳\u2060\ufeff", "晶澳"),
        ("\U0001f469\u200d\U0001f527", "\U0001f469\U0001f527"),
        ("一号\t地块\n", "一号 地块"),
        ("Cafe\u0301", "Café"),
        ("", None),
        (None, None),
        ("\u3000\u200b\u3164\u2800", None),
    ],
)
def test_a_line_comes_clean_and_so_does_prose_of_one_line(typed, kept):
    prose = prose_typed("comment", typed)

    assert line_typed("site", typed) == kept
    assert (prose and " ".join(prose.split())) == kept


@pytest.mark.parametrize("broken", ["一\r\n二", "一\r二", "一\v二", "一\u2028二", "一\x85二"])
def test_prose_keeps_its_lines_whatever_broke_them(broken):
    assert prose_typed("comment", broken) == "一\n二"


@pytest.mark.parametrize("text", ["零\x00", "铃\x07", "反\u202e向", "左\u200e右", "\u2066a\u2069"])
def test_what_would_mislead_or_cannot_be_stored_is_refused(text):
    for read, expected in ((line_typed, "text"), (prose_typed, "prose")):
        with pytest.raises(ValueRefused) as refused:
            read("comment", text)

        assert (refused.value.expected, refused.value.value) == (expected, text)


def test_a_line_has_no_breaks():
    with pytest.raises(ValueRefused):
        line_typed("site", "一\n二")


@pytest.mark.parametrize(
    ("read", "longest"), [(line_typed, LONGEST_LINE), (prose_typed, LONGEST_PROSE)]
)
def test_only_what_is_kept_counts_as_long(read, longest):
    assert read("site", "长" * longest + "\u200b") == "长" * longest
    with pytest.raises(ValueRefused):
        read("site", "长" * (longest + 1))


@given(st.text(max_size=50))
def test_what_is_kept_once_is_kept_as_it_is_ever_after(text):
    for read in (line_typed, prose_typed):
        try:
            kept = read("site", text)
        except ValueRefused:
            continue

        assert read("site", kept) == kept
