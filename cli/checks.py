"""What `luodi doctor` looks at, in the order in which one would mend it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from alembic.util import CommandError
from sqlalchemy import select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from cli.printing import name_of
from db import migrations
from db.models import Post, Team, Unit
from db.queries.policies import policy_in_force
from db.queries.roster import roster_on
from runtime.opening import Runtime, open_runtime
from runtime.settings import SettingsInvalid
from state_machines.asking import Circle
from state_machines.errors import NotFound
from state_machines.policy import Policy
from state_machines.posts import Places, PostKey, Role
from state_machines.working_days import local_day
from words.days import day
from words.labels import label
from words.refusals import listed, sentence
from words.translations import N_, gettext

TITLES = {
    "settings": N_("Settings"),
    "secret_key": N_("Secret key"),
    "mail": N_("Mail"),
    "database": N_("Database"),
    "migrations": N_("Tables"),
    "policy": N_("Policy"),
    "calendar": N_("Calendar"),
    "posts": N_("Posts"),
}


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. `name` is for scripts and never translated."""

    name: str
    ok: bool
    detail: str
    title: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", gettext(TITLES[self.name]))


def examined() -> list[Check]:
    """Look at everything; what hangs on something broken is left out. Changes nothing."""
    try:
        runtime = open_runtime()
    except SettingsInvalid as refusal:
        return [Check("settings", False, sentence(refusal))]
    try:
        return [*_checks(runtime)]
    finally:
        runtime.close()


def _checks(runtime: Runtime) -> Iterator[Check]:
    yield Check("settings", True, gettext("every setting can be used"))
    yield _secret_key(runtime)
    yield _mail(runtime)
    for check in (_database, _migrations):
        found = check(runtime)
        yield found
        if not found.ok:
            return
    with runtime.database.reading() as session:
        try:
            policy = policy_in_force(session).policy
        except NotFound:
            yield Check("policy", False, gettext("no policy was adopted; run: luodi db upgrade"))
            return
        yield Check("policy", True, gettext("“%(name)s” is in force", name=policy.name))
        yield _calendar(runtime, policy)
        yield _posts(session, policy, runtime.now())


def _secret_key(runtime: Runtime) -> Check:
    """That it is long enough was checked when the settings were read."""
    if os.environ.get("LUODI_SECRET_KEY"):
        return Check("secret_key", True, gettext("told by LUODI_SECRET_KEY"))
    kept = runtime.settings.data_folder / "secret_key"
    return Check("secret_key", True, gettext("made for this machine, kept in %(file)s", file=kept))


def _mail(runtime: Runtime) -> Check:
    if runtime.mail_stays_here:
        return Check("mail", True, gettext("stays in the local mailbox; no SendGrid key is set"))
    sender = runtime.settings.mail_from
    return Check("mail", True, gettext("leaves through SendGrid, from %(sender)s", sender=sender))


def _database(runtime: Runtime) -> Check:
    url = make_url(runtime.settings.database_url).render_as_string(hide_password=True)
    try:
        with runtime.database.reading() as session:
            session.execute(select(1))
    except SQLAlchemyError as error:
        reason, *_ = str(getattr(error, "orig", error)).splitlines()
        return Check(
            "database",
            False,
            gettext(
                "%(url)s cannot be reached: %(reason)s. Check LUODI_DATABASE_URL.",
                url=url,
                reason=reason,
            ),
        )
    return Check("database", True, url)


def _migrations(runtime: Runtime) -> Check:
    try:
        migrations.check(runtime.database)
    except CommandError:
        return Check("migrations", False, gettext("out of date; run: luodi db upgrade"))
    return Check("migrations", True, gettext("up to date"))


def _calendar(runtime: Runtime, policy: Policy) -> Check:
    """Due dates may lie in a year not announced yet; only living in one is a fault."""
    calendar, today = runtime.calendar, local_day(runtime.now())
    longest = max(policy.clocks.silence, *policy.clocks.stages.values())
    horizon = calendar.add(today, longest)
    announced = day(calendar.announced_until)
    if calendar.is_provisional(today):
        return Check(
            "calendar",
            False,
            gettext(
                "working days are announced only up to %(announced)s; install a newer Luodi",
                announced=announced,
            ),
        )
    if calendar.is_provisional(horizon):
        return Check(
            "calendar",
            True,
            gettext(
                "announced up to %(announced)s; due dates reach to %(horizon)s, and those after it"
                " are provisional",
                announced=announced,
                horizon=day(horizon),
            ),
        )
    return Check("calendar", True, gettext("announced up to %(announced)s", announced=announced))


def _posts(session: Session, policy: Policy, now: datetime) -> Check:
    """An empty post is answered for by its superior; it is a fault where nobody does."""
    roster = roster_on(session, local_day(now))
    ranks = list(Role)[::-1]  # the top posts first: they answer for all the others
    posts = sorted(
        session.scalars(select(Post)), key=lambda each: (ranks.index(each.role), each.place)
    )
    empty = [each for each in posts if not roster.answering(PostKey(each.role, each.place))]
    if not empty:
        return Check("posts", True, gettext("every post has a holder"))
    covered = all(
        Circle(_places(each), roster, policy.superiors, frozenset()).whom(each.role)
        for each in empty
    )
    places = {each.code: each for each in session.scalars(select(Unit))} | {
        each.key: each for each in session.scalars(select(Team))
    }
    return Check(
        "posts",
        covered,
        gettext(
            "without a holder: %(posts)s",
            posts=listed(f"{name_of(places[each.place])} {label(each.role)}" for each in empty),
        ),
    )


def _places(post: Post) -> Places:
    """Where a project of this post's place belongs, as far as its superiors are concerned."""
    return Places(
        unit_code=post.unit_code, headquarters_key=post.team_key, special_team_key=post.team_key
    )
