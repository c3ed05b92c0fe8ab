"""Policy files at the terminal: read, looked over and compared, for people and for scripts."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.printing import say
from cli.speech import Misused
from words.translations import N_, gettext

if TYPE_CHECKING:
    from state_machines.policy import Policy
    from state_machines.policy_findings import Finding

PolicyFile = Annotated[
    Path,
    typer.Argument(metavar="FILE", exists=True, dir_okay=False, help=N_("The policy, as TOML.")),
]


def read_policy(file: Path) -> "tuple[Policy, str]":
    """Return a policy and its text; raises `PolicyInvalid`, and `Misused` for no text at all."""
    from state_machines.policy import Policy  # noqa: PLC0415 (help must not wait for it)

    try:
        text = file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise Misused(
            gettext("%(file)s is not text in UTF-8. Save it as such.", file=file)
        ) from error
    return Policy.parse(text, file=str(file)), text


def differences(before: "Policy", after: "Policy") -> list[dict[str, Any]]:
    """Return what changes from one policy to another, each with its facts and a sentence."""
    from state_machines.policy_diff import changes  # noqa: PLC0415
    from words.policy_changes import change_said  # noqa: PLC0415

    return [_facts(each) | {"message": change_said(each)} for each in changes(before, after)]


def say_differences(changed: Iterable[Mapping[str, Any]]) -> None:
    for each in changed:
        say(f"- {each['message']}")


def found_as_json(found: "Iterable[Finding]", names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return findings, each with its facts, what it is about and a sentence."""
    from state_machines.policy_findings import FindingToday  # noqa: PLC0415
    from words.policy_findings import finding_said  # noqa: PLC0415

    return [
        {"about": "city" if isinstance(each, FindingToday) else "file"}
        | _facts(each)
        | {"message": finding_said(each, names)}
        for each in found
    ]


def _facts(thing: object) -> dict[str, Any]:
    """Return a value of the rules as JSON, with its kind: `steps_changed` for `StepsChanged`."""
    from pydantic import TypeAdapter  # noqa: PLC0415

    name = type(thing).__name__
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    facts = TypeAdapter(type(thing)).dump_python(thing, mode="json")
    return {"kind": kind, **facts}
