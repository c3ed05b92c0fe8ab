"""`luodi approvals`: what waits for an answer, and an answer given from the terminal."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import opened, person_with
from cli.options import As, AsJson, chosen
from cli.printing import say, say_json, say_table
from words.translations import N_, gettext

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

app = typer.Typer()


@app.command("list", help=N_("List the requests that wait, with those who are still asked."))
def list_requests(
    of: Annotated[
        str | None,
        typer.Option("--of", metavar="EMAIL", help=N_("Only what waits for this person.")),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List pending requests, oldest first."""
    with opened() as runtime, runtime.database.reading() as session:
        rows = _pending(session, person_with(session, of) if of else None)
    if as_json:
        say_json(rows)
    elif rows:
        _say_requests(rows)
    else:
        say(gettext("Nothing waits for an answer."))


@app.command(help=N_("Answer a request."))
def decide(
    request: Annotated[int, typer.Argument(metavar="REQUEST", help=N_("The request's number."))],
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
    from words.labels import label  # noqa: PLC0415

    given = chosen(Answer, answer, "ANSWER")
    with opened() as runtime, runtime.database.writing() as session:
        state = run(
            session,
            request,
            given,
            by=person_with(session, as_),
            now=runtime.now(),
            calendar=runtime.calendar,
            comment=comment,
        )
    if as_json:
        say_json({"request": request, "state": state})
    else:
        say(
            gettext(
                "Request %(request)d now stands at: %(state)s.", request=request, state=label(state)
            )
        )


def _pending(session: "Session", person_id: int | None) -> list[dict[str, Any]]:
    from sqlalchemy import select  # noqa: PLC0415
    from sqlalchemy.orm import joinedload, selectinload  # noqa: PLC0415

    from db.models import Approval, ApprovalRequest  # noqa: PLC0415
    from state_machines.approvals import ApprovalState, RequestState  # noqa: PLC0415

    pending = (
        select(ApprovalRequest)
        .where(ApprovalRequest.state == RequestState.PENDING)
        .order_by(ApprovalRequest.id)
        .options(
            joinedload(ApprovalRequest.project),
            joinedload(ApprovalRequest.requested_by),
            selectinload(ApprovalRequest.approvals).joinedload(Approval.person),
        )
    )
    if person_id is not None:
        pending = pending.where(
            ApprovalRequest.approvals.any(
                (Approval.person_id == person_id) & (Approval.state == ApprovalState.PENDING)
            )
        )
    return [
        {
            "request": each.id,
            "project": each.project.number,
            "name": each.project.name,
            "subject": each.subject,
            "requested_by": each.requested_by.email,
            "requested_at": each.requested_at.isoformat(),
            "asked": sorted(
                {
                    approval.person.email
                    for approval in each.approvals
                    if approval.state is ApprovalState.PENDING
                }
            ),
        }
        for each in session.scalars(pending)
    ]


def _say_requests(rows: list[dict[str, Any]]) -> None:
    from words.labels import label  # noqa: PLC0415

    say_table(
        [
            gettext("Request"),
            gettext("Project"),
            gettext("Name"),
            gettext("What"),
            gettext("Asked"),
        ],
        [
            [
                str(row["request"]),
                row["project"],
                row["name"],
                label(row["subject"]),
                ", ".join(row["asked"]),
            ]
            for row in rows
        ],
    )
