"""`luodi approvals`: what waits for an answer, one request in full, and all that can be done."""

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import request_acts
from cli.opening import opened, person_with
from cli.options import As, AsJson, Request, chosen
from cli.printing import say, say_json, say_table
from cli.speech import Misused
from words.translations import N_, gettext

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from db.queries.approvals import ListedRequest, RequestPage
    from db.queries.request_data import RequestLine

app = typer.Typer()

AT_ONCE = 500
"""How many requests are read at a time; all are listed."""


@app.command("list", help=N_("List the requests that wait, with those who are still asked."))
def list_requests(
    of: Annotated[
        str | None,
        typer.Option("--of", metavar="EMAIL", help=N_("Only what waits for this person.")),
    ] = None,
    asked_by: Annotated[
        str | None,
        typer.Option(metavar="EMAIL", help=N_("What this person has asked, settled or not.")),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List requests, the oldest first; a person's by deadline; what one asked, the newest first."""
    if of and asked_by:
        raise Misused(gettext("Choose --of or --asked-by, not both."))
    with opened() as runtime, runtime.database.reading() as session:
        lines = _lines(session, of, asked_by)
    if as_json:
        say_json([each.model_dump(mode="json") for each in lines])
    elif lines:
        _say_lines(lines)
    else:
        say(gettext("Nothing was asked.") if asked_by else gettext("Nothing waits for an answer."))


@app.command(help=N_("Show a request: its steps, who is asked and why, who has answered."))
def show(request: Request, as_json: AsJson = False) -> None:
    """Show one request."""
    from cli.request_text import as_text  # noqa: PLC0415 (help must not wait for it)
    from db.queries.request_data import RequestData  # noqa: PLC0415
    from db.queries.request_dossier import request_dossier  # noqa: PLC0415
    from state_machines.working_days import local_day  # noqa: PLC0415

    with opened() as runtime, runtime.database.reading() as session:
        found = request_dossier(session, request, today=local_day(runtime.now()))
        if as_json:
            seen = RequestData.of_dossier(found, runtime.calendar)
            say_json(seen.model_dump(mode="json"))
        else:
            say(as_text(found, runtime.calendar))


@app.command(help=N_("Answer a request."))
def decide(
    request: Request,
    answer: Annotated[
        str,
        typer.Argument(metavar="ANSWER", help=N_("One of approve, reject, send_back.")),
    ],
    as_: As,
    comment: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help=N_("Why; compulsory to reject or send back.")),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Answer as one of those asked. Answering the same twice changes nothing."""
    from state_machines.approvals import Answer  # noqa: PLC0415 (help must not wait for it)
    from use_cases.decide import decide as run  # noqa: PLC0415

    given = chosen(Answer, answer, "ANSWER")
    with opened() as runtime:
        with runtime.database.writing() as session:
            run(
                session,
                request,
                given,
                by=person_with(session, as_),
                now=runtime.now(),
                calendar=runtime.calendar,
                comment=comment,
            )
        request_acts.say_standing(runtime, request, as_json)


app.command(help=N_("Take a request back."))(request_acts.withdraw)
app.command(help=N_("Pass a question to somebody else who may answer it."))(request_acts.reassign)
app.command(help=N_("Ask those who are asked once more; once per working day."))(request_acts.nudge)
app.command("fresh-link", help=N_("Mail a fresh link to somebody who is asked."))(
    request_acts.fresh_link
)
app.command(help=N_("Say that an answer was not yours; the project freezes."))(request_acts.disown)


def _lines(session: "Session", of: str | None, asked_by: str | None) -> "list[RequestLine]":
    from db.queries import approvals  # noqa: PLC0415 (help must not wait for it)
    from db.queries.request_data import RequestLine  # noqa: PLC0415

    if of:
        rows = _all_pages(partial(approvals.waiting_for, session, person_with(session, of)))
    elif asked_by:
        rows = _all_pages(partial(approvals.asked_by, session, person_with(session, asked_by)))
    else:
        rows = _all_pages(partial(approvals.pending, session))
    return [RequestLine.of(each) for each in rows]


def _all_pages(look: "Callable[..., RequestPage[Any]]") -> "list[ListedRequest]":
    page = look(limit=AT_ONCE)
    rows = [*page.rows]
    while page.after is not None:
        page = look(after=page.after, limit=AT_ONCE)
        rows += page.rows
    return rows


def _say_lines(lines: "list[RequestLine]") -> None:
    from words.days import day  # noqa: PLC0415 (help must not wait for it)
    from words.labels import label  # noqa: PLC0415
    from words.rounds import asked_in_words  # noqa: PLC0415

    say_table(
        [
            gettext("Request"),
            gettext("Project"),
            gettext("What"),
            gettext("State"),
            gettext("Step"),
            gettext("Asked"),
            gettext("Until"),
            gettext("Name"),
        ],
        [
            [
                str(each.request),
                each.project,
                asked_in_words(each.subject, each.before, each.after, each.terms),
                label(each.state),
                f"{each.step}/{each.step_count}",
                ", ".join(each.asked),
                day(each.answer_by) if each.answer_by else "",
                each.name,
            ]
            for each in lines
        ],
    )
