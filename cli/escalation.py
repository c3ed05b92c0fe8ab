"""`luodi escalate` and `luodi deliver`: one sweep or one mail round by hand."""

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import opened
from cli.options import AsJson
from cli.printing import say, say_json, say_table
from cli.speech import Failed, Misused
from state_machines.errors import NaiveTime
from words.translations import N_, gettext

if TYPE_CHECKING:
    from runs.sweep import SweepReport


def escalate(
    as_of: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help=N_("As of when, such as 2026-12-01T09:00+08:00; now by default.")
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=N_("Write and send nothing; say who would get what."))
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run one sweep. A repeated one changes nothing; one as of a day to come is a rehearsal."""
    from runs.sweep import sweep  # noqa: PLC0415 (help must not wait for it)

    told = instant(as_of) if as_of else None
    with opened() as runtime:
        report = sweep(runtime, as_of=told or runtime.now(), dry_run=dry_run)
    if as_json:
        say_json(report.as_dict())
    else:
        _say_report(report, dry_run)


def deliver(as_json: AsJson = False) -> None:
    """Run one mail round; exit with 1 if no mail can leave at all."""
    from runs.mail_round import deliver_due  # noqa: PLC0415 (help must not wait for it)

    with opened() as runtime:
        report = deliver_due(runtime)
    if as_json:
        say_json(asdict(report))
    else:
        say(
            gettext(
                "%(claimed)d mails were due: %(accepted)d left, %(later)d will be tried again,"
                " %(cancelled)d were no longer owed, %(dead)d were given up.",
                claimed=report.claimed,
                accepted=report.accepted,
                later=report.later,
                cancelled=report.cancelled,
                dead=report.dead,
            )
        )
    if report.stopped:
        raise Failed(
            gettext("No mail can leave until this is mended: %(reason)s", reason=report.stopped)
        )


def instant(text: str) -> datetime:
    """Read an ISO time with its offset; raises `NaiveTime`, or `Misused` for anything else."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise Misused(
            gettext(
                "--as-of cannot be “%(text)s”. Write a time such as 2026-12-01T09:00+08:00.",
                text=text,
            )
        ) from error
    if read.tzinfo is None:
        raise NaiveTime(text)
    return read


def _say_report(report: "SweepReport", dry_run: bool) -> None:
    from state_machines.ladder import RungKey  # noqa: PLC0415
    from words.days import moment  # noqa: PLC0415
    from words.labels import label  # noqa: PLC0415

    if dry_run:
        say(gettext("A rehearsal: nothing was written, nothing was sent."))
    say(
        gettext(
            "As of %(as_of)s: %(due)d due, %(fired)d rungs fired, %(passed_over)d passed over,"
            " %(parked)d parked.",
            as_of=moment(report.as_of),
            due=report.due,
            fired=report.fired,
            passed_over=report.passed_over,
            parked=report.parked,
        )
    )
    if report.orders:
        say_table(
            [gettext("Project"), gettext("Unit"), gettext("Rung"), gettext("Who is told")],
            [
                [each.project, each.unit, label(RungKey(each.rung)), ", ".join(each.to)]
                for each in report.orders
            ],
        )
