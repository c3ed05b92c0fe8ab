"""The acts of the audit trail in words."""

from words.translations import N_, gettext

_ACTS = {
    "registered": N_("Registered"),
    "edited": N_("Facts changed"),
    "evidence_added": N_("Evidence added"),
    "note_added": N_("Progress written down"),
    "funds_certified": N_("Funds certified"),
    "requested": N_("Approval asked for"),
    "not_asked_again": N_("Not asked again, as the gate no longer holds"),
    "answered": N_("Answered"),
    "request_approved": N_("Request approved"),
    "request_rejected": N_("Request rejected"),
    "request_sent_back": N_("Request sent back"),
    "request_withdrawn": N_("Request withdrawn"),
    "request_superseded": N_("Request superseded"),
    "moved": N_("Moved to another stage"),
    "escalated": N_("Escalated"),
}


def act_in_words(act: str) -> str:
    """Say an act; one that this version does not know is shown by its key."""
    return gettext(_ACTS[act]) if act in _ACTS else act
