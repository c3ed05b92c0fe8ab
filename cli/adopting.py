"""`luodi policy adopt`: the city goes by other rules, shown before it does."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from cli.confirming import Yes, go_on
from cli.opening import opened, person_with
from cli.options import As, AsJson
from cli.policy_files import PolicyFile, differences, read_policy, say_differences
from cli.printing import say, say_json
from words.translations import gettext

if TYPE_CHECKING:
    from use_cases.adopt_policy import Effects


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
        if not unchanged and go_on(gettext("Adopt this policy?"), yes=yes, as_json=as_json):
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
