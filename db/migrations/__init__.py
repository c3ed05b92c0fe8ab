"""The way from one shape of the database to the next (Alembic)."""

from io import StringIO
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from db.session import Database


def _config(database: Database) -> Config:
    config = Config(stdout=StringIO())  # what it has to say must not get among a command's JSON
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("file_template", "%%(year)d%%(month).2d%%(day).2d_%%(slug)s")
    config.attributes["engine"] = database.engine
    return config


def upgrade(database: Database, to: str = "head") -> None:
    """Bring the database to the newest shape, or to that of an older revision. Safe to repeat."""
    command.upgrade(_config(database), to)


def is_current(database: Database) -> bool:
    """Say whether the database has the newest shape; reads two rows and changes nothing."""
    newest = ScriptDirectory.from_config(_config(database)).get_heads()
    with database.reading() as session:
        found = MigrationContext.configure(session.connection()).get_current_heads()
    return set(found) == set(newest)


def check(database: Database) -> None:
    """Raise `alembic.util.CommandError` if the models say something no migration makes so."""
    command.check(_config(database))


def revise(database: Database, message: str) -> None:
    """Write a new migration from the difference between the models and the database."""
    command.revision(_config(database), message, autogenerate=True)
