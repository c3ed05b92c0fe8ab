"""`luodi import`: projects from a CSV or Excel file."""

import os
import re
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import opened, person_with
from cli.options import AsJson, chosen
from cli.printing import say, say_json, say_table
from cli.speech import BAD_INPUT, Misused
from words.refusals import listed
from words.translations import N_, gettext

if TYPE_CHECKING:
    from use_cases.importing.headings import Headings
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
            metavar="OUT.xlsx",
            dir_okay=False,
            show_default=False,
            help=N_("Write the rows to correct to this file; else to a new one beside FILE."),
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
    if result.rejected:
        to_correct = write_rejected(table, result.rejected)
        if rejected:
            rejected.write_bytes(to_correct)
        else:
            rejected = _written_beside(file, to_correct)
    if as_json:
        say_json(result.as_json())
    else:
        _say_result(result)
    if table.headings.ignored:
        typer.echo(_not_understood(table.headings), err=True)
    if result.rejected:
        typer.echo(_where(rejected), err=as_json)
        raise typer.Exit(BAD_INPUT)


def _say_result(result: "ImportResult") -> None:
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
    if rows:
        say_table(
            [gettext("Row"), gettext("Column"), gettext("What is wrong")],
            [[str(each.row), each.column, each.message.say()] for each in result.rejected],
        )


def _not_understood(headings: "Headings") -> str:
    """Name the columns left out, which would otherwise be lost without a word."""
    columns = [
        gettext("“%(heading)s” (did you mean “%(known)s”?)", heading=heading, known=known)
        if (known := headings.nearest(heading))
        else f"“{heading}”"
        for heading in dict.fromkeys(headings.ignored)
    ]
    return gettext(
        "Headings not understood, so these columns were not imported: %(columns)s.",
        columns=listed(columns),
    )


def _written_beside(file: Path, content: bytes) -> Path | None:
    """Write to a new file in the folder of `file`; None where nothing can be written.

    Never over an earlier one, which somebody may be correcting.
    """
    stem = re.sub(r"-rejected(-\d+)?$", "", file.stem)
    beside, numbers = file.with_name(f"{stem}-rejected.xlsx"), count(2)
    try:
        while beside.exists():
            beside = file.with_name(f"{stem}-rejected-{next(numbers)}.xlsx")
        with beside.open("xb") as out:
            out.write(content)
    except OSError:
        return None
    return beside


def _where(written: Path | None) -> str:
    if written:
        return gettext("The rows to correct were written to %(file)s.", file=written)
    return gettext("To get the rejected rows as a file to correct, add --rejected OUT.xlsx.")
