"""A fake provider per test, a sender pointed at it, and SendGrid's own description of a request."""

import json
from collections.abc import Iterator

import pytest
from jsonschema import Draft202012Validator
from urllib3 import Timeout

from notifications.senders.letter import Letter
from notifications.senders.sendgrid import SendGridSender
from tests.needs import SHARED, require
from tests.notifications.senders.fake_provider import FakeProvider
from words.translations import Language

OPENAPI = SHARED / "sendgrid-oai" / "tsg_mail_v3.json"
API_KEY = "SG.a-key-that-must-never-be-seen.42"


def a_letter(**changes: object) -> Letter:
    facts: dict[str, object] = {
        "to_email": "chen.jing@wuyi.example",
        "to_name": "陈静",
        "subject": "[JH-2026-0042] 请审批：浙江光伏组件项目签约",
        "text": "陈静：\n\n请审批该项目的签约：https://luodi.example/a/token-in-the-text\n",
        "html": '<p lang="zh-Hans"><a href="https://luodi.example/a/token-in-the-html">审批</a></p>',
        "language": Language.ZH_HANS,
        "headers": {
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "References": "<project-42@luodi.example>",
        },
        "mail_id": 1007,
        "attempt": 1,
    }
    return Letter(**(facts | changes))  # type: ignore[arg-type]


def sender_to(host: str, *, patience: float = 5.0) -> SendGridSender:
    """A sender that waits at most `patience` seconds for a connection, and again for an answer."""
    timeout = Timeout(connect=patience, read=patience)
    return SendGridSender(API_KEY, "luodi@jinhua.example", "金华招商", host, timeout=timeout)


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    with FakeProvider().running() as provider:
        yield provider


@pytest.fixture
def sender(provider: FakeProvider) -> SendGridSender:
    return sender_to(provider.host)


@pytest.fixture
def hasty_sender(provider: FakeProvider) -> SendGridSender:
    """For a provider that lets us wait in vain."""
    return sender_to(provider.host, patience=0.3)


@pytest.fixture(scope="session")
def mail_send() -> Draft202012Validator:
    """What Twilio's OpenAPI document says of the body of POST /v3/mail/send."""
    require("shared")
    document = json.loads(OPENAPI.read_text())
    body = "#/components/requestBodies/PostMailSend/content/application~1json/schema"
    return Draft202012Validator({"$ref": body, "components": document["components"]})
