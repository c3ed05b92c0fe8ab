"""`luodi`: what operators type. Each group of commands stands in a file of its own."""

from typing import Annotated

import typer

from cli import (
    approvals,
    chasing,
    database,
    delegations,
    doctor,
    escalation,
    importing,
    people,
    policies,
    posts,
    projects,
    serving,
)
from cli.speech import Spoken
from words.translations import N_, Language

app = typer.Typer(
    cls=Spoken,
    # Plain text: loading what draws boxes takes longer than all else that help does.
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    help=N_("Luodi: the stages, approvals and supervision orders of a city's investment projects."),
)


@app.callback()
def luodi(
    language: Annotated[
        Language,
        typer.Option(
            envvar="LUODI_LANGUAGE",
            metavar="zh-Hans|en",
            show_default=False,
            show_envvar=False,
            help=N_("The language to speak, Chinese by default; or set LUODI_LANGUAGE."),
        ),
    ] = Language.ZH_HANS,
) -> None:
    """Take the options before any command; `cli.speech` has read them by the time they get here."""


app.command("up", help=N_("Start everything on this machine: pages, schedules, sample data."))(
    serving.up
)
app.command("web", help=N_("Serve the pages alone."))(serving.web)
app.command("import", help=N_("Bring projects in from a CSV or Excel file."))(importing.import_file)
app.command("escalate", help=N_("Escalate every project that is due, or rehearse it."))(
    escalation.escalate
)
app.command("deliver", help=N_("Send every mail that is due."))(escalation.deliver)
app.command("doctor", help=N_("Check that Luodi can work here, and say what is still missing."))(
    doctor.doctor
)
app.add_typer(
    projects.app, name="project", help=N_("List, show and advance projects; ask for more time.")
)
app.add_typer(
    approvals.app,
    name="approvals",
    help=N_("List what waits for an answer; answer, pass on, withdraw."),
)
approvals.app.command(
    "chase", help=N_("Look after the requests that are due: remind, pass up, let expire.")
)(chasing.chase)
app.add_typer(posts.app, name="posts", help=N_("List who holds which post; appoint, vacate."))
app.add_typer(people.app, name="people", help=N_("List who works here; let somebody leave."))
app.add_typer(
    delegations.app, name="delegations", help=N_("List who stands in for whom; add one, end one.")
)
app.add_typer(policies.app, name="policy", help=N_("Check, compare and adopt the city's rules."))
app.add_typer(database.db, name="db", help=N_("Look after the database."))
app.add_typer(database.sample, name="sample", help=N_("Sample data to try Luodi on."))
