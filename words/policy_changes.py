"""What changes from one policy to another, in words."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import singledispatch

from state_machines import policy_changes as changes
from state_machines.ladder import Rung
from state_machines.stages import Stage
from state_machines.steps import Quorum, Step
from words.fields import field_label
from words.labels import label
from words.money import amount
from words.refusals import listed
from words.translations import N_, gettext

SETTINGS = {
    "name": N_("Name of the policy"),
    "major_from_yuan": N_("Major projects: investment from"),
    "two_persons_from_yuan": N_("Two distinct persons must agree: investment from"),
    "step_up_from_yuan": N_("A code is asked besides the link: investment from"),
    "link_days": N_("Working days for which a mailed link works"),
    "deadlines.remind": N_("Working days after which a step is reminded of"),
    "deadlines.step": N_("Working days after which the superior is asked besides"),
    "deadlines.request": N_("Working days after which a request expires"),
    "pauses.extensions": N_("Extensions that a project may have in a year"),
    "pauses.hold_days": N_("Working days that a project may be on hold in a year"),
    "clocks.silence": N_("Working days without progress before a project is stalled"),
    "clocks.priority_share": N_("Share of the time for projects that come first"),
    "ladder.red_at": N_("Rung at which the light turns red"),
    "material_facts": N_("Facts whose change asks again"),
    "leading_industries": N_("Leading industries"),
}
"""What the values of a policy are called, by their keys."""

_STAGE_BUDGET = "clocks.stages."


@singledispatch
def change_said(change: changes.Change) -> str:
    """Say one change. Every kind of change has a sentence."""
    raise NotImplementedError(type(change).__name__)


def steps_said(steps: Iterable[Step]) -> str:
    """Say who must agree, step by step in their order."""
    return " → ".join(map(_step, steps)) or gettext("nobody")


def _step(step: Step) -> str:
    posts = listed(map(label, step.asks))
    if step.needs is Quorum.ANY:
        posts = gettext("any one of %(posts)s", posts=posts)
    elif step.needs is not Quorum.ALL:
        posts = gettext("%(needed)d of %(posts)s", needed=step.needs, posts=posts)
    elif len(step.asks) > 1:
        posts = gettext("(%(posts)s at once)", posts=posts)
    return posts if step.veto else gettext("(%(posts)s by vote)", posts=posts)


def _changed(what: str, before: str, after: str) -> str:
    return gettext(
        "%(what)s: so far %(before)s; from now on %(after)s",
        what=what,
        before=before,
        after=after,
    )


def _added_and_dropped(what: str, added: Sequence[str], dropped: Sequence[str]) -> str:
    if not dropped:
        return gettext("%(what)s: in addition %(added)s", what=what, added=listed(added))
    if not added:
        return gettext("%(what)s: no longer %(dropped)s", what=what, dropped=listed(dropped))
    return gettext(
        "%(what)s: in addition %(added)s, no longer %(dropped)s",
        what=what,
        added=listed(added),
        dropped=listed(dropped),
    )


@change_said.register
def _(change: changes.SettingChanged) -> str:
    if change.key.startswith(_STAGE_BUDGET):
        stage = Stage(change.key.removeprefix(_STAGE_BUDGET))
        what = gettext("Working days that “%(stage)s” may take", stage=label(stage))
    else:
        what = gettext(SETTINGS[change.key])
    return _changed(what, _value(change.key, change.before), _value(change.key, change.after))


def _value(key: str, value: changes.Setting) -> str:
    match value:
        case int() if key.endswith("_yuan"):
            return amount(value)
        case (int(share), int(whole)) if key == "clocks.priority_share":
            return f"{share}/{whole}"
        case tuple():
            return listed(map(str, value)) or gettext("never")
        case StrEnum():
            return label(value)
    return str(value)


@change_said.register
def _(change: changes.ListChanged) -> str:
    said = field_label if change.key == "material_facts" else str
    added, dropped = ([said(each) for each in some] for some in (change.added, change.dropped))
    return _added_and_dropped(gettext(SETTINGS[change.key]), added, dropped)


@change_said.register
def _(change: changes.TiersChanged) -> str:
    before, after = (listed(map(_from, amounts)) for amounts in (change.before, change.after))
    return _changed(gettext("Tiers of investment"), before, after)


@change_said.register
def _(change: changes.StepsChanged) -> str:
    what = gettext(
        "Who must agree to %(subjects)s (%(amounts)s)",
        subjects=listed(f"“{label(subject)}”" for subject in change.subjects),
        amounts=_amounts(change.from_yuan, change.below_yuan),
    )
    return _changed(what, steps_said(change.before), steps_said(change.after))


def _amounts(start: int, below: int | None) -> str:
    if below is None:
        return _from(start) if start else gettext("whatever the amount")
    if not start:
        return _below(below)
    return gettext("%(start)s, %(end)s", start=_from(start), end=_below(below))


_ONE_MORE = 10**6
"""A yuan more than a round amount is how a file says “more than”."""


def _from(yuan: int) -> str:
    if yuan % _ONE_MORE == 1:
        return gettext("more than %(amount)s", amount=amount(yuan - 1))
    return gettext("from %(amount)s", amount=amount(yuan))


def _below(yuan: int) -> str:
    if yuan % _ONE_MORE == 1:
        return gettext("up to %(amount)s", amount=amount(yuan - 1))
    return gettext("below %(amount)s", amount=amount(yuan))


@change_said.register
def _(change: changes.TiersDecideChanged) -> str:
    subject = label(change.subject)
    if change.decide:
        return gettext(
            "“%(subject)s” goes by tiers: large amounts need two persons", subject=subject
        )
    return gettext(
        "“%(subject)s” goes by tiers no longer: no amount needs two persons", subject=subject
    )


@change_said.register
def _(change: changes.OverrideChanged) -> str:
    what = gettext("Who must agree besides, when a move goes against the gate")
    return _changed(what, steps_said(change.before), steps_said(change.after))


@change_said.register
def _(change: changes.SuperiorChanged) -> str:
    before, after = (
        label(role) if role else gettext("nobody") for role in (change.before, change.after)
    )
    return _changed(gettext("Superior of “%(role)s”", role=label(change.role)), before, after)


@change_said.register
def _(change: changes.GateChanged) -> str:
    what = gettext("Standards for “%(stage)s”", stage=label(change.stage))
    if change.from_yuan is not None:
        what = gettext("%(what)s (%(when)s)", what=what, when=_from(change.from_yuan))
    elif change.coming_from is not None:
        when = gettext("coming from “%(stage)s”", stage=label(change.coming_from))
        what = gettext("%(what)s (%(when)s)", what=what, when=when)
    return _added_and_dropped(what, [*map(label, change.added)], [*map(label, change.dropped)])


@change_said.register
def _(change: changes.RungChanged) -> str:
    what = gettext("Rung “%(rung)s”", rung=label(change.rung))
    before = _rung(change.before, change.place_before)
    return _changed(what, before, _rung(change.after, change.place_after))


def _rung(rung: Rung | None, place: int | None) -> str:
    if rung is None:
        return gettext("none")
    said = gettext(
        "step %(place)d, %(after)d working days after the one before, tells %(told)s",
        place=place,
        after=rung.after,
        told=listed(map(label, rung.tells)),
    )
    if not rung.only_after_told:
        return said
    return gettext("%(rung)s, once the one before was told", rung=said)
