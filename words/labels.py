"""The people's word for everything that the code has a name for: stages, moves, posts, lights …

Tables by the enum's name, so that words need not know whose enum it is.
"""

from enum import StrEnum

from words.translations import N_, gettext

_LABELS = {
    "Answer": {
        "approve": N_("Approve"),
        "reject": N_("Reject"),
        "send_back": N_("Send back for changes"),
    },
    "ApprovalState": {
        "pending": N_("Awaiting an answer"),
        "approved": N_("Approved"),
        "rejected": N_("Rejected"),
        "sent_back": N_("Sent back"),
        "moot": N_("No longer asked"),
        "annulled": N_("Annulled"),
    },
    "AskedBecause": {
        "holds": N_("holds the post"),
        "stands_in": N_("stands in for the holder"),
        "empty": N_("the post below has no holder"),
        "excluded": N_("whoever holds the post below may not answer: it is their own matter"),
        "second_person": N_("two persons must agree, and one alone had agreed for all"),
        "overdue": N_("the post below did not answer in time"),
        "undelivered": N_("the mail to the post below did not arrive"),
        "reassigned": N_("the question was passed on"),
    },
    "Clock": {
        "stage": N_("Stage clock"),
        "silence": N_("Silence clock"),
    },
    "EvidenceKind": {
        "contract": N_("Signed contract"),
        "joint_review_minutes": N_("Joint-review minutes"),
        "lease_contract": N_("Lease contract"),
        "funds_certificate": N_("Certificate of funds"),
        "site_proof": N_("Proof of work on site"),
        "other": N_("Other evidence"),
    },
    "FiringKind": {
        "fired": N_("Fired"),
        "passed_over": N_("Passed over"),
    },
    "Language": {
        "zh-Hans": N_("Chinese"),
        "en": N_("English"),
    },
    "Light": {
        "green": N_("Green light"),
        "yellow": N_("Yellow light"),
        "red": N_("Red light"),
    },
    "LinkPurpose": {
        "approval": N_("Approval link"),
        "order": N_("Supervision-order link"),
        "receipt": N_("Receipt link"),
    },
    "MailState": {
        "queued": N_("Waiting to leave"),
        "sending": N_("Being sent"),
        "accepted": N_("Accepted for delivery"),
        "ambiguous": N_("Fate unknown"),
        "cancelled": N_("Cancelled"),
        "dead": N_("Undeliverable"),
    },
    "Manufacturing": {
        "yes": N_("Manufacturing"),
        "no": N_("Not manufacturing"),
        "mixed": N_("Partly manufacturing"),
    },
    "Move": {
        "open_negotiation": N_("Open negotiation"),
        "sign": N_("Sign"),
        "lease_factory": N_("Lease a factory"),
        "start": N_("Start construction"),
        "lose": N_("Mark as lost"),
        "revive": N_("Revive"),
        "step_back": N_("Step back a stage"),
        "annul_start": N_("Annul the start"),
        "annul": N_("Annul the decision"),
    },
    "NoLongerAsked": {
        "settled": N_("the request is settled"),
        "answered": N_("it was answered without them"),
        "left": N_("does not hold the post any more"),
        "stood_in": N_("a stand-in answers meanwhile"),
        "excluded": N_("may not answer: it is their own matter now"),
        "reassigned": N_("passed the question on"),
        "undelivered": N_("the mail did not arrive"),
    },
    "NoteKind": {
        "visit": N_("Visit"),
        "meeting": N_("Meeting"),
        "agreement": N_("Agreement"),
        "funding": N_("Funding"),
        "permit": N_("Permit"),
        "construction": N_("Construction"),
    },
    "OrderEnd": {
        "moved_on": N_("The project moved on"),
        "lost": N_("The project was lost"),
        "progress": N_("Progress was made"),
        "held": N_("The project is on hold"),
        "extended": N_("More time was granted"),
    },
    "Origin": {
        "import": N_("Imported"),
        "sample": N_("Sample"),
    },
    "PauseLimit": {
        "days_ahead": N_("A last day of the hold that is still to come"),
        "hold_days": N_("Days of hold that are left this year"),
        "extensions": N_("An extension that is left this year"),
    },
    "Reader": {
        "owner": N_("Project owner"),
        "origin_head": N_("Head of the headquarters that found the project"),
    },
    "RequestMove": {
        "approve": N_("Approve"),
        "reject": N_("Reject"),
        "send_back": N_("Send back for changes"),
        "withdraw": N_("Withdraw"),
        "supersede": N_("Replace by a new request"),
        "expire": N_("Let expire"),
        "annul": N_("Annul"),
    },
    "RequestState": {
        "pending": N_("Awaiting approval"),
        "approved": N_("Approved"),
        "rejected": N_("Rejected"),
        "sent_back": N_("Sent back"),
        "withdrawn": N_("Withdrawn"),
        "superseded": N_("Superseded"),
        "expired": N_("Expired"),
        "annulled": N_("Annulled"),
    },
    "RequirementKey": {
        "investor_contact": N_("Investor's contact"),
        "host_unit": N_("Host unit"),
        "owner": N_("Project owner"),
        "industry": N_("Industry"),
        "investment": N_("Investment"),
        "contract_number": N_("Contract number"),
        "contract_date": N_("Date of contract"),
        "contract_file": N_("Signed contract"),
        "planned_start": N_("Planned start"),
        "needs_factory": N_("Whether a factory has to be leased"),
        "joint_review_minutes": N_("Joint-review minutes"),
        "site": N_("Site"),
        "area": N_("Area"),
        "lease_contract": N_("Lease contract"),
        "funds_required": N_("Funds required"),
        "funds_ready": N_("Funds ready, no less than required"),
        "funds_certified": N_("Funds certified by the promotion center"),
        "funds_certificate_valid": N_("Certificate of funds still valid"),
        "no_factory_needed": N_("Statement that no factory is needed"),
        "start_date": N_("Date of start"),
        "permit_number": N_("Construction permit number"),
        "site_proof": N_("Proof of work on site"),
    },
    "Role": {
        "case_officer": N_("Case officer"),
        "intake": N_("Intake"),
        "unit_leader": N_("Leader of the host unit"),
        "headquarters_head": N_("Head of headquarters"),
        "special_team_lead": N_("Lead of the special team"),
        "promotion_center_head": N_("Head of the promotion center"),
        "general_headquarters_director": N_("Director of the general headquarters"),
        "deputy_mayor": N_("Deputy mayor"),
        "administrator": N_("Administrator"),
    },
    "RungKey": {
        "owner": N_("Project owner"),
        "unit": N_("County, city or district"),
        "municipality": N_("Municipality"),
        "deputy_mayor": N_("Deputy mayor"),
    },
    "Stage": {
        "lead": N_("Lead"),
        "negotiation": N_("In negotiation"),
        "signed": N_("Signed"),
        "factory_leased": N_("Factory leased"),
        "started": N_("Started"),
        "lost": N_("Lost"),
    },
    "Quorum": {
        "all": N_("all of them"),
        "any": N_("any one of them"),
    },
    "StepStanding": {
        "agreed": N_("agreed"),
        "asked": N_("its turn is now"),
        "to_come": N_("to come"),
        "closed": N_("never agreed"),
    },
    "TeamKind": {
        "headquarters": N_("Headquarters"),
        "general_headquarters": N_("General headquarters"),
        "special_team": N_("Special team"),
        "promotion_center": N_("Promotion center"),
    },
    "Through": {
        "link": N_("by the link in the mail"),
        "session": N_("signed in"),
    },
    "UnitKind": {
        "municipality": N_("Prefecture-level city"),
        "district": N_("District"),
        "county": N_("County"),
        "county_level_city": N_("County-level city"),
        "development_zone": N_("Development zone"),
    },
}

_LABELS["Subject"] = _LABELS["Move"] | {
    "hold": N_("Put on hold"),
    "extension": N_("Extend the time for this stage"),
}

_SHAPES = {"green": "●", "yellow": "▲", "red": "■"}


def label(member: StrEnum) -> str:
    """The word for a member of any enum, in the language spoken now."""
    return gettext(_LABELS[type(member).__name__][member.value])


def light_shape(light: StrEnum) -> str:
    """The shape that stands beside a light's word, so that colour never speaks alone."""
    return _SHAPES[light.value]
