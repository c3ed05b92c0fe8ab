"""`luodi approvals chase`: by hand what the flow does every minute."""

from typing import Annotated

import typer

from cli.escalation import instant
from cli.opening import opened
from cli.options import AsJson
from cli.printing import say, say_json
from words.translations import N_, gettext


def chase(
    as_of: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help=N_("As of when, such as 2026-12-01T09:00+08:00; now by default.")
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Look after every request that is due. A repeated run changes nothing."""
    from runs.chase import chase as run  # noqa: PLC0415 (help must not wait for it)
    from words.days import moment  # noqa: PLC0415

    told = instant(as_of) if as_of else None
    with opened() as runtime:
        report = run(runtime, as_of=told or runtime.now()).as_dict()
    if as_json:
        say_json(report)
    else:
        say(
            gettext(
                "As of %(as_of)s: %(due)d due, %(reminded)d reminded of, %(superiors_asked)d passed"
                " up, %(expired)d expired, %(parked)d parked.",
                **{**report, "as_of": moment(told or runtime.now())},
            )
        )
