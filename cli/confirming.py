"""Ask before something is done that cannot be undone."""

from typing import Annotated

import typer

from cli.printing import say
from cli.speech import FAILURE
from words.translations import N_, gettext

Yes = Annotated[
    bool,
    typer.Option("--yes", help=N_("Do not ask first. With --json, nothing is done without it.")),
]


def go_on(question: str, *, yes: bool, as_json: bool) -> bool:
    """Ask whether to go on; raises `typer.Exit` if a person says no, or nobody is there to."""
    if yes or as_json:
        return yes
    try:
        if typer.confirm(question):
            return True
    except typer.Abort:
        say("")
    say(gettext("Nothing was changed."))
    raise typer.Exit(FAILURE)
