"""`luodi policy reissue`: pending requests go over to the policy in force, shown before they do."""

from typing import TYPE_CHECKING, Any

from cli.confirming import Yes, go_on
from cli.opening import opened, person_with
from cli.options import As, AsJson
from cli.printing import say, say_json, say_table
from state_machines.errors import RequestClosed
from words.translations import gettext

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from use_cases.reissue_requests import Reissue


def reissue(as_: As, yes: Yes = False, as_json: AsJson = False) -> None:
    """Show of whom pending requests would be asked, and ask again once that is confirmed.

    Each request in a transaction of its own, so that a repeated run goes on with the rest. Exits
    with 1 if it is not confirmed. Raises `NotAllowed` for anybody but an administrator.
    """
    from use_cases.access import refuse_all_but_administrators  # noqa: PLC0415
    from use_cases.reissue_requests import reissuable, reissue_request  # noqa: PLC0415

    done: dict[int, int] = {}
    with opened() as runtime:
        now = runtime.now()
        with runtime.database.reading() as session:
            by = person_with(session, as_)
            refuse_all_but_administrators(session, "reissue_requests", by=by, now=now)
            found = reissuable(session, now=now)
            lines = _lines(session, found)
        movable = [each.request.id for each in found if not each.stays]
        if not as_json:
            _say_requests(lines)
        if movable and go_on(gettext("Ask these again?"), yes=yes, as_json=as_json):
            for request_id in movable:
                with runtime.database.writing() as session:
                    try:
                        again = reissue_request(
                            session, request_id, by=by, now=now, calendar=runtime.calendar
                        )
                    except RequestClosed:
                        continue  # answered while the preview was read
                    if again is not None:
                        done[request_id] = again.id
    if as_json:
        say_json([line | {"again": done.get(line["request"])} for line in lines])
    elif lines:
        say(
            gettext(
                "%(again)d of %(all)d requests were asked again under the policy in force.",
                again=len(done),
                all=len(lines),
            )
        )


def _lines(session: "Session", found: "list[Reissue]") -> list[dict[str, Any]]:
    from sqlalchemy import select  # noqa: PLC0415

    from db.models import Person  # noqa: PLC0415
    from words.policy_changes import steps_said  # noqa: PLC0415
    from words.refusals import sentence  # noqa: PLC0415

    people = {person for each in found for person in (*each.asked, *each.would_be_asked)}
    emails = dict(
        session.execute(select(Person.id, Person.email).where(Person.id.in_(people))).all()
    )
    return [
        {
            "request": each.request.id,
            "project": each.request.project.number,
            "subject": each.request.subject,
            "asked": [emails[person] for person in each.asked],
            "would_be_asked": [emails[person] for person in each.would_be_asked],
            "steps": steps_said(each.steps),
            "stays": each.stays,
            "why": sentence(each.refusal) if each.refusal else _nobody(each),
        }
        for each in found
    ]


def _nobody(each: "Reissue") -> str | None:
    return gettext("Under the policy in force nobody has to agree to it.") if each.stays else None


def _say_requests(lines: list[dict[str, Any]]) -> None:
    from words.labels import label  # noqa: PLC0415

    if not lines:
        say(gettext("No request pends under an earlier policy."))
        return
    say_table(
        [
            gettext("Request"),
            gettext("Project"),
            gettext("Move"),
            gettext("Asked"),
            gettext("Would be asked"),
        ],
        [
            [
                str(line["request"]),
                line["project"],
                label(line["subject"]),
                ", ".join(line["asked"]),
                line["why"] or ", ".join(line["would_be_asked"]),
            ]
            for line in lines
        ],
    )
