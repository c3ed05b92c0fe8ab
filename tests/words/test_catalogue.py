"""Everything Luodi says has its Chinese: compares each domain's source with its `.po`."""

import re
from collections import defaultdict

import pytest
from babel.messages.catalog import Catalog, Message
from jinja2 import TemplateSyntaxError

from words import extract
from words.translations import gettext, pgettext

PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%%")
NAME = re.compile(r"%\((\w+)\)")

domain = pytest.mark.parametrize("domain", extract.DOMAINS)


def forms(text: object) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def messages(catalogue: Catalog) -> dict[tuple[str, str | None], Message]:
    return {(forms(m.id)[0], m.context): m for m in catalogue if m.id}


def placeholders(text: str) -> list[str]:
    return sorted(PLACEHOLDER.findall(text))


@domain
def test_everything_said_has_its_chinese(domain):
    chinese = messages(extract.translated(domain))
    said = messages(extract.said_in(domain))

    lacking = [key for key in said if key not in chinese or not all(forms(chinese[key].string))]

    assert lacking == [], f"run python -m words.extract {domain}, then fill in {domain}.po"


@domain
def test_the_chinese_is_heard_as_babel_reads_it(domain):
    translated = messages(extract.translated(domain)).items()
    written = {key: forms(m.string)[0] for key, m in translated if all(forms(m.string))}
    heard = {}
    for (english, context), chinese in written.items():
        facts = dict.fromkeys(NAME.findall(chinese), 5)
        heard[english, context] = (
            pgettext(context, english, **facts) if context else gettext(english, **facts)
        )

    assert heard == {k: chinese % defaultdict(lambda: 5) for k, chinese in written.items()}


@domain
def test_no_chinese_is_a_guess(domain):
    assert [m.id for m in messages(extract.translated(domain)).values() if m.fuzzy] == []


@domain
def test_no_chinese_is_left_over(domain):
    catalogue = extract.translated(domain)

    assert list(catalogue.obsolete) == []
    assert messages(catalogue).keys() - messages(extract.said_in(domain)).keys() == set()


@domain
def test_the_chinese_has_the_same_placeholders(domain):
    translated = messages(extract.translated(domain)).values()

    differing = [
        (m.id, text)
        for m in translated
        for text in forms(m.string)
        if text and placeholders(text) != placeholders(forms(m.id)[-1])
    ]

    assert differing == []


@domain
def test_the_chinese_is_punctuated_as_chinese(domain):
    beside_a_character = re.compile(
        r"[\u4e00-\u9fff\u201d][\x28\x29,;:?!]|[\x28\x29,;:?!][\u4e00-\u9fff\u201c]"
    )
    texts = [t for m in messages(extract.translated(domain)).values() for t in forms(m.string)]

    assert [text for text in texts if beside_a_character.search(text)] == []


def test_one_sentence_is_said_one_way_in_all_domains():
    said: dict[tuple[str, str | None], set[tuple[str, ...]]] = {}
    for each in extract.DOMAINS:
        for key, message in messages(extract.translated(each)).items():
            if all(forms(message.string)):
                said.setdefault(key, set()).add(tuple(forms(message.string)))

    assert {key: ways for key, ways in said.items() if len(ways) > 1} == {}


@pytest.fixture
def page(tmp_path):
    """The only page of a project that says nothing else."""
    for folder in ("web", "words/locales/zh_Hans"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path / "web" / "page.html"


def test_a_template_that_does_not_parse_fails_instead_of_going_unsaid(page, tmp_path):
    page.write_text("{% trans %}never ended")

    with pytest.raises(TemplateSyntaxError):
        extract.said_in("pages", tmp_path)


def test_updating_keeps_the_chinese_and_drops_what_is_no_longer_said(page, tmp_path):
    page.write_text("{% trans %}Yes{% endtrans %} {{ gettext('No') }}")
    extract.update("pages", tmp_path)
    po = tmp_path / "words/locales/zh_Hans/pages.po"
    po.write_text(po.read_text().replace('msgid "Yes"\nmsgstr ""', 'msgid "Yes"\nmsgstr "是"'))

    page.write_text("{% trans %}Yes{% endtrans %} {{ gettext('Perhaps') }}")
    extract.update("pages", tmp_path)

    said = messages(extract.translated("pages", tmp_path)).values()
    assert {m.id: m.string for m in said} == {"Yes": "是", "Perhaps": ""}
