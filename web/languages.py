"""Which language a page is in: what the reader chose, else what we know of them, else Chinese."""

from contextlib import suppress

from starlette.requests import Request

from words.translations import Language

COOKIE = "luodi_language"
_BY_TAG = {"zh": Language.ZH_HANS, "en": Language.EN}


def chosen_language(request: Request) -> Language | None:
    """Return what this browser chose on any of our pages, if it did."""
    with suppress(ValueError):
        return Language(request.cookies.get(COOKIE, ""))
    return None


def accepted_language(request: Request) -> Language | None:
    """Return the one of our languages that the caller likes best, if `Accept-Language` says one.

    Any Chinese is ours, as is any English.
    """
    liked: dict[Language, float] = {}
    for each in request.headers.get("accept-language", "").split(","):
        tag, _, weight = each.partition(";q=")
        language = _BY_TAG.get(tag.strip().lower().partition("-")[0])
        with suppress(ValueError):
            likes = float(weight or 1)
            if language and likes > 0:
                liked[language] = max(likes, liked.get(language, 0))
    return max(liked, key=lambda language: liked[language], default=None)


def speak(request: Request, language: Language) -> None:
    """Let every page that answers this request, a refusal too, be in `language`."""
    request.state.language = language


def language_of(request: Request) -> Language:
    known: Language | None = getattr(request.state, "language", None)
    return known or chosen_language(request) or Language.ZH_HANS
