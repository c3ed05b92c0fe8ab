"""`luodi posts`: who holds which post; appoint somebody, vacate a post."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import opened, person_if_told, person_with
from cli.options import AsJson, AsOperator, chosen
from cli.printing import say, say_json, say_table
from words.translations import N_, Language, current_language, gettext

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from db.models import PostHolder
    from db.queries.people import PlaceName
    from state_machines.posts import Role

app = typer.Typer()

RoleName = Annotated[
    str, typer.Argument(metavar="ROLE", help=N_("The post's role, such as unit_leader."))
]
Place = Annotated[
    str,
    typer.Argument(
        metavar="PLACE", help=N_("A unit's code or a team's key, such as 330782, or its name.")
    ),
]
Email = Annotated[str, typer.Argument(metavar="EMAIL", help=N_("The person's e-mail address."))]
_DAY: Any = {"formats": ["%Y-%m-%d"], "metavar": "DAY"}


@app.command("list", help=N_("List the posts with those who hold them, now or from a later day."))
def list_posts(as_json: AsJson = False) -> None:
    """List every post; one that nobody holds is listed, too."""
    from db.queries.people import place_names, posts_and_holders  # noqa: PLC0415 (help must not wait)
    from state_machines.working_days import local_day  # noqa: PLC0415

    with opened() as runtime, runtime.database.reading() as session:
        names = place_names(session)
        posts: dict[tuple[Role, str], list[PostHolder]] = {}
        for post, holder in posts_and_holders(session, local_day(runtime.now())):
            holders = posts.setdefault((post.role, post.place), [])
            holders += [holder] if holder else []
    if as_json:
        say_json(
            [
                {"role": role, "place": place, "holders": [_as_json(each) for each in holders]}
                for (role, place), holders in posts.items()
            ]
        )
        return
    from words.labels import label  # noqa: PLC0415

    say_table(
        ["ROLE", "PLACE", gettext("Post"), gettext("Who holds it")],
        [
            [
                role,
                place,
                f"{_spoken(names[place])} {label(role)}",
                ", ".join(_in_words(each) for each in holders) or gettext("nobody"),
            ]
            for (role, place), holders in posts.items()
        ],
    )


@app.command(help=N_("Let a person hold a post, as an administrator."))
def appoint(
    role: RoleName,
    place: Place,
    email: Email,
    *,
    from_: Annotated[
        datetime | None,
        typer.Option("--from", **_DAY, help=N_("The first day; today by default.")),
    ] = None,
    to: Annotated[
        datetime | None, typer.Option(**_DAY, help=N_("The last day; without end by default."))
    ] = None,
    as_: AsOperator = None,
    as_json: AsJson = False,
) -> None:
    """Appoint somebody; saying it twice changes nothing."""
    from state_machines.posts import Role  # noqa: PLC0415 (help must not wait for it)
    from state_machines.working_days import local_day  # noqa: PLC0415
    from use_cases.people.appoint import appoint as run  # noqa: PLC0415
    from words.days import day  # noqa: PLC0415

    with opened() as runtime, runtime.database.writing() as session:
        first = from_.date() if from_ else local_day(runtime.now())
        last = to.date() if to else None
        key = _place(session, place)
        run(
            session,
            chosen(Role, role, "ROLE"),
            key,
            person_with(session, email),
            from_day=first,
            to_day=last,
            by=person_if_told(session, as_),
            now=runtime.now(),
            calendar=runtime.calendar,
        )
    if as_json:
        until = last.isoformat() if last else None
        say_json(
            {"role": role, "place": key, "email": email, "from": first.isoformat(), "to": until}
        )
    elif last:
        say(
            gettext(
                "%(email)s holds the post from %(first)s to %(last)s.",
                email=email,
                first=day(first),
                last=day(last),
            )
        )
    else:
        say(gettext("%(email)s holds the post from %(first)s on.", email=email, first=day(first)))


@app.command(help=N_("Let a person hold a post no longer, as an administrator."))
def vacate(
    role: RoleName,
    place: Place,
    email: Email,
    *,
    last_day: Annotated[
        datetime | None, typer.Option(**_DAY, help=N_("Their last day; at once by default."))
    ] = None,
    as_: AsOperator = None,
    as_json: AsJson = False,
) -> None:
    """Vacate a post: what waits for them goes to others, at once or on the day."""
    from state_machines.posts import Role  # noqa: PLC0415 (help must not wait for it)
    from state_machines.working_days import local_day  # noqa: PLC0415
    from use_cases.people.vacate import vacate as run  # noqa: PLC0415
    from words.days import day  # noqa: PLC0415

    with opened() as runtime, runtime.database.writing() as session:
        yesterday = local_day(runtime.now()) - timedelta(days=1)
        last = last_day.date() if last_day else yesterday
        key = _place(session, place)
        run(
            session,
            chosen(Role, role, "ROLE"),
            key,
            person_with(session, email),
            last_day=last,
            by=person_if_told(session, as_),
            now=runtime.now(),
            calendar=runtime.calendar,
        )
    if as_json:
        say_json({"role": role, "place": key, "email": email, "to": last.isoformat()})
    elif last == yesterday:
        say(gettext("%(email)s no longer holds the post.", email=email))
    else:
        say(gettext("%(email)s holds the post to %(last)s.", email=email, last=day(last)))


def _place(session: "Session", word: str) -> str:
    """Return the key of the unit or team that is called so; the word itself if none is."""
    from db.queries.people import place_names  # noqa: PLC0415 (help must not wait for it)

    names = place_names(session)
    return next((key for key, name in names.items() if word in (name.zh, name.en)), word)


def _spoken(place: "PlaceName") -> str:
    return place.zh if current_language() is Language.ZH_HANS else place.en


def _as_json(holder: "PostHolder") -> dict[str, str | None]:
    return {
        "email": holder.person.email,
        "name": holder.person.name,
        "from": holder.from_day.isoformat(),
        "to": holder.to_day.isoformat() if holder.to_day else None,
    }


def _in_words(holder: "PostHolder") -> str:
    from words.days import day  # noqa: PLC0415 (help must not wait for it)

    who = f"{holder.person.name} <{holder.person.email}>"
    if holder.to_day is None:
        return who
    return gettext("%(who)s (to %(last)s)", who=who, last=day(holder.to_day))
