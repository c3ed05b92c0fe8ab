"""One short sentence on the page after a click: what was done. Kept in a cookie for a minute."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from words.translations import N_

COOKIE = "luodi_said"
SECONDS = 60

SENTENCES = {
    "acting": N_("You now act as somebody else."),
    "advanced": N_("Done: the project has moved."),
    "certified": N_("Done: the funds are certified."),
    "edited": N_("Saved."),
    "evidence_added": N_("Done: the evidence has been added."),
    "note_added": N_("Done: the progress has been written down."),
    "requested": N_("Sent: those who must agree are being asked by mail."),
    "unchanged": N_("Nothing was changed, so nothing was saved."),
    "withdrawn": N_("Done: the request has been withdrawn."),
}


def go_on(where: str, said: str, *, to: str = "") -> RedirectResponse:
    """After a POST: go to a page and say what was done there. `to` is a place on that page."""
    answer = RedirectResponse(where + (f"#{to}" if to else ""), status_code=303)
    answer.set_cookie(COOKIE, said, max_age=SECONDS, httponly=True, samesite="lax")
    return answer


def project_address(number: str) -> str:
    return f"/projects/{quote(number, safe='')}"


def said_before(request: Request) -> str | None:
    """Return the sentence that the last click left for this page, in English."""
    return SENTENCES.get(request.cookies.get(COOKIE, ""))


def forget(answer: Response) -> None:
    answer.delete_cookie(COOKIE, httponly=True, samesite="lax")
