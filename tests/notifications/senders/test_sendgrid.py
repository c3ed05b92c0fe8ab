"""What leaves for SendGrid, byte for byte."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from jsonschema import Draft202012Validator

from notifications.senders.sender import Accepted
from notifications.senders.sendgrid import SendGridSender
from tests.notifications.senders.conftest import API_KEY, a_letter, sender_to
from tests.notifications.senders.fake_provider import FakeProvider, answers
from words.translations import Language

LETTERS = {
    "Chinese": a_letter(),
    "English": a_letter(
        language=Language.EN, to_name="Jing Chen", subject="Please decide", text="x"
    ),
    "no name": a_letter(to_name=""),
    "no headers": a_letter(headers={}),
    "delimiters": a_letter(to_name='Chen, "Jing"; <x@y.example>', subject='a, "b"; <c>'),
    "line breaks": a_letter(to_name="陈\r\n静", subject="请\r\nBcc: all@example.com\r\n\r\n审批"),
    "controls": a_letter(to_name="\u202e陈静\x00", subject="\u2066光伏\u2069\x1b[0m", text="\x00"),
    "rare characters": a_letter(to_name="𠮷𡈽", subject="🚩 𠮷", text="\ud83d", html="\ud83d"),
    "markup": a_letter(to_name="<b>陈</b>", subject="<script>alert(1)</script> & {{ 7*7 }}"),
    "long": a_letter(subject="审" * 5_000, text="批" * 200_000),
}


@pytest.mark.parametrize("letter", LETTERS.values(), ids=LETTERS)
def test_every_request_is_what_sendgrid_describes(
    letter: object, sender: SendGridSender, provider: FakeProvider, mail_send: Draft202012Validator
) -> None:
    outcome = sender.send(letter)  # type: ignore[arg-type]

    assert isinstance(outcome, Accepted)
    assert [error.message for error in mail_send.iter_errors(provider.received[0].body)] == []


@pytest.mark.parametrize("letter", LETTERS.values(), ids=LETTERS)
def test_no_link_is_rewritten_and_no_reader_followed_whatever_the_account_has_on(
    letter: object, sender: SendGridSender, provider: FakeProvider
) -> None:
    sender.send(letter)  # type: ignore[arg-type]

    assert provider.received[0].body["tracking_settings"] == {
        "click_tracking": {"enable": False, "enable_text": False},
        "open_tracking": {"enable": False},
        "subscription_tracking": {"enable": False},
        "ganalytics": {"enable": False},
    }


@pytest.mark.parametrize("letter", LETTERS.values(), ids=LETTERS)
def test_nothing_but_the_letters_text_holds_a_line_break_or_a_control_character(
    letter: object, sender: SendGridSender, provider: FakeProvider
) -> None:
    sender.send(letter)  # type: ignore[arg-type]

    body = provider.received[0].body
    to = body["personalizations"][0]["to"][0]
    written = [body["subject"], *to.values(), *body["from"].values()]
    written += body.get("headers", {}).values()
    assert all(line.isprintable() for line in written)
    assert not set(to.get("name", "")) & set(',;"<>\\')


def test_a_letter_is_one_request_with_one_reader_and_text_before_html(
    sender: SendGridSender, provider: FakeProvider
) -> None:
    letter = a_letter()

    sender.send(letter)

    [request] = provider.received
    assert (request.method, request.path) == ("POST", "/v3/mail/send")
    assert request.headers["Authorization"] == f"Bearer {API_KEY}"
    assert request.headers["Content-Type"] == "application/json"
    assert request.body["from"] == {"email": "luodi@jinhua.example", "name": "金华招商"}
    assert request.body["subject"] == letter.subject
    assert request.body["headers"] == dict(letter.headers)
    assert request.body["content"] == [
        {"type": "text/plain", "value": letter.text},
        {"type": "text/html", "value": letter.html},
    ]
    [envelope] = request.body["personalizations"]
    assert envelope["to"] == [{"email": "chen.jing@wuyi.example", "name": "陈静"}]


def test_our_ids_travel_as_strings_on_the_envelope_and_nowhere_else(
    sender: SendGridSender, provider: FakeProvider
) -> None:
    sender.send(a_letter(mail_id=1007, attempt=3))

    body = provider.received[0].body
    ids = {"luodi_mail_id": "1007", "luodi_attempt": "3"}
    assert body["personalizations"][0]["custom_args"] == ids
    assert "custom_args" not in body
    assert "categories" not in body


def test_a_reader_or_sender_without_a_name_is_an_address_alone(provider: FakeProvider) -> None:
    sender = SendGridSender(API_KEY, "luodi@jinhua.example", "", provider.host)

    sender.send(a_letter(to_name=""))

    body = provider.received[0].body
    assert body["personalizations"][0]["to"] == [{"email": "chen.jing@wuyi.example"}]
    assert body["from"] == {"email": "luodi@jinhua.example"}


def test_two_letters_share_one_connection(sender: SendGridSender, provider: FakeProvider) -> None:
    sender.send(a_letter(mail_id=1))
    sender.send(a_letter(mail_id=2))

    first, second = provider.received
    assert first.connection == second.connection


@pytest.mark.parametrize("status", [400, 413, 429, 500, 503])
def test_an_answer_with_bad_news_keeps_the_connection_too(
    status: int, sender: SendGridSender, provider: FakeProvider
) -> None:
    provider.behaviour = answers(status, b'{"errors": []}')
    sender.send(a_letter(mail_id=1))
    sender.send(a_letter(mail_id=2))

    first, second = provider.received
    assert first.connection == second.connection


def test_a_letter_after_a_kept_connection_was_closed_goes_out_on_a_new_one(
    sender: SendGridSender, provider: FakeProvider
) -> None:
    provider.behaviour = answers(202, headers={"Connection": "close"})
    outcomes = [sender.send(a_letter(mail_id=n)) for n in (1, 2)]

    first, second = provider.received
    assert outcomes == [Accepted(), Accepted()]
    assert first.connection != second.connection


def test_many_threads_share_one_sender_and_mix_up_no_letters(
    sender: SendGridSender, provider: FakeProvider
) -> None:
    letters = [
        a_letter(mail_id=n, to_email=f"reader{n}@wuyi.example", text=f"letter {n}")
        for n in range(200)
    ]

    with ThreadPoolExecutor(16) as threads:
        outcomes = list(threads.map(sender.send, letters))

    arrived = {
        body["personalizations"][0]["custom_args"]["luodi_mail_id"]: (
            body["personalizations"][0]["to"][0]["email"],
            body["content"][0]["value"],
        )
        for body in (request.body for request in provider.received)
    }
    assert outcomes == [Accepted()] * 200
    assert arrived == {str(n): (f"reader{n}@wuyi.example", f"letter {n}") for n in range(200)}
    assert len({request.connection for request in provider.received}) <= 16


@pytest.mark.parametrize("key", ["", "SG.x\n", "SG. x", "SG.密钥", "SG.x\x00"])
def test_a_key_that_no_header_can_carry_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(ValueError, match="printable ASCII") as refusal:
        SendGridSender(key, "luodi@jinhua.example", "")

    assert "SG" not in str(refusal.value)


@pytest.mark.parametrize(
    "host", ["", "api.sendgrid.com", "http://api.sendgrid.com", "ftp://localhost", "https://"]
)
def test_the_key_is_never_sent_in_clear_to_another_machine(host: str) -> None:
    with pytest.raises(ValueError, match="https address"):
        sender_to(host)


def test_a_host_may_end_in_a_slash(provider: FakeProvider) -> None:
    outcome = sender_to(provider.host + "/").send(a_letter())

    assert outcome == Accepted()
    assert provider.received[0].path == "/v3/mail/send"
