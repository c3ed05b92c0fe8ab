"""A mail in words, and the one place where what people typed is made safe for a header."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from words.translations import Language

_BREAKS_A_LINE = {"Cc", "Zl", "Zp"}
# Bidi controls can make a subject read backwards, zero-width characters hide in a name, and half a
# surrogate pair cannot be encoded at all.
_CANNOT_BE_SEEN = {"Cf", "Cs"}
# SendGrid splits names at the first two; the others can end the name and begin an address.
_DELIMITS_A_NAME = str.maketrans(dict.fromkeys(',;"<>\\', " "))

_HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110, `token`
# SendGrid writes these itself and refuses a letter that brings its own.
_WRITTEN_BY_THE_PROVIDER = {
    *("x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type"),
    *("content-transfer-encoding", "to", "from", "subject", "reply-to", "cc", "bcc"),
}


def one_line(text: str) -> str:
    """Return `text` as one line without control, bidi or invisible characters.

    What breaks a line becomes a space, so that nothing can begin a header of its own.
    """
    kept = []
    for character in text:
        category = unicodedata.category(character)
        if category in _BREAKS_A_LINE:
            kept.append(" ")
        elif category not in _CANNOT_BE_SEEN:
            kept.append(character)
    return " ".join("".join(kept).split())


def display_name(name: str) -> str:
    """Return `name` as it can stand before an address: one line, nothing that delimits names."""
    return one_line(one_line(name).translate(_DELIMITS_A_NAME))


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """One mail to one reader, put into words.

    Names, subject and header values are cleaned here, once, so every sender may trust them.
    Raises `ValueError` for a header that its writer got wrong: no valid name, a name that belongs
    to the provider, or a value that is not ASCII (identifiers in `References` have to be).

    Neither text is part of the `repr`: they carry links, which never reach a log.
    """

    to_email: str
    to_name: str
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    language: Language
    mail_id: int
    """The id of the outbox row. The provider's events bring it back."""
    attempt: int
    """Which try of that row this is, from 1. It tells two deliveries of one mail apart."""
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Auto-Submitted, References and their like; not the subject, and no addresses."""

    def __post_init__(self) -> None:
        clean = {
            "to_email": one_line(self.to_email),
            "to_name": display_name(self.to_name),
            "subject": one_line(self.subject),
            "headers": {name: _header_value(name, value) for name, value in self.headers.items()},
        }
        for name, value in clean.items():
            object.__setattr__(self, name, value)


def _header_value(name: str, value: str) -> str:
    if not _HEADER_NAME.fullmatch(name) or name.lower() in _WRITTEN_BY_THE_PROVIDER:
        raise ValueError(f"a letter cannot bring the header {name!r}")
    clean = one_line(value)
    if not clean.isascii():
        raise ValueError(f"the value of the header {name} is not ASCII: {clean!r}")
    return clean
