"""The acts of the audit trail in words."""

from db.models import AuditEntry
from state_machines.pauses import lack
from state_machines.posts import Role
from words.labels import label
from words.refusals import listed
from words.translations import N_, gettext

_ACTS = {
    "registered": N_("Registered"),
    "edited": N_("Facts changed"),
    "evidence_added": N_("Evidence added"),
    "note_added": N_("Progress written down"),
    "funds_certified": N_("Funds certified"),
    "requested": N_("Approval asked for"),
    "not_asked_again": N_("Not asked again"),
    "answered": N_("Answered"),
    "request_approved": N_("Request approved"),
    "request_rejected": N_("Request rejected"),
    "request_sent_back": N_("Request sent back"),
    "request_withdrawn": N_("Request withdrawn"),
    "request_superseded": N_("Request superseded"),
    "asked": N_("People asked"),
    "rerouted": N_("Others are asked, as people changed"),
    "reassigned": N_("Question passed on"),
    "nudged": N_("Those who are asked were nudged"),
    "notice_failed": N_("A mail that asked did not arrive"),
    "reissued": N_("Asked again under the policy in force"),
    "disowned": N_("An answer disowned: frozen"),
    "freeze_ended": N_("Freeze ended"),
    "held": N_("On hold"),
    "hold_ended": N_("Hold ended"),
    "extended": N_("Time extended"),
    "extension_taken_back": N_("Extension taken back"),
    "request_expired": N_("Request expired"),
    "request_annulled": N_("Decision annulled"),
    "moved": N_("Moved to another stage"),
    "escalated": N_("Escalated"),
}


def act_in_words(entry: AuditEntry) -> str:
    """Say an act, with what stood in its way; one that this version does not know, by its key."""
    act = gettext(_ACTS[entry.act]) if entry.act in _ACTS else entry.act
    if lacking := entry.details.get("missing"):
        what = listed(label(lack(each)) for each in lacking)
        return gettext("%(act)s: still missing %(what)s", act=act, what=what)
    if role := entry.details.get("nobody_for"):
        return gettext("%(act)s: nobody may answer for %(role)s", act=act, role=label(Role(role)))
    return act
