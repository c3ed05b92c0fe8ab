"""`luodi policy check`: is this file a policy that Luodi could follow?"""

from pathlib import Path
from typing import Annotated

import typer

from cli.printing import say
from cli.speech import Misused
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

    try:
        text = file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise Misused(
            gettext("%(file)s is not text in UTF-8. Save it as such.", file=file)
        ) from error
    policy = Policy.parse(text, file=str(file))
    say(
        gettext("%(file)s is a policy that can be followed: %(name)s.", file=file, name=policy.name)
    )
