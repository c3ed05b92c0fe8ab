"""Letters through SendGrid's v3 Mail Send, and what each of its answers means for a letter."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from sendgrid import SendGridAPIClient
from urllib3 import Timeout

from notifications.senders.letter import Letter, display_name, one_line
from notifications.senders.pooled_client import (
    AnswerLost,
    NeverSent,
    NotTrusted,
    PooledClient,
    shared_pool,
)
from notifications.senders.sender import (
    Accepted,
    Ambiguous,
    LetterRefused,
    Outcome,
    SenderPaused,
    SenderStopped,
    TryLater,
)

TIMEOUT = Timeout(connect=10, read=30)
LONGEST_REASON = 300
LONGEST_PROVIDER_ID = 255

# An account may have any of these on by default. They would rewrite our links, follow our readers,
# or let an approver unsubscribe from being asked.
TRACKING_OFF = {
    "click_tracking": {"enable": False, "enable_text": False},
    "open_tracking": {"enable": False},
    "subscription_tracking": {"enable": False},
    "ganalytics": {"enable": False},
}


class SendGridSender:
    """Sends each letter in a request of its own, marked with our ids for the events that follow.

    `host` is https://api.sendgrid.com, or https://api.eu.sendgrid.com for an EU account. One
    instance serves all threads, on connections that are kept.

    Raises `ValueError`, without repeating the key, for a key that no header can carry, and for a
    host that is not https (except on this machine: the key would travel in clear).
    """

    def __init__(
        self,
        api_key: str,
        from_email: str,
        from_name: str,
        host: str = "https://api.sendgrid.com",
        *,
        timeout: Timeout = TIMEOUT,
    ) -> None:
        if not api_key or not api_key.isascii() or not api_key.isprintable() or " " in api_key:
            raise ValueError("the SendGrid key must be printable ASCII without spaces")
        self._api = SendGridAPIClient(api_key, host=_checked(host))
        self._api.client = PooledClient(
            shared_pool(timeout),
            host=self._api.host,
            request_headers=self._api.client.request_headers,
            version=3,
        )
        self._from = _address(from_email, from_name)

    def send(self, letter: Letter) -> Outcome:
        """Hand `letter` to SendGrid once. See `notifications.senders.sender` for the outcomes."""
        try:
            answer = self._api.send(_request_body(letter, self._from))
        except NotTrusted as error:
            return SenderStopped(_short(str(error)))
        except NeverSent as error:
            return TryLater(_short(str(error)))
        except AnswerLost as error:
            return Ambiguous(_short(str(error)))
        return _outcome(answer.status_code, answer.headers, answer.body)


def _request_body(letter: Letter, sender: Mapping[str, str]) -> dict[str, Any]:
    body: dict[str, Any] = {
        "personalizations": [
            {
                "to": [_address(letter.to_email, letter.to_name)],
                "custom_args": {
                    "luodi_mail_id": str(letter.mail_id),
                    "luodi_attempt": str(letter.attempt),
                },
            }
        ],
        "from": sender,
        "subject": letter.subject,
        "content": [
            {"type": "text/plain", "value": letter.text},
            {"type": "text/html", "value": letter.html},
        ],
        "tracking_settings": TRACKING_OFF,
    }
    if letter.headers:
        body["headers"] = letter.headers
    return body


def _outcome(status: int, headers: Mapping[str, str], body: bytes) -> Outcome:
    """Return what an answer means.

    Source: SendGrid's list of Mail Send errors, where only 202 is queued, 200 is the sandbox and
    503 is an API that takes nothing in. What it does not list is read with care: a 5xx may come
    from behind the queue, and a refusal condemns no letter unless it is known to be about it.
    """
    errors = list(_errors(body))
    reason = _short(" ".join([f"HTTP {status}", *(f"{what} [{field}]" for field, what in errors)]))
    match status:
        case HTTPStatus.ACCEPTED:
            provider_id = one_line(headers.get("X-Message-Id", ""))
            return Accepted(provider_id[:LONGEST_PROVIDER_ID] or None)
        case HTTPStatus.BAD_REQUEST if errors and all(_is_ours(field) for field, _ in errors):
            return SenderStopped(reason)
        case HTTPStatus.BAD_REQUEST | HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return LetterRefused(reason)
        case HTTPStatus.TOO_MANY_REQUESTS:
            return SenderPaused(reason, _reset(headers))
        case HTTPStatus.REQUEST_TIMEOUT | HTTPStatus.SERVICE_UNAVAILABLE:
            return TryLater(reason)
        case HTTPStatus.OK:
            return SenderStopped(f"{reason}: SendGrid's sandbox or somebody else; nothing was sent")
        case _ if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
            # A bad key, a redirect, a wrong path: it would meet every other letter, too.
            return SenderStopped(reason)
        case _:
            return Ambiguous(reason)


def _is_ours(field: str) -> bool:
    """Tell whether SendGrid blames our own address: that is a setting, and every letter has it."""
    return field == "from" or field.startswith("from.")


def _errors(body: bytes) -> Iterator[tuple[str, str]]:
    """Yield (field, message) for each error that SendGrid names; nothing from a foreign body."""
    with suppress(ValueError, KeyError, TypeError, AttributeError, RecursionError):
        for error in json.loads(body)["errors"]:
            yield str(error.get("field")), str(error["message"])


def _reset(headers: Mapping[str, str]) -> datetime | None:
    with suppress(KeyError, ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(int(headers["X-RateLimit-Reset"]), UTC)
    return None


def _address(email: str, name: str) -> dict[str, str]:
    name = display_name(name)
    return {"email": one_line(email), "name": name} if name else {"email": one_line(email)}


def _checked(host: str) -> str:
    address = urlsplit(host)
    local = address.hostname in {"127.0.0.1", "::1", "localhost"}
    if not address.hostname or address.scheme not in ({"http", "https"} if local else {"https"}):
        raise ValueError(f"SendGrid's host must be an https address, not {host!r}")
    return host.rstrip("/")


def _short(reason: str) -> str:
    return one_line(reason)[:LONGEST_REASON]
