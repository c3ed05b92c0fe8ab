"""What a round of asking is about, and whose agreement it needs, in words."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from state_machines.approvals import Subject
from state_machines.stages import Stage
from state_machines.steps import Quorum, Step
from words.days import day
from words.labels import label
from words.refusals import listed
from words.translations import gettext


def asked_in_words(
    subject: Subject, before: Stage, after: Stage, terms: Mapping[str, Any] | None
) -> str:
    """Say what is asked: a move with its two stages, a hold with its end, an extension's days."""
    if subject is Subject.HOLD and terms:
        return gettext("On hold until %(day)s", day=day(date.fromisoformat(terms["until"])))
    if subject is Subject.EXTENSION and terms:
        return gettext(
            "“%(stage)s” extended: %(days)d working days left from the approval on",
            stage=label(before),
            days=terms["days"],
        )
    return gettext(
        "%(move)s: %(before)s → %(after)s",
        move=label(subject),
        before=label(before),
        after=label(after),
    )


def step_in_words(step: Step) -> str:
    """Say which posts a step asks, and how many of them must agree."""
    posts = listed(map(label, step.asks))
    if len(step.asks) == 1:
        return posts
    match step.needs:
        case Quorum.ALL:
            said = gettext("%(posts)s: all of them", posts=posts)
        case Quorum.ANY:
            said = gettext("%(posts)s: any one of them", posts=posts)
        case number:
            said = gettext("%(posts)s: %(number)d of them", posts=posts, number=number)
    return said if step.veto else gettext("%(step)s, by vote", step=said)
