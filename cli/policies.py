"""`luodi policy check`: is this file a policy that Luodi could follow?"""

from pathlib import Path
from typing import Annotated

import typer

from cli.printing import say
from words.translations import N_, gettext

app = typer.Typer()


@app.callback()
def group() -> None:
    """Make a group of what would else, as the only command, take the group's place."""


@app.command(help=N_("Check a policy file; changes nothing."))
def check(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", exists=True, dir_okay=False, help=N_("The policy, as TOML.")
        ),
    ],
) -> None:
    """Read a policy file. Raises `PolicyInvalid` naming the file, the key and what it expects."""
    from state_machines.policy import Policy  # noqa: PLC0415 (help must not wait for it)

    policy = Policy.parse(file.read_text("utf-8"), file=str(file))
    say(
        gettext("%(file)s is a policy that can be followed: %(name)s.", file=file, name=policy.name)
    )
