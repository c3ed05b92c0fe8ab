"""`luodi project hold`, `extend` and `unfreeze`: what stops a project's clocks, or starts them."""

from datetime import datetime
from typing import Annotated

import typer

from cli.opening import opened, person_with
from cli.options import As, AsJson, Number, Reason
from cli.printing import say, say_json
from cli.speech import Misused
from words.translations import N_, gettext


def hold(
    number: Number,
    as_: As,
    until: Annotated[
        datetime,
        typer.Option(formats=["%Y-%m-%d"], metavar="DAY", help=N_("The last day of the hold.")),
    ],
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Ask for a hold: until that day no clock runs."""
    from db.queries.projects import project_id_of  # noqa: PLC0415 (help must not wait for it)
    from use_cases.ask_for_hold import ask_for_hold  # noqa: PLC0415

    with opened() as runtime, runtime.database.writing() as session:
        asked = ask_for_hold(
            session,
            project_id_of(session, number),
            until=until.date(),
            reason=reason,
            by=person_with(session, as_),
            now=runtime.now(),
            calendar=runtime.calendar,
        )
    say_asked(number, asked.request_id, as_json)


def extend(
    number: Number,
    as_: As,
    days: Annotated[
        int, typer.Option(metavar="DAYS", min=1, help=N_("How many working days shall be left."))
    ],
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Ask for more time in the present stage."""
    from db.queries.projects import project_id_of  # noqa: PLC0415 (help must not wait for it)
    from use_cases.ask_for_extension import ask_for_extension  # noqa: PLC0415

    with opened() as runtime, runtime.database.writing() as session:
        asked = ask_for_extension(
            session,
            project_id_of(session, number),
            days=days,
            reason=reason,
            by=person_with(session, as_),
            now=runtime.now(),
            calendar=runtime.calendar,
        )
    say_asked(number, asked.request_id, as_json)


def unfreeze(
    number: Number,
    as_: As,
    annul: Annotated[
        bool | None,
        typer.Option(
            "--annul/--confirm",
            show_default=False,
            help=N_("Whether the disowned decision is annulled, or confirmed."),
        ),
    ] = None,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """End a freeze, as an administrator who has looked into it."""
    from db.queries.projects import project_id_of  # noqa: PLC0415 (help must not wait for it)
    from use_cases.end_freeze import end_freeze  # noqa: PLC0415

    if annul is None:
        raise Misused(gettext("Choose --confirm or --annul: does the decision stand?"))
    with opened() as runtime, runtime.database.writing() as session:
        end_freeze(
            session,
            project_id_of(session, number),
            annul=annul,
            reason=reason,
            by=person_with(session, as_),
            now=runtime.now(),
            calendar=runtime.calendar,
        )
    if as_json:
        say_json({"project": number, "frozen": False, "annulled": annul})
    elif annul:
        say(gettext("%(number)s goes on; the decision was annulled.", number=number))
    else:
        say(gettext("%(number)s goes on; the decision stands.", number=number))


def say_asked(number: str, request_id: int, as_json: bool) -> None:
    """Say in which request those who must agree were asked."""
    if as_json:
        say_json({"project": number, "moved": False, "request": request_id})
    else:
        say(
            gettext(
                "%(number)s waits for approval: those who must agree were asked in request"
                " %(request)d.",
                number=number,
                request=request_id,
            )
        )
