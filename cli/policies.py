"""`luodi policy`: look at a policy file, and compare it with what is in force."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cli.adopting import adopt
from cli.opening import opened
from cli.options import AsJson
from cli.policy_files import PolicyFile, differences, found_as_json, read_policy, say_differences
from cli.printing import say, say_json
from cli.reissuing import reissue
from cli.speech import BAD_INPUT, FAILURE, Failed
from words.translations import N_, Language, current_language, gettext

if TYPE_CHECKING:
    from runtime.opening import Runtime
    from state_machines.policy import Policy
    from state_machines.policy_findings import FindingToday

app = typer.Typer()


@app.command(help=N_("Look a policy file over, and the city's posts with it; changes nothing."))
def check(file: PolicyFile, as_json: AsJson = False) -> None:
    """Look a file over: exit 2 for what is wrong with itself, 1 for what the city lacks today.

    Raises `PolicyInvalid` for a file that cannot be followed at all.
    """
    from state_machines.policy_lint import findings_in_file  # noqa: PLC0415 (help must not wait)

    policy, _ = read_policy(file)
    in_file, city = findings_in_file(policy), _city(policy)
    found = found_as_json((*in_file, *city.findings), city.names)
    if as_json:
        say_json(
            {
                "file": str(file),
                "policy": policy.name,
                "ok": not found,
                "posts_checked": city.asked,
                "findings": found,
            }
        )
    else:
        for each in found:
            say(f"{file}: {each['key']}: {each['message']}")
        if not found:
            say(
                gettext(
                    "%(file)s is a policy that can be followed: %(name)s.",
                    file=file,
                    name=policy.name,
                )
            )
        if not city.asked:
            say(gettext("Posts were not checked: there is no database to ask yet."))
    if found:
        raise typer.Exit(BAD_INPUT if in_file else FAILURE)


@app.command(help=N_("Say what a policy file would change; changes nothing."))
def diff(file: PolicyFile, as_json: AsJson = False) -> None:
    """Compare a file with the policy in force, by what both mean."""
    from db.queries.policies import policy_in_force  # noqa: PLC0415 (help must not wait for it)

    policy, _ = read_policy(file)
    with opened() as runtime, runtime.database.reading() as session:
        adopted = policy_in_force(session)
    changed = differences(adopted.policy, policy)
    if as_json:
        say_json({"file": str(file), "version": adopted.version_id, "changes": changed})
    elif changed:
        say_differences(changed)
    else:
        say(gettext("%(file)s changes nothing: it means what is in force already.", file=file))


app.command(help=N_("Adopt a policy: the city goes by it from now on. Shows first what changes."))(
    adopt
)
app.command(help=N_("Ask pending requests again under the policy in force. Shows first of whom."))(
    reissue
)


@dataclass(frozen=True)
class _City:
    """What the city lacks today for a policy, and what its places are called."""

    findings: "tuple[FindingToday, ...]" = ()
    names: Mapping[str, str] = field(default_factory=dict)
    asked: bool = True


def _city(policy: "Policy") -> _City:
    from db.queries.people import place_names  # noqa: PLC0415
    from db.queries.places import all_posts, hosting_places  # noqa: PLC0415
    from db.queries.roster import roster_on  # noqa: PLC0415
    from state_machines.policy_lint import findings_today  # noqa: PLC0415
    from state_machines.working_days import local_day  # noqa: PLC0415

    try:
        with opened() as runtime:
            if not _is_there(runtime):
                return _City(asked=False)
            with runtime.database.reading() as session:
                roster = roster_on(session, local_day(runtime.now()))
                places, posts = hosting_places(session), all_posts(session)
                called = place_names(session)
    except Failed:
        return _City(asked=False)
    if not places:
        return _City(asked=False)
    chinese = current_language() is Language.ZH_HANS
    names = {key: each.zh if chinese else each.en for key, each in called.items()}
    return _City(findings_today(policy, places, posts, roster), names)


def _is_there(runtime: "Runtime") -> bool:
    """Looking makes no database: SQLite would make its file."""
    file = runtime.database.engine.url.database
    return not runtime.database.is_sqlite or Path(str(file)).exists()
