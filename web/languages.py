"""Which language a page is in: what the reader chose, else what we know of them, else Chinese."""

from contextlib import suppress

from starlette.requests import Request

from words.translations import Language

COOKIE = "luodi_language"


def chosen_language(request: Request) -> Language | None:
    """Return what this browser chose on any of our pages, if it did."""
    with suppress(ValueError):
        return Language(request.cookies.get(COOKIE, ""))
    return None


def speak(request: Request, language: Language) -> None:
    """Let every page that answers this request, a refusal too, be in `language`."""
    request.state.language = language


def language_of(request: Request) -> Language:
    known: Language | None = getattr(request.state, "language", None)
    return known or chosen_language(request) or Language.ZH_HANS
