"""A round of asking: what can be asked, answered, and become of it (product.md, section 4)."""

from enum import StrEnum

from state_machines.move_table import MoveTable
from state_machines.stages import Move


class Subject(StrEnum):
    """What can be asked: every move, and what stops or stretches a clock."""

    OPEN_NEGOTIATION = Move.OPEN_NEGOTIATION.value
    SIGN = Move.SIGN.value
    LEASE_FACTORY = Move.LEASE_FACTORY.value
    START = Move.START.value
    LOSE = Move.LOSE.value
    REVIVE = Move.REVIVE.value
    STEP_BACK = Move.STEP_BACK.value
    ANNUL_START = Move.ANNUL_START.value
    HOLD = "hold"
    EXTENSION = "extension"

    @property
    def move(self) -> Move | None:
        """The move that is asked for; None for a hold and an extension."""
        return None if self in PAUSES else Move(self.value)


PAUSES = (Subject.HOLD, Subject.EXTENSION)
"""What gives a project more time where it is."""


class Answer(StrEnum):
    """What a person can say to a request."""

    APPROVE = "approve"
    REJECT = "reject"
    SEND_BACK = "send_back"


class Through(StrEnum):
    """The way by which an answer comes."""

    LINK = "link"
    """A link from a mail, without an account."""
    SESSION = "session"
    """Somebody who is known here: signed in, or at the terminal."""


class ApprovalState(StrEnum):
    """Where one asked person stands."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    SENT_BACK = "sent_back"
    MOOT = "moot"
    ANNULLED = "annulled"
    """Given in this person's name, but not by them."""


class AskedBecause(StrEnum):
    """Why somebody is asked for a post."""

    HOLDS = "holds"
    STANDS_IN = "stands_in"
    EMPTY = "empty"
    """The post has nobody, so the superior is asked."""
    EXCLUDED = "excluded"
    """Its holder may not answer: it is their own request, project or edit."""
    SECOND_PERSON = "second_person"
    """One person alone had agreed for all the posts, and two must."""
    OVERDUE = "overdue"
    """Nobody answered in time, so the superior is asked besides."""
    UNDELIVERED = "undelivered"
    """The mail that asked the one before did not arrive."""
    REASSIGNED = "reassigned"


class NoLongerAsked(StrEnum):
    """Why somebody who was asked need not answer any more."""

    SETTLED = "settled"
    ANSWERED = "answered"
    """Somebody else has answered for the same post, or the step has agreed without them."""
    LEFT = "left"
    """They do not hold the post any more, nor stand in for it."""
    STOOD_IN = "stood_in"
    """A stand-in answers for them meanwhile."""
    EXCLUDED = "excluded"
    REASSIGNED = "reassigned"
    UNDELIVERED = "undelivered"


class RequestState(StrEnum):
    """Where a round of asking stands."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    SENT_BACK = "sent_back"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    ANNULLED = "annulled"
    """It was settled by somebody who was not who they seemed."""


class RequestMove(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"
    SEND_BACK = "send_back"
    WITHDRAW = "withdraw"
    SUPERSEDE = "supersede"
    EXPIRE = "expire"
    ANNUL = "annul"


APPROVALS = MoveTable(
    ApprovalState,
    moves=[
        (ApprovalState.PENDING, Answer.APPROVE, ApprovalState.APPROVED),
        (ApprovalState.PENDING, Answer.REJECT, ApprovalState.REJECTED),
        (ApprovalState.PENDING, Answer.SEND_BACK, ApprovalState.SENT_BACK),
        # Saying the same thing again is no news: a second click must not fail.
        (ApprovalState.APPROVED, Answer.APPROVE, ApprovalState.APPROVED),
        (ApprovalState.REJECTED, Answer.REJECT, ApprovalState.REJECTED),
        (ApprovalState.SENT_BACK, Answer.SEND_BACK, ApprovalState.SENT_BACK),
    ],
)

REQUESTS = MoveTable(
    RequestState,
    moves=[
        (RequestState.PENDING, RequestMove.APPROVE, RequestState.APPROVED),
        (RequestState.PENDING, RequestMove.REJECT, RequestState.REJECTED),
        (RequestState.PENDING, RequestMove.SEND_BACK, RequestState.SENT_BACK),
        (RequestState.PENDING, RequestMove.WITHDRAW, RequestState.WITHDRAWN),
        (RequestState.PENDING, RequestMove.SUPERSEDE, RequestState.SUPERSEDED),
        (RequestState.PENDING, RequestMove.EXPIRE, RequestState.EXPIRED),
        # An answer that was somebody else's doing takes the round down with it.
        *(
            (state, RequestMove.ANNUL, RequestState.ANNULLED)
            for state in (
                RequestState.PENDING,
                RequestState.APPROVED,
                RequestState.REJECTED,
                RequestState.SENT_BACK,
            )
        ),
    ],
)

NEEDS_COMMENT = (Answer.REJECT, Answer.SEND_BACK)
"""The answers that nobody gives without saying why."""
