"""What is wrong with a file, kept without a language until somebody reads it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from state_machines.errors import Refusal
from words.labels import label
from words.refusals import sentence
from words.translations import gettext

LONGEST_QUOTE = 80


@dataclass(frozen=True)
class Message:
    """A sentence as its msgid and what fills it: what is wrong, and how to mend it."""

    msgid: str
    values: Mapping[str, object] = field(default_factory=dict)

    def say(self) -> str:
        """Return the sentence in the language spoken now, stages and the like by their words."""
        words = {
            name: label(value) if isinstance(value, StrEnum) else value
            for name, value in self.values.items()
        }
        return gettext(self.msgid, **words)


@dataclass(frozen=True)
class Problem:
    """One thing wrong in one row: its number as the file's own program shows it, its heading."""

    row: int
    column: str
    message: Message


class CellRefused(Exception):
    """A cell holds what its column cannot take."""

    def __init__(self, msgid: str, **values: object) -> None:
        super().__init__(msgid)
        self.message = Message(msgid, values)


class FileRefused(Refusal):
    """Nothing of the file can be read; `messages` say why and what to do."""

    def __init__(self, *messages: Message) -> None:
        super().__init__("; ".join(each.msgid for each in messages))
        self.messages = messages


@sentence.register
def _(refusal: FileRefused) -> str:
    return " ".join(each.say() for each in refusal.messages)


def quote(cell: object) -> str:
    """Return a cell as a message may carry it: never a whole novel."""
    text = str(cell)
    return text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"
