"""`luodi delegations`: who stands in for whom; add one, end one."""

from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from cli.opening import opened, person_if_told, person_with
from cli.options import AsJson, AsOperator
from cli.printing import say, say_json, say_table
from words.translations import N_, gettext

app = typer.Typer()

_DAY: Any = {"formats": ["%Y-%m-%d"], "metavar": "DAY"}


@app.command("list", help=N_("List the delegations of today and of days to come."))
def list_delegations(as_json: AsJson = False) -> None:
    """List delegations that are not over, the earliest first."""
    from db.queries.people import delegations_from  # noqa: PLC0415 (help must not wait for it)
    from state_machines.working_days import local_day  # noqa: PLC0415
    from words.days import day  # noqa: PLC0415

    with opened() as runtime, runtime.database.reading() as session:
        found = delegations_from(session, local_day(runtime.now()))
    if as_json:
        say_json(
            [
                {
                    "delegation": each.id,
                    "holder": holder.email,
                    "stand_in": stand_in.email,
                    "from": each.from_day.isoformat(),
                    "to": each.to_day.isoformat(),
                }
                for each, holder, stand_in in found
            ]
        )
    elif not found:
        say(gettext("Nobody stands in for anybody."))
    else:
        say_table(
            [
                gettext("Delegation"),
                gettext("Holder"),
                gettext("Stand-in"),
                gettext("First day"),
                gettext("Last day"),
            ],
            [
                [str(each.id), holder.email, stand_in.email, day(each.from_day), day(each.to_day)]
                for each, holder, stand_in in found
            ],
        )


@app.command(help=N_("Let somebody stand in for a holder, as the holder or an administrator."))
def add(
    holder: Annotated[
        str, typer.Argument(metavar="HOLDER", help=N_("Who is away: an e-mail address."))
    ],
    stand_in: Annotated[str, typer.Argument(metavar="STAND_IN", help=N_("Who answers meanwhile."))],
    *,
    to: Annotated[datetime, typer.Option(**_DAY, help=N_("The last day."))],
    from_: Annotated[
        datetime | None,
        typer.Option("--from", **_DAY, help=N_("The first day; today by default.")),
    ] = None,
    as_: AsOperator = None,
    as_json: AsJson = False,
) -> None:
    """Delegate; saying it twice changes nothing."""
    from state_machines.working_days import local_day  # noqa: PLC0415 (help must not wait for it)
    from use_cases.people.delegate import delegate  # noqa: PLC0415
    from words.days import day  # noqa: PLC0415

    with opened() as runtime, runtime.database.writing() as session:
        first = from_.date() if from_ else local_day(runtime.now())
        made = delegate(
            session,
            person_with(session, holder),
            person_with(session, stand_in),
            from_day=first,
            to_day=to.date(),
            by=person_if_told(session, as_),
            now=runtime.now(),
            calendar=runtime.calendar,
        )
    if as_json:
        days = {"from": first.isoformat(), "to": to.date().isoformat()}
        say_json({"delegation": made, "holder": holder, "stand_in": stand_in, **days})
    else:
        say(
            gettext(
                "Delegation %(number)d: %(stand_in)s stands in for %(holder)s from %(first)s to"
                " %(last)s.",
                number=made,
                stand_in=stand_in,
                holder=holder,
                first=day(first),
                last=day(to.date()),
            )
        )


@app.command(help=N_("End a delegation before its time, as the holder or an administrator."))
def end(
    delegation: Annotated[
        int, typer.Argument(metavar="DELEGATION", min=1, help=N_("Its number, as listed."))
    ],
    *,
    last_day: Annotated[
        datetime | None, typer.Option(**_DAY, help=N_("Its last day; at once by default."))
    ] = None,
    as_: AsOperator = None,
    as_json: AsJson = False,
) -> None:
    """What waits for the stand-in goes back to the holder, at once or on the day."""
    from state_machines.working_days import local_day  # noqa: PLC0415 (help must not wait for it)
    from use_cases.people.end_delegation import end_delegation  # noqa: PLC0415
    from words.days import day  # noqa: PLC0415

    with opened() as runtime, runtime.database.writing() as session:
        yesterday = local_day(runtime.now()) - timedelta(days=1)
        last = last_day.date() if last_day else yesterday
        end_delegation(
            session,
            delegation,
            last_day=last,
            by=person_if_told(session, as_),
            now=runtime.now(),
            calendar=runtime.calendar,
        )
    if as_json:
        say_json({"delegation": delegation, "to": last.isoformat()})
    elif last == yesterday:
        say(gettext("The delegation has ended."))
    else:
        say(gettext("The delegation ends with %(last)s.", last=day(last)))
