"""Mail into letter: the templates, filled in with facts, in the reader's language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import quote, urlsplit

from css_inline import CSSInliner
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context
from sqlalchemy.orm import Session

from db.models import Person
from db.queries.people import PlaceName, place_names
from db.queries.policies import policy_in_force
from notifications.mails import Mail, ProjectName
from notifications.senders.letter import Letter, one_line
from state_machines.posts import GENERAL_HEADQUARTERS, MUNICIPALITY, PROMOTION_CENTER, PostKey
from state_machines.working_days import WorkCalendar
from words import days
from words.labels import label, light_shape
from words.money import amount
from words.refusals import listed
from words.translations import Language, current_language, gettext, install, speaking

PLACEHOLDER = "minted-when-opened"
"""Stands where a token would, in letters that are kept."""
LONGEST_SUBJECT = 180  # bytes: 60 Chinese characters, more than any list of mails shows
_ONE_OF_A_KIND = {GENERAL_HEADQUARTERS, MUNICIPALITY, PROMOTION_CENTER}
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
    link_days: int
    """The working days that a link in a letter works."""

    @classmethod
    def of(cls, session: Session, *, base_url: str, calendar: WorkCalendar) -> "Writer":
        """Read what the letters of a round share: the places' names and the policy in force."""
        link_days = policy_in_force(session).policy.link_days
        return cls(base_url, calendar, place_names(session), link_days)

    def write(self, mail: Mail, *, to: Person, mail_id: int, attempt: int, token: str) -> Letter:
        """Return the letter for `mail`. `token` is used by the mails that ask, and by no other.

        A fact that a template names and the mail lacks is a `jinja2.UndefinedError`.
        """
        facts = {field.name: getattr(mail, field.name) for field in fields(mail)}
        said_here = {
            "reader": one_line(to.name),
            "link_days": self.link_days,
            "approval_link": approval_link(self.base_url, token),
            "projects_link": f"{self.base_url}/projects",
            "project_link": self._project_link,
            "writer": self,
        }
        language = Language(to.language)
        with speaking(language):

            def part(name: str) -> str:
                template = _environment().get_template(f"{mail.kind}/{name}")
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
        if place is None or key.place in _ONE_OF_A_KIND:
            return label(key.role)
        return gettext("%(role)s (%(place)s)", role=label(key.role), place=_either(place))

    def day(self, value: date) -> str:
        """A day, said to be provisional if its year is not announced yet."""
        return days.day(value, provisional=self.calendar.is_provisional(value))


def approval_link(base_url: str, token: str) -> str:
    return f"{base_url}/a/{token}"


def _either(name: PlaceName | ProjectName) -> str:
    """The name in the language spoken now, or the one there is."""
    zh, en = name.zh, name.en
    return one_line((zh or en if current_language() is Language.ZH_HANS else en or zh) or "")


def _lines(text: str) -> list[str]:
    """What a person wrote, line by line, to be set off from what we say ourselves."""
    return [clean for line in text.splitlines() if (clean := one_line(line))]


def _shortened(subject: str) -> str:
    if len(subject.encode()) <= LONGEST_SUBJECT:
        return subject
    return subject.encode()[: LONGEST_SUBJECT - 3].decode(errors="ignore") + "…"


@pass_context
def _post_name(context: Context, post: str) -> str:
    return str(context["writer"].post_name(post))


@pass_context
def _day(context: Context, value: date) -> str:
    return str(context["writer"].day(value))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("notifications"),
        autoescape=select_autoescape(["html"], default_for_string=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    install(environment)
    filters: dict[str, Callable[..., Any]] = {
        "amount": amount,
        "day": _day,
        "label": label,
        "line": one_line,
        "listed": listed,
        "lines": _lines,
        "name": _either,
        "post_name": _post_name,
        "shape": light_shape,
    }
    environment.filters |= filters
    return environment


@cache
def _inliner() -> CSSInliner:
    return CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
