"""What the fields of a form are called, and what each can ask for."""

from words.translations import N_, gettext

_FIELDS = {
    "name_zh": N_("Chinese name"),
    "name_en": N_("English name"),
    "investor": N_("Investor"),
    "investor_contact": N_("Investor's contact"),
    "unit_code": N_("Host unit"),
    "headquarters_key": N_("Headquarters"),
    "special_team_key": N_("Special team"),
    "owner_id": N_("Project owner"),
    "industry": N_("Industry"),
    "manufacturing": N_("Manufacturing or not"),
    "investment": N_("Investment"),
    "marked_major": N_("Marked as a major project"),
    "needs_factory": N_("Whether a factory has to be leased"),
    "contract_number": N_("Contract number"),
    "contract_date": N_("Date of contract"),
    "planned_start": N_("Planned start"),
    "site": N_("Site"),
    "area": N_("Area"),
    "funds_required": N_("Funds required"),
    "funds_ready": N_("Funds ready"),
    "funds_certified_on": N_("Funds certified on"),
    "funds_certificate_until": N_("Certificate of funds valid until"),
    "start_date": N_("Date of start"),
    "permit_number": N_("Construction permit number"),
    "evidence": N_("Evidence"),
    "file": N_("File"),
    "title": N_("Title"),
    "reference": N_("Where the paper lies"),
    "text": N_("What happened"),
    "answer": N_("Answer"),
    "comment": N_("Comment"),
    "verdict": N_("What you have found out"),
    "reason": N_("Reason"),
    "effective_on": N_("Day it happened"),
    "after": N_("Where to go on"),
    "until": N_("Until when"),
    "days": N_("Working days"),
    "person": N_("Person"),
    "holder": N_("Holder"),
    "stand_in": N_("Stand-in"),
    "from_day": N_("First day"),
    "to_day": N_("Last day"),
    "last_day": N_("Last day"),
    "stage": N_("Stage"),
    "light": N_("Light"),
}


EXPECTATIONS = {
    "a date": N_("a date such as 2026-03-17, or a month such as 2026-03"),
    "a PDF, a picture or an Office file": N_("a PDF, PNG, JPEG, Word, Excel or PowerPoint file"),
    "a day ahead": N_("a day later than today"),
    "a day": N_("a day such as 2026-03-17"),
    "a file or a reference": N_("a file, or where the paper lies"),
    "a unit": N_("a county, city, district or development zone known here"),
    "a whole number": N_("a whole number of 0 or more"),
    "an amount": N_("an amount of money of 0 or more, such as 52亿元, 3200万元 or 8000000"),
    "an editable field": N_("nothing, as this cannot be changed here"),
    "at least the funds required": N_("an amount no less than the funds required"),
    "days without another stand-in": N_("days on which nobody else stands in for the holder"),
    "filled in first": N_("a value, before this step"),
    "no circle of stand-ins": N_("somebody for whom the holder does not stand in"),
    "no later than its end": N_("a day no later than the last one until now"),
    "no longer chain of stand-ins": N_(
        "somebody else: a post passes from its holder to a stand-in and from there to one more, and"
        " no further"
    ),
    "no more than the stage's days": N_("1 or more, and no more than the days of the whole stage"),
    "not before the first day": N_("a day no earlier than the first one"),
    "not in the future": N_("a day no later than today"),
    "not in the past": N_("a day no earlier than today"),
    "not negative": N_("0 or more"),
    "one of the choices": N_("one of the choices offered"),
    "prose": N_(
        "text, which may have several lines, not empty, not too long and without control characters"
    ),
    "somebody else": N_("somebody other than the holder"),
    "somebody who works here": N_("somebody who still works here"),
    "text": N_("one line of text, not empty, not too long and without control characters"),
    "where a page ended": N_("where a page ended, as that page said"),
    "yes or no": N_("yes or no"),
    "yesterday or later": N_("yesterday, for at once, or a later day"),
}
"""What a field can ask for (`ValueRefused.expected`)."""


def field_label(name: str) -> str:
    """The word for a field, named as in `state_machines.facts`, in the language spoken now.

    A column that only its file knows, such as an import's, is called what the file calls it.
    """
    word = _FIELDS.get(name)
    return gettext(word) if word else name


def expectation(key: str) -> str:
    """Say what a field asks for, by its key in `EXPECTATIONS`."""
    return gettext(EXPECTATIONS[key])
