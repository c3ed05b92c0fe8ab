"""Neither the key nor a link reaches a log, whatever level anybody turns on."""

import logging
import logging.config
from collections.abc import Iterator

import pytest

from notifications.senders.sendgrid import SendGridSender
from tests.notifications.senders import fake_provider
from tests.notifications.senders.conftest import API_KEY, a_letter, sender_to
from tests.notifications.senders.fake_provider import Behaviour, FakeProvider, answers


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Every logger at DEBUG, after a set-up such as uvicorn and Prefect make of their own."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "loggers": {"python_http_client": {"level": "DEBUG", "propagate": True}},
        }
    )
    names = [None, *logging.Logger.manager.loggerDict]
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    caplog.handler.setLevel(logging.DEBUG)
    yield caplog
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


@pytest.mark.parametrize(
    "behaviour",
    [
        answers(202),
        answers(302, headers={"Location": "/elsewhere"}),
        answers(400, b'{"errors": [{"message": "no", "field": "subject"}]}'),
        answers(401),
        answers(429),
        answers(500),
        fake_provider.hangs,
        fake_provider.cuts_after_reading,
    ],
)
def test_neither_key_nor_link_is_in_any_log_or_outcome(
    behaviour: Behaviour,
    hasty_sender: SendGridSender,
    provider: FakeProvider,
    everything_logged: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    provider.behaviour = behaviour

    outcome = hasty_sender.send(a_letter())

    printed = "".join(capfd.readouterr())
    logged = "\n".join(record.getMessage() for record in everything_logged.records)
    assert "localhost" in logged  # urllib3 names host and path, and no more
    for secret in (API_KEY, "Bearer", "token-in-the"):
        assert secret not in logged + printed + repr(outcome) + repr(hasty_sender)


def test_neither_is_in_the_log_of_a_connection_that_fails(
    everything_logged: pytest.LogCaptureFixture,
) -> None:
    outcome = sender_to("https://sendgrid.invalid").send(a_letter())

    logged = "\n".join(record.getMessage() for record in everything_logged.records)
    assert "sendgrid.invalid" in logged
    for secret in (API_KEY, "Bearer", "token-in-the"):
        assert secret not in logged + repr(outcome)
