"""`luodi policy adopt` and `reissue`: the city goes by other rules, shown before it does."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import opened, person_with
from cli.options import As, AsJson
from cli.policy_files import PolicyFile, differences, read_policy, say_differences
from cli.printing import say, say_json, say_table
from cli.speech import FAILURE
from state_machines.errors import RequestClosed
from words.translations import N_, gettext

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from use_cases.adopt_policy import Effects
    from use_cases.reissue_requests import Reissue

Yes = Annotated[
    bool,
    typer.Option("--yes", help=N_("Do not ask first. With --json, nothing is done without it.")),
]


def adopt(file: PolicyFile, as_: As, yes: Yes = False, as_json: AsJson = False) -> None:
    """Show what adopting a file would change, and adopt it once that is confirmed.

    Exits with 1 if it is not. Raises `NotAllowed` for anybody but an administrator, and
    `PolicyInvalid`.
    """
    from db.queries.policies import policy_in_force  # noqa: PLC0415 (help must not wait for it)
    from use_cases.access import refuse_all_but_administrators  # noqa: PLC0415
    from use_cases.adopt_policy import adopt_policy, is_in_force, preview_adoption  # noqa: PLC0415

    policy, source = read_policy(file)
    with opened() as runtime:
        now = runtime.now()
        with runtime.database.reading() as session:
            by = person_with(session, as_)
            refuse_all_but_administrators(session, "adopt_policy", by=by, now=now)
            unchanged = is_in_force(session, source)
            changed = differences(policy_in_force(session).policy, policy)
            effects = preview_adoption(session, policy, now=now, calendar=runtime.calendar)
        adopted = None
        if not (as_json or unchanged):
            _say_preview(changed, effects)
        if not unchanged and _go_on(gettext("Adopt this policy?"), yes=yes, as_json=as_json):
            with runtime.database.writing() as session:
                adopted = adopt_policy(
                    session, source, file=str(file), by=by, now=now, calendar=runtime.calendar
                )
    if as_json:
        say_json(
            {
                "file": str(file),
                "adopted": adopted is not None,
                "version": adopted.version_id if adopted else None,
                "changes": changed,
                "effects": _as_json(adopted.effects if adopted else effects),
            }
        )
    elif adopted:
        say(
            gettext(
                "Adopted as version %(version)d; %(changed)d projects were wound anew. Requests"
                " that pend keep their version; to move them: luodi policy reissue",
                version=adopted.version_id,
                changed=adopted.effects.changed,
            )
        )
    elif unchanged:
        say(gettext("%(file)s is in force already. Nothing was changed.", file=file))


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
        if movable and _go_on(gettext("Ask these again?"), yes=yes, as_json=as_json):
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


def _go_on(question: str, *, yes: bool, as_json: bool) -> bool:
    """Ask whether to go on; raises `typer.Exit` if a person says no, or nobody is there to."""
    if yes or as_json:
        return yes
    try:
        if typer.confirm(question):
            return True
    except typer.Abort:
        say("")
    say(gettext("Nothing was changed."))
    raise typer.Exit(FAILURE)


def _say_preview(changed: list[dict[str, Any]], effects: "Effects") -> None:
    from words.days import day  # noqa: PLC0415

    if changed:
        say(gettext("This changes:"))
        say_differences(changed)
    else:
        say(gettext("The text is another, and means what is in force already."))
    say(
        gettext(
            "Of %(projects)d projects, the next rung comes earlier for %(earlier)d and later for"
            " %(later)d; %(appeared)d get one, %(vanished)d have none any more."
            " What has fired stands.",
            projects=effects.projects,
            earlier=effects.earlier,
            later=effects.later,
            appeared=effects.appeared,
            vanished=effects.vanished,
        )
    )
    if effects.held_back:
        say(
            gettext(
                "%(held_back)d become due at once; nothing of that fires before %(day)s.",
                held_back=effects.held_back,
                day=day(effects.not_before),
            )
        )


def _as_json(effects: "Effects") -> dict[str, Any]:
    return asdict(effects) | {"not_before": effects.not_before.isoformat()}


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
