"""Chinese and English: which one is spoken now, and how a sentence is said in it.

English is the text in the code and the templates, Chinese stands in `locales/zh_Hans/*.po`, one
file per domain. To add a sentence, write it in English inside `gettext` or `{% trans %}`, run
`python -m words.extract` and fill in the Chinese: `tests/words/test_catalogue.py` names what lacks.

Placeholders are `%(name)s` in code and templates alike; a literal percent sign is written `%%`.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
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
    return _catalogue(current_language()).gettext(message) % facts


def ngettext(singular: str, plural: str, num: int, **facts: object) -> str:
    """Say the form that fits `num`, which fills `%(num)s` too."""
    return _catalogue(current_language()).ngettext(singular, plural, num) % {"num": num, **facts}


def pgettext(context: str, message: str, **facts: object) -> str:
    """Say `message` as it is said in `context`, for one English word that has two in Chinese."""
    return _catalogue(current_language()).pgettext(context, message) % facts


def N_(message: str) -> str:  # noqa: N802 (the name that every gettext tool knows)
    """Mark a word in a table for translation; whoever reads it passes it to `gettext` then."""
    return message


def install(environment: "Environment") -> None:
    """Let templates `{% trans %}` in the language spoken while they render, in one environment."""
    environment.add_extension("jinja2.ext.i18n")
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        # Jinja fills in the placeholders itself, and escapes them in HTML.
        lambda message: _catalogue(current_language()).gettext(message),
        lambda singular, plural, n: _catalogue(current_language()).ngettext(singular, plural, n),
        newstyle=True,
        pgettext=lambda context, message: _catalogue(current_language()).pgettext(context, message),
    )


class _English(NullTranslations):
    """What is said where the Chinese is missing: English, and not in silence."""

    def gettext(self, message: str) -> str:
        return self._missed(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self._missed(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        return self._missed(message)

    def _missed(self, message: str) -> str:
        warnings.warn(f"no Chinese for {message!r}", MissingTranslation, stacklevel=5)
        return message


@cache
def _catalogue(language: Language) -> NullTranslations:
    if language is Language.EN:
        return NullTranslations()
    from babel.messages.catalog import Catalog  # noqa: PLC0415 (70 ms that English never pays)
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import read_po  # noqa: PLC0415

    # Compiled in memory, once: 40 ms for 800 sentences. A .mo file on disk would be one more
    # thing to build, to ship and to find stale.
    whole = Catalog(locale="zh_Hans")
    for path in sorted(LOCALES.glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="zh_Hans"):
                if message.id:
                    whole[message.id] = message
    compiled = BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    chinese = GNUTranslations(compiled)
    chinese.add_fallback(_English())
    return chinese
