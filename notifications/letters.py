"""Mail into letter: the templates, filled in with facts, in the reader's language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from functools import cache
from typing import Any
from urllib.parse import quote, urlsplit

from css_inline import CSSInliner
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context
from sqlalchemy.orm import Session

from db.models import LinkPurpose, Person
from db.queries.people import PlaceName, people_names, place_names
from db.queries.policies import policy_in_force
from notifications import codes
from notifications.mails import Mail, ProjectName
from notifications.minting import PURPOSES, SECRETIVE
from notifications.senders.letter import Letter, one_line
from state_machines.posts import GENERAL_HEADQUARTERS, MUNICIPALITY, PROMOTION_CENTER, PostKey
from state_machines.working_days import WorkCalendar
from words import days
from words.facts import fact_in_words
from words.fields import field_label
from words.labels import label, light_shape
from words.money import amount
from words.refusals import listed
from words.rounds import asked_in_words
from words.translations import Language, current_language, gettext, install, speaking

PLACEHOLDER = "minted-when-opened"
"""Stands where a token or a code would, in letters that are kept."""
LONGEST_SUBJECT = 180  # bytes: 60 Chinese characters, more than any list of mails shows
_ONE_OF_A_KIND = {GENERAL_HEADQUARTERS, MUNICIPALITY, PROMOTION_CENTER}
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

    def place(self, key: str) -> str:
        name = self.places.get(key)
        return _either(name) if name else key

    def person(self, person_id: int) -> str:
        return self.people.get(person_id, str(person_id))

    def day(self, value: date) -> str:
        """A day that hangs on working days: provisional while its year is not announced."""
        return days.day(value, provisional=self.calendar.is_provisional(value))


def in_place(kind: str, base_url: str, secret: str) -> str:
    """Return how the secret of a mail stands in its letter: within a link, or by itself."""
    purpose = PURPOSES.get(kind)
    return f"{base_url}/{_PATHS[purpose]}/{secret}" if purpose else secret


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


@pass_context
def _what_is_asked(context: Context) -> str:
    until: date | None = context["until"]
    terms = {"until": until.isoformat()} if until else {"days": context["days"]}
    return asked_in_words(context["subject"], context["before"], context["after"], terms)


@pass_context
def _fact(context: Context, value: Any, field: str) -> str:
    return one_line(fact_in_words(field, value, context["writer"]))


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
        "exact_day": days.day,
        "fact": _fact,
        "field_label": field_label,
        "label": label,
        "line": one_line,
        "listed": listed,
        "lines": _lines,
        "name": _either,
        "post_name": _post_name,
        "shape": light_shape,
    }
    environment.filters |= filters
    environment.globals["what_is_asked"] = _what_is_asked
    return environment


@cache
def _inliner() -> CSSInliner:
    return CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
