"""The guides name what is really there: the words of the pages, the headings of an import."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from use_cases.importing.columns import COLUMNS
from words.translations import Language

ROOT = Path(__file__).parents[1]
CATALOGUES = sorted((ROOT / "words" / "locales" / "zh_Hans").glob("*.po"))
GUIDES = {language: ROOT / "docs" / "guide" / f"{language}.md" for language in Language}


def words_of_the_pages(language: Language) -> list[str]:
    """Every text of ours as a regular expression: in a text, anything may stand for a value."""
    found = []
    for catalogue in CATALOGUES:
        with catalogue.open("rb") as file:
            for message in read_po(file):
                text = message.id if language is Language.EN else message.string
                singular = text[0] if isinstance(text, list | tuple) else text
                if singular:
                    parts = re.split(r"%\(\w+\)[sd]", singular)
                    found.append(".+".join(map(re.escape, parts)))
    return found


@pytest.mark.parametrize("language", Language)
def test_what_a_guide_prints_in_bold_stands_on_the_pages(language: Language) -> None:
    bold = set(re.findall(r"\*\*(.+?)\*\*", GUIDES[language].read_text()))
    known = words_of_the_pages(language)

    unknown = {each for each in bold if not any(re.fullmatch(text, each) for text in known)}

    assert len(bold) > 30
    assert unknown == set()


def test_the_guides_list_every_heading_that_an_import_reads() -> None:
    listed: set[str] = set()
    for guide in GUIDES.values():
        for line in guide.read_text().splitlines():
            if line.startswith("| "):
                listed |= {each.strip() for each in re.split(r"[|、,]", line)}

    headings = {each for column in COLUMNS for each in column.all_headings}

    assert headings - listed == set()
