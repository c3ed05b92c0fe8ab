"""Every refusal as one clear sentence: what is wrong, and what to do about it."""

from collections.abc import Iterable
from functools import singledispatch
from typing import TYPE_CHECKING

from state_machines import errors
from words.fields import expectation, field_label
from words.labels import label
from words.policy_faults import POLICY_EXPECTS
from words.translations import N_, Language, current_language, gettext

if TYPE_CHECKING:
    from state_machines.policy_faults import Fault  # and pydantic with it, which help never pays

LONGEST_QUOTE = 60

KINDS = {
    "delegation": N_("delegation"),
    "evidence": N_("evidence"),
    "freeze": N_("freeze"),
    "holder": N_("holder of this post"),
    "mail": N_("mail"),
    "person": N_("person"),
    "policy": N_("policy"),
    "post": N_("post"),
    "project": N_("project"),
    "request": N_("approval request"),
}
"""What can be looked for in vain (`NotFound.kind`)."""

ACTS = {
    "add_evidence": N_("add evidence to this project"),
    "add_note": N_("report progress of this project"),
    "adopt_policy": N_("adopt a policy"),
    "advance": N_("move this project on"),
    "certify_funds": N_("certify funds"),
    "ask_for_extension": N_("ask for more time for this project"),
    "ask_for_hold": N_("ask for a hold of this project"),
    "edit": N_("change this project"),
    "end_freeze": N_("end the freeze of this project"),
    "manage_people": N_("change who holds which post"),
    "nudge": N_("nudge those who are asked"),
    "reassign": N_("pass this question on"),
    "reissue_requests": N_("move requests to another policy"),
    "withdraw": N_("withdraw this request"),
}
"""What a person's posts can fail to allow (`NotAllowed.act`)."""


@singledispatch
def sentence(refusal: errors.Refusal) -> str:
    """Say one refusal in the language spoken now. Every kind of refusal has a sentence."""
    raise NotImplementedError(type(refusal).__name__)


def listed(words: Iterable[str]) -> str:
    """Several words in a row, separated as the language spoken now does it."""
    return ("、" if current_language() is Language.ZH_HANS else ", ").join(words)


def _quoted(value: object) -> str:
    """What somebody wrote, on one line, never a whole novel, and turning no sentence around."""
    text = "".join(filter(str.isprintable, " ".join(str(value).split())))
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}…"


@sentence.register
def _(refusal: errors.NotFound) -> str:
    return gettext(
        "There is no %(kind)s “%(key)s”, or it is not yours to see. Check it and try again.",
        kind=gettext(KINDS[refusal.kind]),
        key=refusal.key,
    )


@sentence.register
def _(refusal: errors.IllegalMove) -> str:
    return gettext(
        "“%(move)s” is not possible now: the state is “%(state)s”. Look again at what is possible.",
        move=label(refusal.move),
        state=label(refusal.state),
    )


@sentence.register
def _(refusal: errors.GateNotMet) -> str:
    return gettext(
        "The project cannot enter “%(stage)s” yet. Still missing: %(missing)s."
        " Fill this in, then try again.",
        stage=label(refusal.stage),
        missing=listed(map(label, refusal.missing)),
    )


@sentence.register
def _(refusal: errors.ValueRefused) -> str:
    if refusal.value is None:
        return gettext(
            "%(field)s: what is needed is %(expected)s.",
            field=field_label(refusal.field),
            expected=expectation(refusal.expected),
        )
    return gettext(
        "%(field)s: “%(value)s” cannot be taken. What is needed is %(expected)s.",
        field=field_label(refusal.field),
        value=_quoted(refusal.value),
        expected=expectation(refusal.expected),
    )


@sentence.register
def _(refusal: errors.ReasonRequired) -> str:
    return gettext("“%(what)s” needs a reason. Say why in a sentence.", what=label(refusal.what))


@sentence.register
def _(refusal: errors.EditedMeanwhile) -> str:
    return gettext(
        "Somebody else has changed this meanwhile: %(fields)s. Compare the two, then save again.",
        fields=listed(map(field_label, refusal.theirs)),
    )


@sentence.register
def _(refusal: errors.NotAllowed) -> str:
    return gettext(
        "Your posts do not allow you to %(act)s. Ask your unit's leader or an administrator.",
        act=gettext(ACTS[refusal.act]),
    )


@sentence.register
def _(refusal: errors.RequestPending) -> str:
    return gettext(
        "Project %(number)s has a request that still waits for its answer."
        " Wait for it, or withdraw it first.",
        number=refusal.number,
    )


