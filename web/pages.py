"""Making pages out of templates, in the reader's language."""

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.requests import Request
from starlette.responses import HTMLResponse

from db.models import ApprovalRequest
from state_machines.pauses import lack
from use_cases.typed_text import LONGEST_LINE, LONGEST_PROSE
from web.languages import language_of
from words import days
from words.fields import field_label
from words.labels import label, light_shape
from words.money import amount
from words.refusals import listed, sentence
from words.rounds import asked_in_words, step_in_words
from words.translations import Language, current_language, install, speaking

TEMPLATES = Path(__file__).with_name("templates")


def page(request: Request, template: str, *, status: int = 200, **facts: object) -> HTMLResponse:
    """Return the page; a fact that the template names and is not given is an error.

    Renders at once, so whatever the facts load is loaded within the caller's transaction.
    """
    language = language_of(request)
    with speaking(language):
        text = _environment().get_template(template).render(facts, language=language)
    return HTMLResponse(text, status_code=status, headers={"Content-Language": language})


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    install(environment)
    filters: dict[str, Callable[..., Any]] = {
        "amount": amount,
        "asked": asked_of,
        "day": days.day,
        "field_label": field_label,
        "label": label,
        "listed": listed,
        "moment": days.moment,
        "name": name_of,
        "partial": days.partial,
        "sentence": sentence,
        "shape": light_shape,
        "step_in_words": step_in_words,
    }
    environment.filters |= {name: _said_anew(each) for name, each in filters.items()}
    environment.globals |= {
        "Language": Language,
        "LONGEST_LINE": LONGEST_LINE,
        "LONGEST_PROSE": LONGEST_PROSE,
        "in_words": _requirements_in_words,
    }
    return environment


def _said_anew(say: Callable[..., Any]) -> Callable[..., Any]:
    """Let a filter speak each time: Jinja says what it can work out once, when it compiles."""

    @pass_context
    def saying(context: Context, *args: Any, **options: Any) -> Any:
        return say(*args, **options)

    return saying


def name_of(named: Any) -> str:
    """The name of a project, unit or team in the language spoken now, or the one there is."""
    zh, en = named.name_zh, named.name_en
    return str((zh or en if current_language() is Language.ZH_HANS else en or zh) or "")


def asked_of(request: ApprovalRequest) -> str:
    """What a request asks."""
    return asked_in_words(request.subject, request.before, request.after, request.terms)


def _requirements_in_words(keys: Iterable[str]) -> list[str]:
    """Say requirements that were stored by their keys."""
    return [label(lack(key)) for key in keys]
