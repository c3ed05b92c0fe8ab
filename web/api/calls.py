"""Who calls the API, in which language they want to be answered, and as whom they act."""

from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Header
from starlette.exceptions import HTTPException
from starlette.requests import Request

from state_machines.errors import NotFound
from web.languages import accepted_language, speak
from web.same_origin import READING
from web.staff import Staff, Visit

ACTING_AS = "Luodi-Acting-As"


def call(
    visit: Staff,
    acting_as: Annotated[
        str | None,
        Header(
            alias=ACTING_AS,
            description="The e-mail address of the sample person to act as; until tokens exist.",
        ),
    ] = None,
) -> Visit:
    """Let in whom the staff's pages let in; raises `NotFound` for whom nobody can act as."""
    if language := accepted_language(visit.request):
        speak(visit.request, language)
    if acting_as is None:
        return visit
    for each in visit.people:
        if each.person.email.casefold() == acting_as.strip().casefold():
            return replace(visit, person=each.person)
    raise NotFound("person", acting_as)


def only_json(request: Request) -> None:
    """Refuse whatever a form could send: a page elsewhere has no other way to post unasked."""
    media_type, _, _ = request.headers.get("content-type", "").partition(";")
    if request.method not in READING and media_type.strip().lower() != "application/json":
        raise HTTPException(415)


Call = Annotated[Visit, Depends(call)]
