"""What the network may do, told apart by one question: can the letter have left?"""

import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from notifications.senders.sender import Accepted, Ambiguous, SenderStopped, TryLater
from notifications.senders.sendgrid import SendGridSender
from tests.notifications.senders import fake_provider
from tests.notifications.senders.conftest import a_letter, sender_to
from tests.notifications.senders.fake_provider import Behaviour, FakeProvider, answers


@pytest.mark.parametrize(
    "behaviour",
    [
        fake_provider.hangs,
        fake_provider.cuts_before_reading,
        fake_provider.cuts_after_reading,
        fake_provider.cuts_in_the_status,
        fake_provider.talks_nonsense,
    ],
)
def test_once_the_letter_is_on_the_line_a_lost_answer_is_ambiguous(
    behaviour: Behaviour, hasty_sender: SendGridSender, provider: FakeProvider
) -> None:
    provider.behaviour = behaviour

    assert isinstance(hasty_sender.send(a_letter()), Ambiguous)


@pytest.mark.parametrize("behaviour", [fake_provider.hangs, fake_provider.cuts_before_reading])
def test_a_letter_as_large_as_they_come_is_judged_alike(
    behaviour: Behaviour, hasty_sender: SendGridSender, provider: FakeProvider
) -> None:
    provider.behaviour = behaviour

    assert isinstance(hasty_sender.send(a_letter(text="批" * 2_000_000)), Ambiguous)


def test_after_a_lost_answer_the_next_letter_goes_out_on_a_fresh_connection(
    sender: SendGridSender, provider: FakeProvider
) -> None:
    provider.behaviour = fake_provider.cuts_after_reading
    sender.send(a_letter(mail_id=1))
    provider.behaviour = answers(202)

    assert sender.send(a_letter(mail_id=2)) == Accepted()
    assert len(provider.received) == 2


def test_an_accepted_letter_stays_accepted_though_the_line_hangs_after_the_status(
    hasty_sender: SendGridSender, provider: FakeProvider
) -> None:
    def hangs_in_the_body(exchange: fake_provider.Exchange) -> None:
        exchange.receive()
        exchange.send_response(202)
        exchange.send_header("Content-Length", "10")
        exchange.end_headers()
        exchange.say_nothing()

    provider.behaviour = hangs_in_the_body

    assert hasty_sender.send(a_letter()) == Accepted()


def test_a_refused_connection_may_be_tried_again() -> None:
    with closing(socket.socket()) as bound_but_not_listening:
        bound_but_not_listening.bind(("127.0.0.1", 0))
        port = bound_but_not_listening.getsockname()[1]

        outcome = sender_to(f"http://127.0.0.1:{port}").send(a_letter())

    assert isinstance(outcome, TryLater)


def test_a_connection_that_is_never_taken_up_may_be_tried_again() -> None:
    with ExitStack() as sockets:
        listener = sockets.enter_context(closing(socket.socket()))
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):  # fills the queue, so that the next one waits in vain
            waiting = sockets.enter_context(closing(socket.socket()))
            waiting.setblocking(False)
            with suppress(BlockingIOError):
                waiting.connect(listener.getsockname())

        outcome = sender_to(f"http://127.0.0.1:{listener.getsockname()[1]}", patience=0.3).send(
            a_letter()
        )

    assert isinstance(outcome, TryLater)


def test_an_unknown_host_may_be_tried_again() -> None:
    outcome = sender_to("https://sendgrid.invalid").send(a_letter())

    assert isinstance(outcome, TryLater)


def test_a_handshake_that_comes_to_nothing_may_be_tried_again(provider: FakeProvider) -> None:
    speaks_no_tls = provider.host.replace("http://", "https://")

    outcome = sender_to(speaks_no_tls).send(a_letter())

    assert isinstance(outcome, TryLater)
    assert provider.received == []


def test_a_handshake_that_hangs_may_be_tried_again() -> None:
    with closing(socket.socket()) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()

        outcome = sender_to(f"https://127.0.0.1:{silent.getsockname()[1]}", patience=0.3).send(
            a_letter()
        )

    assert isinstance(outcome, TryLater)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for localhost that vouches for itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    today = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "localhost.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture
def tls_provider(certificate: Path) -> Iterator[FakeProvider]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with FakeProvider(context).running() as provider:
        yield provider


def test_nobody_who_cannot_prove_to_be_sendgrid_gets_the_key_or_the_letter(
    tls_provider: FakeProvider,
) -> None:
    outcome = sender_to(tls_provider.host).send(a_letter())

    assert isinstance(outcome, SenderStopped)
    assert "certificate verify failed" in outcome.reason
    assert tls_provider.received == []


def test_over_tls_two_letters_share_one_connection(
    tls_provider: FakeProvider, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    sender = sender_to(tls_provider.host)

    outcomes = [sender.send(a_letter(mail_id=n)) for n in (1, 2)]

    first, second = tls_provider.received
    assert outcomes == [Accepted(), Accepted()]
    assert first.connection == second.connection
