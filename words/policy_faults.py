"""What a policy file was expected to say, in words."""

from words.translations import N_

POLICY_EXPECTS = {
    "TOML in this line": N_("TOML; line %(line)s is none"),
    "TOML to its end": N_("TOML; the end of the file is missing"),
    "a key of these": N_("one of these keys: %(choices)s"),
    "a list": N_("a list"),
    "a list from": N_("a list of at least %(least)s"),
    "a list up to": N_("a list of at most %(most)s"),
    "a move with tiers": N_("a move under [approvals] that names its tiers itself"),
    "a number from": N_("a whole number of %(least)s or more"),
    "a number up to": N_("a whole number of %(most)s or less"),
    "a step": N_("at least one step, as nobody gives themselves time"),
    "a table": N_("a table of keys and values"),
    "a value": N_("a value, which is missing"),
    "a whole number": N_("a whole number"),
    "another value": N_("a value of another kind"),
    "each of these": N_("exactly these keys: %(choices)s"),
    "each once": N_("each once, and at least one"),
    "every tier": N_("each of %(choices)s once, or every_tier alone"),
    "facts": N_("facts of a project, which these are not: %(unknown)s"),
    "like alone": N_("either like, or tiers, not both"),
    "no more than the whole": N_("no more than the whole, which comes second"),
    "no such key": N_("nothing, as there is no such key"),
    "one of": N_("one of %(choices)s"),
    "one of, or a number": N_("one of %(choices)s, or a whole number of 1 or more"),
    "only the last waits": N_("only_after_told for no rung but the last, above another"),
    "rising from 0": N_("tiers that begin at from_yuan = 0 and rise"),
    "text": N_("text in quotation marks"),
    "true or false": N_("true or false"),
}
"""What a place in a policy file can ask for (`Fault.expected`)."""
