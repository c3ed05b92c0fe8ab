"""What was found in a policy, in words: where it stands, what is wrong, what to do."""

from collections.abc import Mapping
from functools import singledispatch

from state_machines import policy_findings as findings
from words.labels import label
from words.money import amount
from words.refusals import listed
from words.translations import gettext

Names = Mapping[str, str]
"""What units and teams are called, by code and key, in the language spoken now."""


@singledispatch
def finding_said(finding: findings.Finding, names: Names) -> str:
    """Say one finding, without its key. Every kind of finding has a sentence."""
    raise NotImplementedError(type(finding).__name__)


def _places(finding: findings.FindingToday, names: Names) -> str:
    return listed(names.get(place, place) for place in finding.places)


@finding_said.register
def _(finding: findings.AmountOutOfReach, names: Names) -> str:
    return gettext(
        "No project can reach this amount: the largest that can be entered is %(most)s."
        " Lower it, or leave it out.",
        most=amount(finding.most),
    )


@finding_said.register
def _(finding: findings.NeverAsked, names: Names) -> str:
    return gettext("No move that a gate guards leads this way, so nothing is asked. Leave it out.")


@finding_said.register
def _(finding: findings.CircleOfSuperiors, names: Names) -> str:
    return gettext(
        "The way up goes round in a circle: %(circle)s. It must end at the top; only two posts of"
        " the whole city may name each other.",
        circle=" → ".join(map(label, (*finding.circle, finding.circle[0]))),
    )


@finding_said.register
def _(finding: findings.NoSuperior, names: Names) -> str:
    return gettext(
        "“%(role)s” is asked, but has no superior to go to when nobody there may answer. Name one.",
        role=label(finding.role),
    )


@finding_said.register
def _(finding: findings.OnePostForTwo, names: Names) -> str:
    return gettext(
        "Two persons must agree here, and “%(role)s” alone is asked. Ask another post besides.",
        role=label(finding.role),
    )


@finding_said.register
def _(finding: findings.NoSuchPost, names: Names) -> str:
    return gettext(
        "There is no post “%(role)s” in: %(places)s. Found it there, or name another.",
        role=label(finding.role),
        places=_places(finding, names),
    )


@finding_said.register
def _(finding: findings.NobodyAnswers, names: Names) -> str:
    return gettext(
        "Nobody holds “%(role)s” today, nor any post above it, in: %(places)s. Fill the post.",
        role=label(finding.role),
        places=_places(finding, names),
    )


@finding_said.register
def _(finding: findings.TooFewPersons, names: Names) -> str:
    return gettext(
        "%(needed)d persons must agree, and today %(eligible)d could, in: %(places)s."
        " Ask fewer, or fill the posts.",
        needed=finding.needed,
        eligible=finding.eligible,
        places=_places(finding, names),
    )


@finding_said.register
def _(finding: findings.OnePersonForTwo, names: Names) -> str:
    return gettext(
        "Two persons must agree, and today there is only one who could, in: %(places)s."
        " Fill the posts.",
        places=_places(finding, names),
    )


@finding_said.register
def _(finding: findings.RungTellsNobody, names: Names) -> str:
    return gettext(
        "This rung has nobody to tell today in: %(places)s. The next rung would fire at once."
        " Fill the posts.",
        places=_places(finding, names),
    )