@sentence.register
def _(refusal: errors.NobodyToAsk) -> str:
    return gettext(
        "Nobody may answer for the post “%(role)s”, nor for any post above it."
        " Ask an administrator to fill the post.",
        role=label(refusal.role),
    )


@sentence.register
def _(refusal: errors.QuorumOutOfReach) -> str:
    return gettext(
        "Step %(step)d needs the agreement of %(needed)d persons, and only %(eligible)d could give"
        " it today. Ask an administrator to fill the posts.",
        step=refusal.step,
        needed=refusal.needed,
        eligible=refusal.eligible,
    )


@sentence.register
def _(refusal: errors.CodeRequired) -> str:
    return gettext(
        "For an amount like this a link alone is not enough. Ask for the code: it comes in a mail"
        " of its own, and works for ten minutes."
    )


@sentence.register
def _(refusal: errors.CodeWrong) -> str:
    return gettext(
        "That is not the code. Tries left: %(left)d. Look at the last mail with a code.",
        left=refusal.tries_left,
    )


@sentence.register
def _(refusal: errors.CodeExpired) -> str:
    return gettext(
        "There is no code that works: it was used, tried too often, or is older than ten minutes."
        " Ask for a new one."
    )


@sentence.register
def _(refusal: errors.NotEligible) -> str:
    return gettext(
        "%(person)s cannot be asked this. A question passes only to somebody who may answer for the"
        " same post or the one above it, and is not asked already.",
        person=refusal.person,
    )


@sentence.register
def _(refusal: errors.NudgedToday) -> str:
    return gettext(
        "Those who are asked were nudged already on this working day. Try again on the next one."
    )


@sentence.register
def _(refusal: errors.ProjectFrozen) -> str:
    return gettext(
        "Project %(number)s is frozen: an approver says that a decision was not theirs."
        " An administrator has to look into it first.",
        number=refusal.number,
    )


@sentence.register
def _(refusal: errors.OnHoldAlready) -> str:
    return gettext(
        "The project stands still until %(until)s already. Ask again once that hold is over.",
        until=refusal.until.isoformat(),
    )


@sentence.register
def _(refusal: errors.HoldTooLong) -> str:
    return gettext(
        "In %(year)d this project may stand still for %(left)d more working days."
        " Choose an earlier day.",
        year=refusal.year,
        left=refusal.left,
    )


@sentence.register
def _(refusal: errors.ExtensionsSpent) -> str:
    return gettext(
        "In %(year)d this project has had all the extensions that the rules allow."
        " Move it on, or ask for a hold.",
        year=refusal.year,
    )


@sentence.register
def _(refusal: errors.NotTheApprover) -> str:
    return gettext(
        "This is not yours to answer, or no longer is. The request says who is asked now."
    )


@sentence.register
def _(refusal: errors.RequestClosed) -> str:
    return gettext(
        "This request is settled already: %(state)s. Nothing more needs to be done.",
        state=label(refusal.state),
    )


@sentence.register
def _(refusal: errors.AnsweredOtherwise) -> str:
    return gettext(
        "You have answered “%(given)s” before, and that answer stands."
        " If it was a mistake, tell whoever asked: they can ask again.",
        given=label(refusal.given),
    )


@sentence.register
def _(refusal: errors.LinkUnknown) -> str:
    return gettext("This link is not known here. Open it from the mail again, whole.")


@sentence.register
def _(refusal: errors.LinkExpired) -> str:
    return gettext("This link has expired. Ask for a fresh one: it comes to your own address.")


@sentence.register
def _(refusal: errors.LinkDead) -> str:
    return gettext("What this link was for is settled. Nothing more needs to be done.")


@sentence.register
def _(refusal: errors.PolicyInvalid) -> str:
    return "\n".join(
        [
            gettext("The policy %(file)s cannot be followed:", file=refusal.file),
            *map(_fault, refusal.faults),
            gettext("Correct the file, then try again."),
        ]
    )


def _fault(fault: "Fault") -> str:
    facts = {
        name: listed(map(str, value)) if isinstance(value, tuple) else value
        for name, value in fault.facts.items()
    }
    return gettext(
        "%(key)s: what is needed is %(expected)s.",
        key=fault.key,
        expected=gettext(POLICY_EXPECTS[fault.expected], **facts),
    )


@sentence.register
def _(refusal: errors.FutureAsOf) -> str:
    return gettext(
        "A run as of a day to come would write to real people. Rehearse it with --dry-run,"
        " or let mail go to the local mailbox."
    )


@sentence.register
def _(refusal: errors.NaiveTime) -> str:
    return gettext(
        "The time “%(text)s” lacks its time zone. Add it, as in 2026-12-01T09:00+08:00.",
        text=refusal.text,
    )
