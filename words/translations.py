"""Chinese and English: which one is spoken now, and how a sentence is said in it.

English is the text in the code and the templates, Chinese stands in `locales/zh_Hans/*.po`, one
file per domain. To add a sentence, write it in English inside `gettext` or `{% trans %}`, run
`python -m words.extract` and fill in the Chinese: `tests/words/test_catalogue.py` names what lacks.

Placeholders are `%(name)s` in code and templates alike; a literal percent sign is written `%%`.
"""

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment  # 60 ms that whoever speaks without templates never pays

LOCALES = Path(__file__).with_name("locales") / "zh_Hans"


class Language(StrEnum):
    ZH_HANS = "zh-Hans"
    EN = "en"


class MissingTranslation(UserWarning):
    """A sentence has no Chinese yet, so its English is shown. An error in the tests."""


_language: ContextVar[Language] = ContextVar("language", default=Language.ZH_HANS)


def current_language() -> Language:
    """The language spoken now. Chinese, unless this task or thread is `speaking` another."""
    return _language.get()


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Say everything inside in `language`. Other tasks and threads keep their own."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def gettext(message: str, **facts: object) -> str:
    """Say `message` with its placeholders filled in; one without a fact is a `KeyError`."""
    return _said(message) % facts


def ngettext(singular: str, plural: str, num: int, **facts: object) -> str:
    """Say the form that fits `num`, which fills `%(num)s` too."""
    return _said(singular, plural, num) % {"num": num, **facts}


def pgettext(context: str, message: str, **facts: object) -> str:
    """Say `message` as it is said in `context`, for one English word that has two in Chinese."""
    return _said(message, context=context) % facts


def N_(message: str) -> str:  # noqa: N802 (the name that every gettext tool knows)
    """Mark a word in a table for translation; whoever reads it passes it to `gettext` then."""
    return message


def install(environment: "Environment") -> None:
    """Let templates `{% trans %}` in the language spoken while they render, in one environment."""
    environment.add_extension("jinja2.ext.i18n")
    environment.policies["ext.i18n.trimmed"] = True
    # Jinja fills in the placeholders itself, escaped in HTML: hence not `gettext` and its kin.
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        _said,
        _said,
        newstyle=True,
        pgettext=lambda context, message: _said(message, context=context),
    )


def _said(singular: str, plural: str = "", num: int = 1, *, context: str = "") -> str:
    """Return what is said, its placeholders still empty."""
    english = singular if num == 1 else plural
    if current_language() is Language.EN:
        return english
    if chinese := _chinese().get((context, singular)):
        return chinese
    warnings.warn(f"no Chinese for {english!r}", MissingTranslation, stacklevel=3)
    return english


@cache
def _chinese() -> dict[tuple[str, str], str]:
    """Read every `.po`, once: 10 ms for 800 sentences. By context and English singular."""
    said: dict[tuple[str, str], str] = {}
    for path in sorted(LOCALES.glob("*.po")):
        for entry in path.read_text("utf-8").split("\n\n"):
            parts = _parts(entry)
            # Chinese has one form, whatever the number.
            chinese = parts.get("msgstr") or parts.get("msgstr[0]")
            # The header has no msgid, and in no domain does an empty string hide another's words.
            if chinese and parts.get("msgid"):
                said[parts.get("msgctxt", ""), parts["msgid"]] = chinese
    return said


def _parts(entry: str) -> dict[str, str]:
    """Return the strings of one entry by keyword. Comments, obsolete entries included, are left.

    Babel's own reader costs every process 0.1 s to import; a test holds the two against each other.
    """
    parts: dict[str, str] = {}
    keyword = ""
    for line in entry.splitlines():
        before, quote, rest = line.partition('"')
        if line.startswith("#") or not quote:
            continue
        keyword = before.strip() or keyword
        parts[keyword] = parts.get(keyword, "") + json.loads(quote + rest)
    return parts
