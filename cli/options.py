"""Options that several commands take, and how a word is read as one of a few."""

from collections.abc import Iterable
from enum import Enum
from typing import Annotated, TypeVar

import typer

from cli.speech import Misused
from words.translations import N_, gettext

AsJson = Annotated[bool, typer.Option("--json", help=N_("Print JSON for scripts."))]
As = Annotated[str, typer.Option("--as", metavar="EMAIL", help=N_("Who acts: an e-mail address."))]
AsOperator = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="EMAIL",
        help=N_("Who acts: an e-mail address; without it, whoever looks after this machine."),
    ),
]
Number = Annotated[str, typer.Argument(metavar="NUMBER", help=N_("The project's number."))]
Request = Annotated[int, typer.Argument(metavar="REQUEST", min=1, help=N_("The request's number."))]
Reason = Annotated[str | None, typer.Option(metavar="TEXT", help=N_("Why; compulsory."))]

Choice = TypeVar("Choice", bound=Enum)


def chosen(choices: Iterable[Choice], word: str, name: str) -> Choice:
    """Return the member that `word` means; raises `Misused` for the option or argument `name`.

    Typer could do so itself if it knew the enum; but then help would have to wait for its module.
    """
    for each in choices:
        if each.value == word:
            return each
    raise Misused(
        gettext(
            "%(name)s cannot be “%(word)s”. Write one of: %(choices)s.",
            name=name,
            word=word,
            choices=", ".join(str(each.value) for each in choices),
        )
    )
