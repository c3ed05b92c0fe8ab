"""Mail into letter: the templates, filled in with facts, in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from functools import cache
from urllib.parse import quote, urlsplit

from css_inline import CSSInliner
from sqlalchemy.orm import Session

from db.models import LinkPurpose, Person
from db.queries.people import PlaceName, people_names, place_names
from db.queries.policies import policy_in_force
from notifications import codes
from notifications.environment import either, environment
from notifications.mails import Mail, ProjectName
from notifications.minting import PURPOSES, SECRETIVE
from notifications.senders.letter import Letter, one_line
from state_machines.posts import PostKey
from state_machines.working_days import WorkCalendar
from words import days
from words.posts import post_in_words
from words.translations import Language, speaking

PLACEHOLDER = "minted-when-opened"
"""Stands where a token or a code would, in letters that are kept."""
LONGEST_SUBJECT = 180  # bytes: 60 Chinese characters, more than any list of mails shows
_PATHS = {LinkPurpose.APPROVAL: "a", LinkPurpose.RECEIPT: "r"}
_ABOUT_THE_MAIL = {
    "Auto-Submitted": "auto-generated",  # RFC 3834: no holiday notice answers it
    "X-Auto-Response-Suppress": "All",
}


@dataclass(frozen=True)
class Writer:
    """Writes letters with what all of them share; safe for many threads."""

    base_url: str
    calendar: WorkCalendar
    places: Mapping[str, PlaceName]
    """By the unit's code or the team's key."""
    people: Mapping[int, str]
    link_days: int
    """The working days that a link in a letter works."""

    @classmethod
    def of(cls, session: Session, *, base_url: str, calendar: WorkCalendar) -> "Writer":
        """Read what the letters of a round share: all names, and the policy in force."""
        link_days = policy_in_force(session).policy.link_days
        return cls(base_url, calendar, place_names(session), people_names(session), link_days)

    def write(self, mail: Mail, *, to: Person, mail_id: int, attempt: int, secret: str) -> Letter:
        """Return the letter for `mail`; `secret` is for those that carry a link or a code.

        A fact that a template names and the mail lacks is a `jinja2.UndefinedError`.
        """
        facts = {field.name: getattr(mail, field.name) for field in fields(mail)}
        said_here = {
            "reader": one_line(to.name),
            "link_days": self.link_days,
            "code_minutes": codes.WORKS_FOR // timedelta(minutes=1),
            "projects_link": f"{self.base_url}/projects",
            "project_link": self._project_link,
            "writer": self,
        }
        if mail.kind in SECRETIVE:
            said_here["secret"] = in_place(mail.kind, self.base_url, secret)
        language = Language(to.language)
        with speaking(language):

            def part(name: str) -> str:
                template = environment().get_template(f"{mail.kind}/{name}")
                return template.render(facts, **said_here, language=language).strip()

            return Letter(
                to_email=to.email,
                to_name=to.name,
                subject=_shortened(one_line(part("subject.txt"))),
                text=part("body.txt") + "\n",
                html=_inliner().inline(part("body.html")),
                language=language,
                mail_id=mail_id,
                attempt=attempt,
                headers=self._headers(facts.get("project")),
            )

    def _headers(self, project: ProjectName | None) -> dict[str, str]:
        """All mails of a project hang on one root that was never sent, so that they thread."""
        if project is None:
            return _ABOUT_THE_MAIL
        root = f"<{project.number}@{urlsplit(self.base_url).hostname}>"
        return _ABOUT_THE_MAIL | {"References": root}

    def _project_link(self, project: ProjectName) -> str:
        return f"{self.base_url}/projects/{quote(project.number, safe='')}"

    def post_name(self, post: str) -> str:
        """A post as its holder knows it: the role, and the place unless the role names it."""
        key = PostKey.parse(post)
        place = self.places.get(key.place)
        return post_in_words(key, either(place) if place else None)

    def place(self, key: str) -> str:
        name = self.places.get(key)
        return either(name) if name else key

    def person(self, person_id: int) -> str:
        return self.people.get(person_id, str(person_id))

    def day(self, value: date) -> str:
        """A day that hangs on working days: provisional while its year is not announced."""
        return days.day(value, provisional=self.calendar.is_provisional(value))


def in_place(kind: str, base_url: str, secret: str) -> str:
    """Return how the secret of a mail stands in its letter: within a link, or by itself."""
    purpose = PURPOSES.get(kind)
    return f"{base_url}/{_PATHS[purpose]}/{secret}" if purpose else secret


def _shortened(subject: str) -> str:
    if len(subject.encode()) <= LONGEST_SUBJECT:
        return subject
    return subject.encode()[: LONGEST_SUBJECT - 3].decode(errors="ignore") + "…"


@cache
def _inliner() -> CSSInliner:
    return CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
