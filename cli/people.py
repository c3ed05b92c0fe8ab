"""`luodi people`: who works here, with their posts; somebody leaves."""

from typing import Annotated

import typer

from cli.opening import opened, person_if_told, person_with
from cli.options import AsJson, AsOperator
from cli.printing import say, say_json, say_table
from words.translations import N_, gettext

app = typer.Typer()


@app.command("list", help=N_("List the people who work here, with the posts they hold today."))
def list_people(as_json: AsJson = False) -> None:
    """List everybody who is active."""
    from db.queries.people import everybody  # noqa: PLC0415 (help must not wait for it)
    from state_machines.working_days import local_day  # noqa: PLC0415

    with opened() as runtime, runtime.database.reading() as session:
        people = everybody(session, local_day(runtime.now()))
    if as_json:
        say_json(
            [
                {
                    "email": each.person.email,
                    "name": each.person.name,
                    "language": each.person.language,
                    "posts": [str(post) for post in each.posts],
                }
                for each in people
            ]
        )
        return
    say_table(
        [gettext("Name"), gettext("E-mail"), gettext("Posts")],
        [
            [each.person.name, each.person.email, ", ".join(str(post) for post in each.posts)]
            for each in people
        ],
    )


@app.command(help=N_("Let a person leave: all that waits for them goes to others at once."))
def leave(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help=N_("The person's e-mail address."))],
    as_: AsOperator = None,
    as_json: AsJson = False,
) -> None:
    """Their posts and delegations end, and their projects go to their units' intake."""
    from use_cases.people.leave import leave as run  # noqa: PLC0415 (help must not wait for it)

    with opened() as runtime, runtime.database.writing() as session:
        run(
            session,
            person_with(session, email),
            by=person_if_told(session, as_),
            now=runtime.now(),
            calendar=runtime.calendar,
        )
    if as_json:
        say_json({"email": email, "active": False})
    else:
        say(gettext("%(email)s has left. What waited for them is asked of others.", email=email))
