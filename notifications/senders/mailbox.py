"""The way out where there is none: letters stay in the outbox, and the web app shows them."""

from notifications.senders.letter import Letter
from notifications.senders.sender import Accepted, Outcome


class LocalMailbox:
    """Takes every letter. The mail round keeps it with placeholders, as it must hold no token."""

    def send(self, letter: Letter) -> Outcome:
        return Accepted()
