"""Who sits in front of a staff page: until there is a sign-in, a sample person of their choice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends
from itsdangerous import BadSignature, URLSafeSerializer
from starlette.requests import Request

from db.models import Person
from db.queries.people import Someone, sample_people
from runtime.opening import Runtime
from runtime.settings import Settings
from state_machines.posts import Role
from state_machines.working_days import local_day
from web.faults import NobodyToActAs
from web.languages import chosen_language, speak
from web.loopback import NotFromHere, is_from_here
from words.translations import Language

COOKIE = "luodi_acting_as"


@dataclass(frozen=True)
class Visit:
    """One request of a staff member: what it needs, and when it was made."""

    request: Request
    runtime: Runtime
    now: datetime
    person: Person | None
    """Whom they act as; None while there is nobody."""
    people: Sequence[Someone]
    """Whom they could act as."""

    @property
    def by(self) -> int:
        """The person who acts; raises `NobodyToActAs`."""
        if self.person is None:
            raise NobodyToActAs
        return self.person.id


def visit(request: Request) -> Visit:
    """Let in whoever sits at this machine; raises `NotFromHere`.

    Nobody chosen means the first case officer there is, so that the first page is a page.
    """
    runtime: Runtime = request.app.state.runtime
    if not is_from_here(request, runtime.settings):
        raise NotFromHere
    now = runtime.now()
    with runtime.database.reading() as session:
        people = sample_people(session, local_day(now))
    person = _chosen(request, runtime.settings, people) or _first(people)
    language = chosen_language(request)
    if language is None and person is not None:
        language = Language(person.language)
    if language is not None:
        speak(request, language)
    return Visit(request, runtime, now, person, people)


Staff = Annotated[Visit, Depends(visit)]


def choice_cookie(settings: Settings, person_id: int) -> str:
    """Return the value of the cookie that says who was chosen; nobody else can make it."""
    return _signer(settings).dumps(person_id)


def _chosen(request: Request, settings: Settings, people: Sequence[Someone]) -> Person | None:
    try:
        person_id = _signer(settings).loads(request.cookies.get(COOKIE, ""))
    except BadSignature:
        return None
    return next((each.person for each in people if each.person.id == person_id), None)


def _first(people: Sequence[Someone]) -> Person | None:
    officers = [
        each for each in people if any(post.role is Role.CASE_OFFICER for post in each.posts)
    ]
    return next((each.person for each in [*officers, *people]), None)


def _signer(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret_key.get_secret_value(), salt="acting-as")
