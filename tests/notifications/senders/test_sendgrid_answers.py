"""Every answer of the provider, and what it means for the letter."""

from datetime import UTC, datetime
from http import HTTPStatus

import pytest

from notifications.senders.sender import (
    Accepted,
    Ambiguous,
    LetterRefused,
    Outcome,
    SenderPaused,
    SenderStopped,
    TryLater,
)
from notifications.senders.sendgrid import SendGridSender
from tests.notifications.senders.conftest import API_KEY, a_letter
from tests.notifications.senders.fake_provider import (
    FakeProvider,
    answers,
    cuts_in_the_body,
    refuses,
)

# What SendGrid documents, and what proxies in between are known to say.
MEANINGS: dict[int, type[Outcome]] = {
    202: Accepted,
    200: SenderStopped,
    400: LetterRefused,
    413: LetterRefused,
    401: SenderStopped,
    403: SenderStopped,
    404: SenderStopped,
    405: SenderStopped,
    407: SenderStopped,
    415: SenderStopped,
    408: TryLater,
    503: TryLater,
    429: SenderPaused,
    500: Ambiguous,
    502: Ambiguous,
    504: Ambiguous,
}


def meaning(status: int) -> type[Outcome]:
    if status in MEANINGS:
        return MEANINGS[status]
    return SenderStopped if status // 100 in {3, 4} else Ambiguous


FINAL_STATUSES = [status.value for status in HTTPStatus if status >= HTTPStatus.OK] + [
    299,
    499,
    599,
]


@pytest.mark.parametrize("status", FINAL_STATUSES)
def test_every_status_means_one_thing(
    status: int, sender: SendGridSender, provider: FakeProvider
) -> None:
    provider.behaviour = answers(status)

    outcome = sender.send(a_letter())

    assert type(outcome) is meaning(status)
    assert isinstance(outcome, Accepted) or str(status) in outcome.reason
    assert len(provider.received) == 1


@pytest.mark.parametrize("status", FINAL_STATUSES)
def test_the_status_decides_even_when_the_explanation_is_cut_short(
    status: int, sender: SendGridSender, provider: FakeProvider
) -> None:
    provider.behaviour = cuts_in_the_body(status)

    assert type(sender.send(a_letter())) is meaning(status)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_carries_the_key_nowhere(
    status: int, sender: SendGridSender, provider: FakeProvider
) -> None:
    provider.behaviour = answers(status, headers={"Location": f"{provider.host}/elsewhere"})

    outcome = sender.send(a_letter())

    assert isinstance(outcome, SenderStopped)
    assert [request.path for request in provider.received] == ["/v3/mail/send"]


def test_an_accepted_letter_knows_the_providers_name_for_it(
    sender: SendGridSender, provider: FakeProvider
) -> None:
    provider.behaviour = answers(202, headers={"X-Message-Id": "14c5d75ce93.dfd.64b469"})

    assert sender.send(a_letter()) == Accepted("14c5d75ce93.dfd.64b469")


@pytest.mark.parametrize(
    ("header", "until"),
    [
        ({"X-RateLimit-Reset": "1392815263"}, datetime(2014, 2, 19, 13, 7, 43, tzinfo=UTC)),
        ({"X-RateLimit-Reset": "soon"}, None),
        ({"X-RateLimit-Reset": ""}, None),
        ({"X-RateLimit-Reset": "9" * 30}, None),
        ({}, None),
    ],
)
def test_too_many_requests_pauses_the_sender_until_the_time_that_is_named(
    header: dict[str, str], until: datetime | None, sender: SendGridSender, provider: FakeProvider
) -> None:
    provider.behaviour = answers(429, headers=header)

    assert sender.send(a_letter()) == SenderPaused("HTTP 429", until)


def test_a_refusal_says_what_the_provider_minds(
    sender: SendGridSender, provider: FakeProvider
) -> None:
    provider.behaviour = refuses(
        400, ("personalizations.0.to.0.email", "Does not contain a valid address."), (None, "Oh.")
    )

    assert sender.send(a_letter()) == LetterRefused(
        "HTTP 400 Does not contain a valid address. [personalizations.0.to.0.email] Oh. [None]"
    )


@pytest.mark.parametrize("field", ["from", "from.email", "from.name"])
def test_a_sender_address_that_the_provider_refuses_burns_no_letter(
    field: str, sender: SendGridSender, provider: FakeProvider
) -> None:
    provider.behaviour = refuses(400, (field, "The from email does not contain a valid address."))

    assert isinstance(sender.send(a_letter()), SenderStopped)


@pytest.mark.parametrize("other", ["subject", "from_somewhere", "personalizations.0.from"])
def test_a_refusal_that_is_also_about_the_letter_is_final(
    other: str, sender: SendGridSender, provider: FakeProvider
) -> None:
    provider.behaviour = refuses(400, ("from", "Bad."), (other, "Bad too."))

    assert isinstance(sender.send(a_letter()), LetterRefused)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>Blocked by the city's firewall</html>",
        b"\xff\xfe",
        b"null",
        b"[]",
        b'{"errors": null}',
        b'{"errors": ["no"]}',
        b'{"errors": [{"field": "subject"}]}',
        b"[" * 100_000,
    ],
)
def test_a_body_that_is_not_sendgrids_adds_nothing_and_breaks_nothing(
    body: bytes, sender: SendGridSender, provider: FakeProvider
) -> None:
    provider.behaviour = answers(400, body)

    assert sender.send(a_letter()) == LetterRefused("HTTP 400")


def test_a_reason_is_one_short_line(sender: SendGridSender, provider: FakeProvider) -> None:
    provider.behaviour = refuses(400, ("subject", "too long\r\n\u202e" * 1_000))

    outcome = sender.send(a_letter())

    assert isinstance(outcome, LetterRefused)
    assert outcome.reason.isprintable()
    assert len(outcome.reason) == 300


def test_a_gateway_that_echoes_our_request_puts_no_key_into_the_reason(
    sender: SendGridSender, provider: FakeProvider
) -> None:
    provider.behaviour = answers(403, f"Denied: Authorization: Bearer {API_KEY}".encode())

    assert sender.send(a_letter()) == SenderStopped("HTTP 403")
