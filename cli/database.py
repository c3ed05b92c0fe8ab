"""`luodi db upgrade` and `luodi sample load`: a database that is ready to work with."""

from typing import TYPE_CHECKING

import typer

from cli.opening import opened
from cli.printing import say
from words.translations import N_, gettext

if TYPE_CHECKING:
    from runtime.opening import Runtime
    from use_cases.samples.load import Loaded
    from use_cases.seeding.seed import Seeded

db = typer.Typer()
sample = typer.Typer()


@db.callback()
@sample.callback()
def group() -> None:
    """Make a group of what would else, as the only command, take the group's place."""


@db.command(help=N_("Create or renew the tables; add units, teams, posts and the first policy."))
def upgrade() -> None:
    """Bring the database up to date. Safe to repeat."""
    with opened() as runtime:
        _say_seeded(upgraded(runtime))


@sample.command(help=N_("Add sample people and projects; what is there already stays as it is."))
def load() -> None:
    """Load the sample data into a database that is up to date. Safe to repeat."""
    with opened() as runtime:
        _say_loaded(_samples_loaded(runtime))


def upgraded(runtime: "Runtime") -> "Seeded":
    """Migrate and seed, each in a transaction of its own."""
    from db import migrations  # noqa: PLC0415 (help must not wait for it)
    from use_cases.seeding.seed import seed  # noqa: PLC0415

    migrations.upgrade(runtime.database)
    with runtime.database.writing() as session:
        return seed(session, now=runtime.now())


def made_ready(runtime: "Runtime") -> None:
    """Migrate, seed, and load the samples into a database in which nobody has worked yet."""
    from use_cases.samples.load import is_empty  # noqa: PLC0415

    _say_seeded(upgraded(runtime))
    with runtime.database.reading() as session:
        empty = is_empty(session)
    if empty:
        _say_loaded(_samples_loaded(runtime))


def _samples_loaded(runtime: "Runtime") -> "Loaded":
    from use_cases.samples.load import load_samples  # noqa: PLC0415

    with runtime.database.writing() as session:
        return load_samples(session, now=runtime.now(), calendar=runtime.calendar)


def _say_seeded(seeded: "Seeded") -> None:
    say(
        gettext(
            "The database is up to date. New: %(units)d units, %(teams)d teams, %(posts)d posts.",
            units=seeded.units,
            teams=seeded.teams,
            posts=seeded.posts,
        )
    )
    if not seeded.policy_file_in_force:
        say(
            gettext(
                "The policy in force differs from policies/jinhua.toml. The file is not adopted by"
                " itself: requests and clocks go on under the adopted version."
            )
        )


def _say_loaded(loaded: "Loaded") -> None:
    say(
        gettext(
            "Sample data loaded: %(people)d people, %(reported)d projects reported by the press"
            " (which may be incomplete), %(invented)d invented ones marked 样例.",
            people=loaded.people,
            reported=loaded.reported,
            invented=loaded.invented,
        )
    )
