"""How the terminal speaks: help in the reader's language, refusals in one sentence each.

Chinese, unless `--language en` or `LUODI_LANGUAGE=en` asks for English. The machine's own `LANG` is
not asked: on servers it says who set the machine up, not who reads.
"""

import os
import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from state_machines import errors
from words.refusals import sentence
from words.translations import N_, Language, gettext, speaking

FAILURE, BAD_INPUT = 1, 2


class Misused(errors.Refusal):
    """What was typed cannot be meant; the sentence says what could be."""


class Failed(errors.Refusal):
    """This machine, as it is, cannot do what was asked; the sentence says what to mend."""


@sentence.register
def _(refusal: Misused | Failed) -> str:
    return str(refusal)


_NOT_NOW = (
    Failed,
    errors.IllegalMove,
    errors.GateNotMet,
    errors.EditedMeanwhile,
    errors.NotAllowed,
    errors.RequestPending,
    errors.NobodyToAsk,
    errors.NotTheApprover,
    errors.RequestClosed,
    errors.AnsweredOtherwise,
    errors.ExtensionsSpent,
    errors.LinkDead,
    errors.NudgedToday,
    errors.OnHoldAlready,
    errors.ProjectFrozen,
    errors.QuorumOutOfReach,
)
"""What was typed is right, but things stand otherwise. Any other refusal is of what was typed."""


class Spoken(TyperGroup):
    """The root of all commands: it speaks, and it turns a refusal into an exit code."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> Any:
        typed = list(sys.argv[1:] if args is None else args) or ["--help"]
        language = _asked(typed)
        with speaking(language):
            _put_into_words(self)
            extra["standalone_mode"] = False
            try:
                code = super().main(typed, *rest, **extra)
            except TyperException as error:
                code = _refuse(_misused(error), BAD_INPUT)
            except errors.Refusal as refusal:
                failure = isinstance(refusal, _NOT_NOW)
                code = _refuse(sentence(refusal), FAILURE if failure else BAD_INPUT)
        sys.exit(code or 0)


def _asked(typed: Sequence[str]) -> Language:
    """Return the language to speak, before anything is parsed: even of a bad command line."""
    spelled = [part for each in typed for part in each.split("=", 1)]
    told = next((value for flag, value in pairwise(spelled) if flag == "--language"), None)
    asked = told or os.environ.get("LUODI_LANGUAGE")
    return Language.EN if asked == Language.EN else Language.ZH_HANS


def _refuse(said: str, code: int) -> int:
    typer.echo(said, err=True)
    return code


def _misused(error: Any) -> str:
    """Say in one sentence what is wrong with a command line, and where to read how it goes."""
    context = error.ctx if getattr(error, "ctx", None) else None
    where = context.command_path if context else "luodi"
    param = getattr(error, "param", None)
    option = getattr(error, "option_name", None)
    name = param.get_error_hint().strip("'") if param else option
    if type(error).__name__ == "MissingParameter":
        return gettext("%(name)s is missing. See: %(command)s --help", name=name, command=where)
    if param:
        return gettext("%(name)s cannot be that. See: %(command)s --help", name=name, command=where)
    if option:
        return gettext(
            "%(name)s is no option here, or lacks its value. See: %(command)s --help",
            name=name,
            command=where,
        )
    return gettext(
        "There is no such command, or too much follows it. See: %(command)s --help", command=where
    )


# Typer brings a click of its own, under a name that is nobody's business: hence this way to it.
class _Formatter(typer.Context.formatter_class):  # type: ignore[misc,valid-type]
    """The frame that Typer sets help in, in words."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, prefix or gettext("Usage: "))

    def write_heading(self, heading: str) -> None:
        super().write_heading(gettext(heading))

    def write_dl(self, rows: Sequence[tuple[str, str]], *sizes: Any, **more: Any) -> None:
        super().write_dl([(name, _in_words(text)) for name, text in rows], *sizes, **more)


class _Context(typer.Context):
    formatter_class = _Formatter


_HEADINGS = (N_("Options"), N_("Commands"), N_("Arguments"))


def _in_words(text: str) -> str:
    for typers_own in (N_("[required]"), N_("Show this message and exit.")):
        text = text.replace(typers_own, gettext(typers_own))
    return text


def _put_into_words(command: Any) -> None:
    """Say the help of a command, and of all below it, in the language spoken now."""
    command.context_class = _Context
    command.options_metavar = gettext("[OPTIONS]")
    command.help = command.short_help = gettext(command.help)
    for param in command.params:
        param.help = gettext(param.help)
    if isinstance(command, TyperGroup):
        command.subcommand_metavar = gettext("COMMAND [ARGS]...")
        for each in command.commands.values():
            _put_into_words(each)
