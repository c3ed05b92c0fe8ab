"""Text as people type and paste it, cleaned one way wherever it comes in: pages and files.

Chinese input methods, Word and chat programs leave full-width blanks, zero-width marks and joined
emoji behind. Nobody sees them, so nobody is refused for them.
"""

import re
import unicodedata

from state_machines.errors import ValueRefused

LONGEST_LINE, LONGEST_PROSE = 500, 5000
"""In characters, after cleaning; the boxes on the pages take as much."""

_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_FILLERS = "\u115f\u1160\u2800\u3164\uffa0"  # letters by their category that show nothing
_BREAKS = re.compile("\r\n|[\r\v\f\u0085\u2028\u2029]")  # Word's soft break is \v


def one_line(text: str) -> str:
    """Return text without what nobody can see, runs of blanks of any kind as one space.

    What may not be kept stays in it, for the caller to refuse by name.
    """
    return re.sub(" +", " ", _plain(text))


def turns_direction(text: str) -> bool:
    """Say whether hidden marks make the text read otherwise than it is written."""
    return bool(_BIDI.search(text))


def without_direction(text: str) -> str:
    return _BIDI.sub("", text)


def line_typed(field: str, text: str | None) -> str | None:
    """Return one line as it is to be kept, None if it says nothing.

    Raises `ValueRefused` for a line break, a control character, a mark that turns the reading
    direction, and for more than `LONGEST_LINE`.
    """
    line = one_line(text or "")
    if len(line) > LONGEST_LINE or not line.isprintable():
        raise ValueRefused(field, "text", text)
    return line or None


def prose_typed(field: str, text: str | None) -> str | None:
    """Return text of several lines as it is to be kept, None if it says nothing.

    Raises `ValueRefused` as `line_typed` does, but for line breaks, and beyond `LONGEST_PROSE`.
    PostgreSQL refuses the first of the control characters, and readers never see any.
    """
    prose = _plain(_BREAKS.sub("\n", text or ""))
    if len(prose) > LONGEST_PROSE or not prose.replace("\n", "").isprintable():
        raise ValueRefused(field, "prose", text)
    return prose or None


def _plain(text: str) -> str:
    shown = "".join(
        " " if _is_blank(each) else each
        for each in text
        if unicodedata.category(each) != "Cf" or _BIDI.match(each)
    )
    return unicodedata.normalize("NFC", shown).strip()


def _is_blank(character: str) -> bool:
    return character == "\t" or character in _FILLERS or unicodedata.category(character) == "Zs"
