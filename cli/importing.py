"""`luodi import`: projects from a CSV or Excel file."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import opened, person_with
from cli.options import AsJson, chosen
from cli.printing import say, say_json, say_table
from cli.speech import BAD_INPUT, Misused
from words.translations import N_, gettext

if TYPE_CHECKING:
    from use_cases.importing.import_projects import ImportResult


def import_file(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", exists=True, dir_okay=False, help=N_("CSV or Excel.")),
    ],
    *,
    clock: Annotated[
        str,
        typer.Option(
            metavar="today|dates",
            show_default=False,
            help=N_("Clocks start today (default), or on the day the file gives for the stage."),
        ),
    ] = "today",
    supersede: Annotated[
        bool,
        typer.Option("--supersede", help=N_("Let changes end the pending requests they concern.")),
    ] = False,
    spread: Annotated[
        int,
        typer.Option(
            metavar="N",
            min=0,
            show_default=False,
            help=N_("Stagger the clocks of new projects over N working days."),
        ),
    ] = 0,
    rejected: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT.xlsx", dir_okay=False, help=N_("Write the rows to correct to this file.")
        ),
    ] = None,
    as_: Annotated[
        str | None, typer.Option("--as", metavar="EMAIL", help=N_("Who acts; else the machine."))
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Import what can go in; exit with 2 if rows were rejected. Safe to repeat."""
    from use_cases.importing.import_projects import (  # noqa: PLC0415 (help must not wait for it)
        ClockStart,
        import_projects,
    )
    from use_cases.importing.reading import read_table  # noqa: PLC0415
    from use_cases.importing.rejected import write_rejected  # noqa: PLC0415
    from use_cases.importing.rows import check  # noqa: PLC0415

    start = chosen(ClockStart, clock, "--clock")
    if rejected and not os.access(rejected.absolute().parent, os.W_OK):
        # Not only once everything else has gone in.
        raise Misused(
            gettext("%(file)s cannot be written. Choose a folder that is there.", file=rejected)
        )
    with file.open("rb") as content:
        table = check(read_table(content))
    with opened() as runtime, runtime.database.writing() as session:
        result = import_projects(
            session,
            table,
            by=person_with(session, as_) if as_ else None,
            now=runtime.now(),
            calendar=runtime.calendar,
            clock=start,
            supersede=supersede,
            spread=spread,
        )
    if rejected and result.rejected:
        rejected.write_bytes(write_rejected(table, result.rejected))
    if as_json:
        say_json(result.as_json())
    else:
        _say_result(result, rejected)
    if result.rejected:
        raise typer.Exit(BAD_INPUT)


def _say_result(result: "ImportResult", written: Path | None) -> None:
    rows = {each.row for each in result.rejected}
    say(
        gettext(
            "%(created)d created, %(updated)d updated, %(unchanged)d unchanged, %(rejected)d"
            " rejected.",
            created=result.created,
            updated=result.updated,
            unchanged=result.unchanged,
            rejected=len(rows),
        )
    )
    if not rows:
        return
    say_table(
        [gettext("Row"), gettext("Column"), gettext("What is wrong")],
        [[str(each.row), each.column, each.message.say()] for each in result.rejected],
    )
    say(
        gettext("The rows to correct were written to %(file)s.", file=written)
        if written
        else gettext("To get the rejected rows as a file to correct, add --rejected OUT.xlsx.")
    )
