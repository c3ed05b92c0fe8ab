"""What a process is told from outside: `LUODI_…` in the environment, or in a `.env` beside it.

Only `runtime.opening` reads it. What is not told has a default that works on one machine.
"""

import os
import secrets
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from dotenv import dotenv_values
from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, Field, SecretStr, ValidationError, ValidationInfo
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from state_machines.errors import Refusal
from words.refusals import sentence
from words.translations import N_, gettext

PREFIX = "LUODI_"
DOTENV = ".env"
NOBODYS_ADDRESS = "luodi@localhost.example"
SECRET_LENGTH = 32
LOOPBACK = {"127.0.0.1", "::1", "localhost"}

# Read by others: prefect.yaml, the terminal, and the tests.
_NOT_OURS = {"LUODI_HOME", "LUODI_LANGUAGE", "LUODI_REQUIRE_ALL", "LUODI_TEST_DATABASE_URL"}

EXPECTED = {
    "data_folder": N_("a folder that may be written to"),
    "database_url": N_("sqlite:///… with the path of a file, or postgresql://…"),
    "base_url": N_("the address at which people reach Luodi, such as https://luodi.example"),
    "secret_key": N_("at least 32 characters that nobody can guess"),
    "sendgrid_api_key": N_("the key as SendGrid shows it"),
    "sendgrid_host": N_("an address that begins with https://"),
    "sendgrid_connections": N_("a whole number from 1 to 32"),
    "mail_from": N_("the e-mail address that SendGrid knows as the sender's"),
    "prefect_port": N_("a port from 1 to 65535"),
}
"""What each setting asks for."""


class SettingsInvalid(Refusal):
    """The process cannot start: settings that are wrong, and names that are none, are named.

    Holds no values, as some of them are secrets.
    """

    def __init__(self, wrong: Iterable[str], unknown: Iterable[str]) -> None:
        self.wrong, self.unknown = tuple(wrong), tuple(unknown)
        super().__init__(f"settings: wrong {self.wrong}, unknown {self.unknown}")


def _folder(path: Path) -> Path:
    path = path.expanduser().absolute()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise ValueError(path) from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise ValueError(path)
    return path


def _database(url: str) -> str:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ValueError("no database address") from None
    # SQLite in memory would be another database for every thread.
    in_file = parsed.database not in (None, "", ":memory:")
    if parsed.get_backend_name() not in ("sqlite", "postgresql") or not in_file:
        raise ValueError("no such database")
    return url


def _address(url: str) -> str:
    parts = urlsplit(url)
    bare = f"{parts.scheme}://{parts.netloc}"
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise ValueError("no web address")
    if url.rstrip("/") != bare:
        raise ValueError("an address without a path")
    return bare


def _secure(url: str) -> str:
    """The key travels there: in clear only as far as this machine."""
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise ValueError("not https")
    return url


def _header_safe(key: SecretStr | None) -> SecretStr | None:
    text = key.get_secret_value() if key else "-"
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("not a key")
    return key


def _sender_address(address: str, info: ValidationInfo) -> str:
    if info.data.get("sendgrid_api_key") and address == NOBODYS_ADDRESS:
        raise ValueError("SendGrid needs a real one")
    try:
        return validate_email(address, check_deliverability=False).normalized
    except EmailNotValidError:
        raise ValueError("no e-mail address") from None


class Settings(BaseSettings):
    """Every knob of Luodi. A wrong one stops the start."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=DOTENV,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        validate_default=True,
        hide_input_in_errors=True,
    )

    data_folder: Annotated[Path, AfterValidator(_folder)] = Path("var")
    """Everything that Luodi keeps in files; made if it is not there."""
    database_url: Annotated[str, AfterValidator(_database)] = Field(
        default_factory=lambda given: f"sqlite:///{given['data_folder'] / 'luodi.db'}",
        repr=False,  # it may hold a password
    )
    base_url: Annotated[str, AfterValidator(_address)] = "http://127.0.0.1:8000"
    """Without a slash at its end. Links in mails begin with it."""
    secret_key: SecretStr = Field(
        default_factory=lambda given: kept_secret(given["data_folder"] / "secret_key"),
        min_length=SECRET_LENGTH,
    )
    """Signs cookies. Made once and kept in the data folder if it is not told."""
    sendgrid_api_key: Annotated[SecretStr | None, AfterValidator(_header_safe)] = None
    """Without it, mail stays in the local mailbox."""
    sendgrid_host: Annotated[str, AfterValidator(_address), AfterValidator(_secure)] = (
        "https://api.sendgrid.com"
    )
    sendgrid_connections: int = Field(8, ge=1, le=32)
    """How many letters leave at once."""
    mail_from: Annotated[str, AfterValidator(_sender_address)] = NOBODYS_ADDRESS
    prefect_port: int = Field(4200, ge=1, le=65535)


def read_settings(**told: Any) -> Settings:
    """Read the settings; what is told here goes before environment and `.env`.

    Raises `SettingsInvalid`, which names all that is wrong at once. A name that begins like ours
    and is none of ours is wrong too: a slip in it would go unseen, and the default would rule.
    """
    known = {PREFIX + name.upper() for name in Settings.model_fields} | _NOT_OURS
    names = {name.upper() for name in [*os.environ, *dotenv_values(DOTENV)]}
    unknown = sorted(name for name in names if name.startswith(PREFIX) and name not in known)
    try:
        settings = Settings(**told)
    except ValidationError as error:
        # What rests on another setting is not made once one is wrong, and is not itself wrong.
        wrong = [e["loc"][0] for e in error.errors() if e["type"] != "default_factory_not_called"]
        raise SettingsInvalid(map(str, wrong), unknown) from None
    if unknown:
        raise SettingsInvalid((), unknown)
    return settings


def kept_secret(file: Path) -> SecretStr:
    """Return the secret in `file`, made on first use and readable by its owner alone.

    Of several processes that start at once, one makes it and all read it.
    """
    if not file.exists():
        with tempfile.NamedTemporaryFile("w", dir=file.parent, prefix=".secret") as fresh:
            fresh.write(secrets.token_urlsafe(48))
            fresh.flush()
            with suppress(FileExistsError):
                os.link(fresh.name, file)  # whole or not at all, and never over another
    return SecretStr(file.read_text().strip())


@sentence.register
def _(refusal: SettingsInvalid) -> str:
    return "\n".join(
        [
            gettext(
                "Luodi cannot start with these settings. Correct each of them, then start it again:"
            ),
            *(f"{PREFIX}{name.upper()}: {gettext(EXPECTED[name])}" for name in refusal.wrong),
            *(gettext("%(name)s: there is no such setting.", name=n) for n in refusal.unknown),
        ]
    )
