"""`luodi project`: list projects, show one, advance it, give it more time."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import opened, person_with
from cli.options import As, AsJson, Number, chosen
from cli.pauses import extend, hold, say_asked, unfreeze
from cli.printing import name_of, say, say_json, say_table
from words.translations import N_, gettext

if TYPE_CHECKING:
    from use_cases.advance import Advanced, Requested

app = typer.Typer()


@app.command("list", help=N_("List projects by number."))
def list_projects(
    unit: Annotated[
        str | None, typer.Option(metavar="CODE", help=N_("Only this unit's, such as 330782."))
    ] = None,
    stage: Annotated[
        str | None, typer.Option(metavar="STAGE", help=N_("Only those in this stage."))
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List projects, all of them or those of a unit or a stage."""
    from cli.project_facts import line_as_json, lines  # noqa: PLC0415 (help must not wait for it)
    from state_machines.stages import Stage  # noqa: PLC0415
    from words.labels import label, light_shape  # noqa: PLC0415
    from words.money import amount  # noqa: PLC0415

    at = chosen(Stage, stage, "--stage") if stage else None
    with opened() as runtime, runtime.database.reading() as session:
        found = lines(session, unit, at, now=runtime.now())
    if as_json:
        say_json([line_as_json(each) for each in found])
        return
    say_table(
        [gettext(each) for each in (N_("Number"), N_("Light"), N_("Stage"), N_("Investment"))]
        + [gettext(each) for each in (N_("Unit"), N_("Name"))],
        [
            [
                each.project.number,
                f"{light_shape(each.light)} {label(each.light)}" if each.light else "",
                label(each.project.stage),
                amount(each.project.investment),
                name_of(each.project.unit),
                name_of(each.project),
            ]
            for each in found
        ],
    )


@app.command(help=N_("Show a project: its facts, what is missing, its history."))
def show(number: Number, as_json: AsJson = False) -> None:
    """Show one project."""
    from cli.project_facts import as_json as in_json  # noqa: PLC0415 (help must not wait for it)
    from cli.project_facts import as_text, seen  # noqa: PLC0415

    with opened() as runtime, runtime.database.reading() as session:
        project = seen(session, number, now=runtime.now())
        if as_json:
            say_json(in_json(project))
        else:
            say(as_text(project))


@app.command(help=N_("Make a move, or ask those who must agree."))
def advance(
    number: Number,
    move: Annotated[str, typer.Argument(metavar="MOVE", help=N_("The move, such as sign."))],
    *,
    as_: As,
    reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help=N_("Why, where a reason is needed."))
    ] = None,
    override: Annotated[
        bool,
        typer.Option(
            "--override", help=N_("Go against the gate; needs a reason and a second person.")
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Advance a project, or open the request that the move needs."""
    from db.queries.projects import project_id_of  # noqa: PLC0415 (help must not wait for it)
    from state_machines.stages import OFFERED  # noqa: PLC0415
    from use_cases.advance import advance as run  # noqa: PLC0415

    wanted = chosen(OFFERED, move, "MOVE")
    with opened() as runtime, runtime.database.writing() as session:
        done = run(
            session,
            project_id_of(session, number),
            wanted,
            by=person_with(session, as_),
            now=runtime.now(),
            calendar=runtime.calendar,
            reason=reason,
            override=override,
        )
    _say_done(number, done, as_json)


app.command(help=N_("Ask for a hold: the project's clocks stand still."))(hold)
app.command(help=N_("Ask for more working days in the stage."))(extend)
app.command(help=N_("End a freeze, once an administrator has looked into it."))(unfreeze)


def _say_done(number: str, done: "Advanced | Requested", as_json: bool) -> None:
    request_id = getattr(done, "request_id", None)
    if request_id is not None:
        say_asked(number, request_id, as_json)
    elif as_json:
        say_json({"project": number, "moved": True, "request": None})
    else:
        say(gettext("%(number)s has moved on.", number=number))
