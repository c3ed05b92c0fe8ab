"""What every sender promises: one letter in, one outcome out, whatever the network does.

An outcome says what is *known* about the letter, and so what may safely be done with it:

| outcome         | did it leave? | may it be sent again?                 | counts as a try |
| --------------- | ------------- | ------------------------------------- | --------------- |
| `Accepted`      | yes           | no                                    | yes             |
| `TryLater`      | no            | yes                                   | yes             |
| `Ambiguous`     | who knows     | only if no event bears its id by then | yes             |
| `LetterRefused` | no            | no: the letter itself is at fault     | yes             |
| `SenderPaused`  | no            | yes; no other letter before then      | no              |
| `SenderStopped` | no            | yes, once a person has mended it      | no              |

Every `reason` is one short line for operators, in the words of the network or the provider. It
holds neither key nor link, so it may be stored and logged.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias

from notifications.senders.letter import Letter

DEFAULT_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has taken the letter over. Whether it arrives is news that comes later."""

    provider_id: str | None = None
    """The provider's own name for the letter, to quote to its support; never our key."""


@dataclass(frozen=True, slots=True)
class TryLater:
    """The letter certainly did not leave, and nothing is wrong with it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """The letter was handed over and the answer was lost: it may be on its way."""

    reason: str


@dataclass(frozen=True, slots=True)
class LetterRefused:
    """The provider will never take this letter: sending it again would change nothing."""

    reason: str


@dataclass(frozen=True, slots=True)
class SenderPaused:
    """The provider asks for a rest. It goes for every letter, and is not this one's fault."""

    reason: str
    until: datetime | None = None
    """The instant that the provider named, as it named it, if it did."""

    def resume_at(self, now: datetime) -> datetime:
        """Return when to send again: the named time, but after `now` and within `LONGEST_PAUSE`.

        Without a time still to come, be it missing or past by a clock that differs from ours,
        `DEFAULT_PAUSE` from `now`.
        """
        if self.until is None or self.until <= now:
            return now + DEFAULT_PAUSE
        return min(self.until, now + LONGEST_PAUSE)


@dataclass(frozen=True, slots=True)
class SenderStopped:
    """No letter can leave until a person mends key, address or network. Raise an alarm."""

    reason: str


Outcome: TypeAlias = Accepted | TryLater | Ambiguous | LetterRefused | SenderPaused | SenderStopped


class Sender(Protocol):
    """A way for letters to leave. One sender serves all threads of a process."""

    def send(self, letter: Letter) -> Outcome:
        """Try once to send `letter`, and return what is known afterwards.

        Raises nothing for what a network or a provider may do; an exception is a defect, and
        leaves the letter `Ambiguous`. Takes at most about a minute. To be called with no
        transaction open.
        """
        ...
