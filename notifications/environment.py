"""The environment that letters are rendered in: how their templates say facts in words."""

from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context

from db.queries.people import PlaceName
from notifications.mails import ProjectName
from notifications.senders.letter import one_line
from words import days
from words.facts import fact_in_words
from words.fields import field_label
from words.labels import label, light_shape
from words.money import amount
from words.refusals import listed
from words.rounds import asked_in_words
from words.translations import Language, current_language, install


def either(name: PlaceName | ProjectName) -> str:
    """The name in the language spoken now, or the one there is."""
    zh, en = name.zh, name.en
    return one_line((zh or en if current_language() is Language.ZH_HANS else en or zh) or "")


def _lines(text: str) -> list[str]:
    """What a person wrote, line by line, to be set off from what we say ourselves."""
    return [clean for line in text.splitlines() if (clean := one_line(line))]


@pass_context
def _post_name(context: Context, post: str) -> str:
    return str(context["writer"].post_name(post))


@pass_context
def _day(context: Context, value: date) -> str:
    return str(context["writer"].day(value))


@pass_context
def _what_is_asked(context: Context) -> str:
    until: date | None = context["until"]
    terms = {"until": until.isoformat()} if until else {"days": context["days"]}
    return asked_in_words(context["subject"], context["before"], context["after"], terms)


@pass_context
def _fact(context: Context, value: Any, field: str) -> str:
    return one_line(fact_in_words(field, value, context["writer"]))


@cache
def environment() -> Environment:
    """Return what renders every letter; a fact that a mail lacks is an error there."""
    found = Environment(
        loader=PackageLoader("notifications"),
        autoescape=select_autoescape(["html"], default_for_string=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    install(found)
    filters: dict[str, Callable[..., Any]] = {
        "amount": amount,
        "day": _day,
        "exact_day": days.day,
        "fact": _fact,
        "field_label": field_label,
        "label": label,
        "line": one_line,
        "listed": listed,
        "lines": _lines,
        "name": either,
        "post_name": _post_name,
        "shape": light_shape,
    }
    found.filters |= filters
    found.globals["what_is_asked"] = _what_is_asked
    return found
