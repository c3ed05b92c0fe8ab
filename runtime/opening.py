"""Where the pieces are put together. Web, flows and CLI start here."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from db.session import Database
from notifications.senders.mailbox import LocalMailbox
from notifications.senders.sender import Sender
from runtime.calendar import city_calendar
from runtime.settings import Settings, read_settings
from state_machines.working_days import WorkCalendar

SENDER_NAME = "落地 Luodi"


def wall_clock() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Runtime:
    """The outside world, as five things that a test can replace."""

    settings: Settings
    database: Database
    calendar: WorkCalendar
    sender: Sender
    now: Callable[[], datetime] = wall_clock

    @property
    def mail_stays_here(self) -> bool:
        """True if no letter leaves this machine."""
        return isinstance(self.sender, LocalMailbox)

    def close(self) -> None:
        self.database.close()


def open_runtime(settings: Settings | None = None) -> Runtime:
    """Open what the settings name. The database is opened as it is, never migrated, here.

    Raises `SettingsInvalid` for settings that a process cannot start with.
    """
    settings = settings or read_settings()
    return Runtime(
        settings=settings,
        database=Database(settings.database_url),
        calendar=city_calendar(),
        sender=_sender(settings),
    )


def _sender(settings: Settings) -> Sender:
    if settings.sendgrid_api_key is None:
        return LocalMailbox()
    # Only who sends pays for loading it.
    from notifications.senders.sendgrid import SendGridSender  # noqa: PLC0415

    return SendGridSender(
        settings.sendgrid_api_key.get_secret_value(),
        settings.mail_from,
        SENDER_NAME,
        settings.sendgrid_host,
    )
