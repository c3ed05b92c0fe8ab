"""One short sentence on the page after a click: what was done. Kept in a cookie for a minute."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from words.translations import N_

COOKIE = "luodi_said"
SECONDS = 60

SENTENCES = {
    "acting": N_("You now act as somebody else."),
    "answered": N_("Done: your answer is on record."),
    "advanced": N_("Done: the project has moved."),
    "certified": N_("Done: the funds are certified."),
    "ended_freeze": N_("Done: the freeze has ended, and both people are told."),
    "edited": N_("Saved."),
    "evidence_added": N_("Done: the evidence has been added."),
    "link_sent": N_("Sent: a fresh link comes to your registered address."),
    "note_added": N_("Done: the progress has been written down."),
    "nudged": N_("Sent: everybody who is still asked gets one more mail."),
    "reassigned": N_("Done: the question has been passed on."),
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


def request_address(number: str, request_id: int) -> str:
    return f"{project_address(number)}/requests/{request_id}"


def said_before(request: Request) -> str | None:
    """Return the sentence that the last click left for this page, in English."""
    return SENTENCES.get(request.cookies.get(COOKIE, ""))


def forget(answer: Response) -> None:
    answer.delete_cookie(COOKIE, httponly=True, samesite="lax")
