"""Where a page of a list ended, as text that programs hand back and never read."""

from datetime import date

from db.queries.approvals import Due
from state_machines.errors import ValueRefused
from web.row_ids import LARGEST_ID


def after_id(text: str | None) -> int | None:
    """Return the id after which a page begins; raises `ValueRefused` for what was never said."""
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and int(text) <= LARGEST_ID):
        raise ValueRefused("after", "where a page ended", text)
    return int(text)


def after_due(text: str | None) -> Due | None:
    """Return the last day and the id after which a page begins; raises `ValueRefused`."""
    if text is None:
        return None
    day, _, request_id = text.partition(".")
    try:
        last_day = date.fromisoformat(day)
    except ValueError as error:
        raise ValueRefused("after", "where a page ended", text) from error
    return last_day, after_id(request_id) or 0


def said(after: int | Due | None) -> str | None:
    """Return the place where a page ended as text; None where nothing follows."""
    match after:
        case None:
            return None
        case (last_day, request_id):
            return f"{last_day}.{request_id}"
        case request_id:
            return str(request_id)
