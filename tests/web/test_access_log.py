"""No token reaches the access log."""

import logging

import pytest

from web.access_log import WithoutTokens, keep_tokens_out


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/a/s3cr3t-T0k_en", "/a/…"),
        ("/a/s3cr3t?x=1", "/a/…?x=1"),
        ("/e/s3cr3t", "/e/…"),
        ("/r/s3cr3t", "/r/…"),
        ("/r/open/17", "/r/open/17"),
        ("/a/open/17", "/a/open/17"),
        ("/a/open/17/answered", "/a/open/17/answered"),
        ("/projects/JH-2026-0001", "/projects/JH-2026-0001"),
    ],
)
def test_the_path_is_logged_without_its_token(path: str, logged: str) -> None:
    record = logging.LogRecord(
        "uvicorn.access", logging.INFO, "", 0, '%s - "%s %s HTTP/%s" %d',
        ("127.0.0.1:5", "GET", path, "1.1", 303), None,
    )  # fmt: skip

    WithoutTokens().filter(record)

    assert record.getMessage() == f'127.0.0.1:5 - "GET {logged} HTTP/1.1" 303'


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_questions_about_our_health_are_not_logged(path: str) -> None:
    record = logging.LogRecord(
        "uvicorn.access", logging.INFO, "", 0, '%s - "%s %s HTTP/%s" %d',
        ("127.0.0.1:5", "GET", path, "1.1", 200), None,
    )  # fmt: skip

    assert WithoutTokens().filter(record) is False


def test_filtering_twice_filters_once() -> None:
    keep_tokens_out()
    keep_tokens_out()

    filters = logging.getLogger("uvicorn.access").filters
    assert len([each for each in filters if isinstance(each, WithoutTokens)]) == 1
