"""What can be wrong with a policy file: where, and what was expected there instead."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError


@dataclass(frozen=True)
class Fault:
    """One place in a policy file that cannot be followed.

    `key` leads there from the top of the file; in a list it counts from 1. `expected` is one of
    the keys that `words.policy_faults` can say, with the facts that its sentence names.
    """

    key: str
    expected: str
    facts: Mapping[str, object] = field(default_factory=dict)


class Contradiction(ValueError):
    """Values that are each well-formed, but cannot all be followed."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(", ".join(fault.key for fault in faults))
        self.faults = faults


def fault_of_toml(error: tomllib.TOMLDecodeError) -> Fault:
    """Return where a file stops being TOML, as far as the parser tells."""
    line = re.search(r"at line (\d+)", str(error))
    if line is None:
        return Fault("TOML", "TOML to its end")
    return Fault("TOML", "TOML in this line", {"line": int(line.group(1))})


def faults_of_values(error: ValidationError, said: Mapping[str, Any]) -> tuple[Fault, ...]:
    """Return what is wrong with the values of a file that is TOML; `said` is what it says.

    Each place is named once: a value that may be of one of two kinds is of neither, and what is
    taken over from elsewhere in the file is wrong there.
    """
    by_place: dict[tuple[str, ...], list[Fault]] = {}
    for each in error.errors():
        if isinstance(found := each.get("ctx", {}).get("error"), Contradiction):
            return found.faults
        if not _is_taken_over(each["loc"], said):
            place = _place(each["loc"], said, missing=each["type"] == "missing")
            by_place.setdefault(place, []).append(_fault(place, each))
    # A list is short of what could not be read in it: that much is said already.
    return tuple(
        _merged(faults)
        for place, faults in by_place.items()
        if not any(other[: len(place)] == place for other in by_place if other != place)
    )


def _is_taken_over(where: Sequence[int | str], said: Mapping[str, Any]) -> bool:
    table: Any = said
    for part in where:
        if not isinstance(table, Mapping):
            return False
        if "like" in table:
            return part != "[key]"
        table = table.get(part)
    return False


def _place(where: Sequence[int | str], said: Any, *, missing: bool) -> tuple[str, ...]:
    """Follow the way to a value as far as the file goes: the rest is how the parser read it."""
    place: list[str] = []
    here = said
    for part in where:
        if isinstance(here, list):
            here = {str(number): each for number, each in enumerate(here, 1)}
        name = str(part + 1) if isinstance(part, int) else part
        if not isinstance(here, Mapping) or name not in here:
            return (*place, name) if missing else tuple(place)
        place.append(name)
        here = here[name]
    return tuple(place)


def _fault(place: Sequence[str], error: Any) -> Fault:
    key, facts = ".".join(place), error.get("ctx", {})
    match error["type"]:
        case "missing":
            return Fault(key, "a value")
        case "extra_forbidden":
            return Fault(key, "no such key")
        case "enum":
            choices = tuple(re.findall(r"'([^']+)'", facts["expected"]))
            is_key = error["loc"][-1] == "[key]"
            return Fault(key, "a key of these" if is_key else "one of", {"choices": choices})
        case "greater_than":
            return Fault(key, "a number from", {"least": facts["gt"] + 1})
        case "greater_than_equal":
            return Fault(key, "a number from", {"least": facts["ge"]})
        case "too_short":
            return Fault(key, "a list from", {"least": facts["min_length"]})
        case "too_long":
            return Fault(key, "a list up to", {"most": facts["max_length"]})
        case kind:
            return Fault(key, _KINDS.get(kind.rpartition("_")[0], "another value"))


_KINDS = {
    "int": "a whole number",
    "int_from": "a whole number",
    "string": "text",
    "bool": "true or false",
    "tuple": "a list",
    "frozen_set": "a list",
    "dict": "a table",
    "model": "a table",
}
"""What is expected of a value that is not of its kind, by how pydantic's error begins."""


def _merged(faults: Sequence[Fault]) -> Fault:
    """Return as one what a value of two possible kinds was expected to be."""
    choices = tuple(_choices(faults))
    numbers = [each for each in faults if "number" in each.expected]
    if not choices:
        return faults[0]
    if numbers:
        return Fault(faults[0].key, "one of, or a number", {"choices": choices})
    return Fault(faults[0].key, faults[0].expected, {"choices": choices})


def _choices(faults: Sequence[Fault]) -> Iterator[str]:
    for each in faults:
        choices = each.facts.get("choices")
        if isinstance(choices, tuple):
            yield from choices
