"""What else can be done about a request: `luodi approvals withdraw`, `reassign`, `nudge` …"""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import opened, person_with
from cli.options import As, AsJson, Reason, Request
from cli.printing import say, say_json
from words.translations import N_, gettext

if TYPE_CHECKING:
    from runtime.opening import Runtime


def withdraw(request: Request, as_: As, as_json: AsJson = False) -> None:
    """Take a pending request back, as whoever asked it or owns the project."""
    from use_cases.withdraw import withdraw as run  # noqa: PLC0415 (help must not wait for it)

    with opened() as runtime:
        with runtime.database.writing() as session:
            run(session, request, by=person_with(session, as_), now=runtime.now())
        say_standing(runtime, request, as_json)


def reassign(
    request: Request,
    *,
    as_: As,
    from_: Annotated[
        str, typer.Option("--from", metavar="EMAIL", help=N_("Who is asked, and shall not be."))
    ],
    to: Annotated[
        str, typer.Option("--to", metavar="EMAIL", help=N_("Who shall be asked instead."))
    ],
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Pass a question on, as who is asked or as an administrator."""
    from use_cases.reassign import reassign as run  # noqa: PLC0415 (help must not wait for it)

    with opened() as runtime:
        with runtime.database.writing() as session:
            run(
                session,
                request,
                from_id=person_with(session, from_),
                to_id=person_with(session, to),
                reason=reason,
                by=person_with(session, as_),
                now=runtime.now(),
                calendar=runtime.calendar,
            )
        say_standing(runtime, request, as_json)


def nudge(request: Request, as_: As, as_json: AsJson = False) -> None:
    """Ask once more, as whoever asked or owns the project."""
    from use_cases.nudge import nudge as run  # noqa: PLC0415 (help must not wait for it)

    with opened() as runtime:
        with runtime.database.writing() as session:
            run(
                session,
                request,
                by=person_with(session, as_),
                now=runtime.now(),
                calendar=runtime.calendar,
            )
        say_standing(runtime, request, as_json)


def fresh_link(request: Request, as_: As, as_json: AsJson = False) -> None:
    """Send a fresh link, as who is asked: only ever to their registered address."""
    from use_cases.send_fresh_link import send_fresh_link as run  # noqa: PLC0415 (as above)

    with opened() as runtime:
        with runtime.database.writing() as session:
            run(session, request, person_with(session, as_), now=runtime.now())
        say_standing(runtime, request, as_json)


def disown(request: Request, as_: As, as_json: AsJson = False) -> None:
    """Say that the answer in one's name was not one's own."""
    from use_cases.disown import disown as run  # noqa: PLC0415 (help must not wait for it)

    with opened() as runtime:
        with runtime.database.writing() as session:
            run(
                session,
                request,
                person_with(session, as_),
                now=runtime.now(),
                calendar=runtime.calendar,
            )
        say_standing(runtime, request, as_json)


def say_standing(runtime: "Runtime", request_id: int, as_json: bool) -> None:
    """Say how a request stands now, and who is asked."""
    from db.queries.request_data import RequestLine  # noqa: PLC0415
    from db.queries.request_dossier import request_dossier  # noqa: PLC0415 (help must not wait for it)
    from state_machines.working_days import local_day  # noqa: PLC0415
    from words.labels import label  # noqa: PLC0415
    from words.refusals import listed  # noqa: PLC0415

    with runtime.database.reading() as session:
        today = local_day(runtime.now())
        line = RequestLine.of(request_dossier(session, request_id, today=today))
    if as_json:
        say_json(line.model_dump(mode="json"))
        return
    say(
        gettext(
            "Request %(request)d now stands at: %(state)s.",
            request=request_id,
            state=label(line.state),
        )
    )
    if line.asked:
        say(gettext("Asked now: %(people)s", people=listed(line.asked)))
