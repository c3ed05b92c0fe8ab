"""What a command needs before it can work: the runtime, and the person who acts."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cli.speech import Failed
from state_machines.errors import NotFound
from words.translations import gettext

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from runtime.opening import Runtime


@contextmanager
def opened() -> Iterator["Runtime"]:
    """Open the runtime for one command, and close it.

    Raises `SettingsInvalid`, and `Failed` for a database out of reach or never set up.
    """
    # Help must not wait for the database's libraries.
    from sqlalchemy.exc import OperationalError, ProgrammingError  # noqa: PLC0415

    from runtime.opening import open_runtime  # noqa: PLC0415

    runtime = open_runtime()
    try:
        yield runtime
    except (OperationalError, ProgrammingError) as error:
        reason, *_ = str(error.orig).splitlines()
        raise Failed(
            gettext(
                "The database cannot be used (%(reason)s). Check LUODI_DATABASE_URL, then run:"
                " luodi db upgrade",
                reason=reason,
            )
        ) from error
    except NotFound as refusal:
        if refusal.kind != "policy":
            raise
        raise Failed(gettext("The database was never seeded. Run: luodi db upgrade")) from refusal
    finally:
        runtime.close()


def person_if_told(session: "Session", email: str | None) -> int | None:
    """Return the id of who acts; None for whoever looks after this machine. Raises `NotFound`."""
    return person_with(session, email) if email else None


def person_with(session: "Session", email: str) -> int:
    """Return the id of the active person with this address; raises `NotFound`."""
    from db.queries import people  # noqa: PLC0415 (help must not wait for it)

    return people.person_with(session, email)
