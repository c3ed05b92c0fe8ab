"""What commands print: tables for people, JSON for scripts."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Protocol
from unicodedata import east_asian_width

import typer

from words.translations import Language, current_language


def say(sentence: str) -> None:
    typer.echo(sentence)


def say_json(value: Any) -> None:
    """Print one JSON document, Chinese as it is."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def say_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print columns that line up, a Chinese character being two wide."""
    lines = [headings, *rows]
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (
            text + " " * (width - _width(text)) for text, width in zip(line, widths, strict=True)
        )
        typer.echo("  ".join(cells).rstrip())


def _width(text: str) -> int:
    return sum(2 if east_asian_width(each) in "FW" else 1 for each in text)


class Named(Protocol):
    name_zh: Any
    name_en: Any


def name_of(thing: Named) -> str:
    """Return a unit's, team's or project's name, in the language spoken now where it has one."""
    chinese = current_language() is Language.ZH_HANS
    names = (thing.name_zh, thing.name_en) if chinese else (thing.name_en, thing.name_zh)
    return next((str(name) for name in names if name), "")
