"""A round of asking: what one answer means, and what all of them together mean."""

from collections.abc import Iterable
from enum import StrEnum

from state_machines.move_table import MoveTable


class Answer(StrEnum):
    """What a person can say to a request."""

    APPROVE = "approve"
    REJECT = "reject"
    SEND_BACK = "send_back"


class ApprovalState(StrEnum):
    """Where one asked person stands."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    SENT_BACK = "sent_back"
    MOOT = "moot"


class RequestState(StrEnum):
    """Where a round of asking stands."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    SENT_BACK = "sent_back"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


class RequestMove(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"
    SEND_BACK = "send_back"
    WITHDRAW = "withdraw"
    SUPERSEDE = "supersede"


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
    ],
)

NEEDS_COMMENT = (Answer.REJECT, Answer.SEND_BACK)
"""The answers that nobody gives without saying why."""


def verdict(answers: Iterable[tuple[str, ApprovalState]]) -> RequestMove | None:
    """Return what a round of (post, state) answers calls for, or None while it is open.

    Every post must agree, and any one of the people asked for a post answers for it. One
    rejection, or one sending back, settles the round at once.
    """
    agreed: dict[str, bool] = {}
    for post, state in answers:
        if state is ApprovalState.REJECTED:
            return RequestMove.REJECT
        if state is ApprovalState.SENT_BACK:
            return RequestMove.SEND_BACK
        agreed[post] = agreed.get(post, False) or state is ApprovalState.APPROVED
    return RequestMove.APPROVE if agreed and all(agreed.values()) else None
