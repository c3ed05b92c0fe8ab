"""The SendGrid package's own HTTP client, on connections that are kept, timed and told apart.

The package opens a connection per request, waits for ever, follows a redirect by dropping the
letter, and prints key and links at DEBUG. Only how bytes travel is replaced here; the requests
stay its own.
"""

import logging
import ssl
from dataclasses import dataclass
from typing import Any, Self, cast
from urllib.request import Request

from python_http_client import Client
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, PoolManager, Timeout
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

MOST_CONNECTIONS = 32

# Its every record is DEBUG and shows whole requests. A filter outlives what `dictConfig` (uvicorn,
# Prefect) resets: levels, handlers and `disabled`.
logging.getLogger("python_http_client.client").addFilter(lambda _record: False)


class NeverSent(Exception):
    """No connection came about, so the request cannot have reached anybody."""


class NotTrusted(NeverSent):
    """The other side showed a certificate that does not prove who it is."""


class AnswerLost(Exception):
    """The request, or a part of it, went out, and no answer came back."""


@dataclass(frozen=True)
class _Answer:
    """An answer in the shape that the package reads from `urllib`."""

    status: int
    headers: Any
    body: bytes

    def getcode(self) -> int:
        return self.status

    def info(self) -> Any:
        return self.headers

    def read(self) -> bytes:
        return self.body


class _Connection(HTTPSConnection):
    """Says of a broken TLS handshake, too, that no connection came about."""

    def connect(self) -> None:
        try:
            super().connect()
        except OSError as error:
            raise NewConnectionError(self, f"no TLS connection: {error}") from error


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _Connection


def shared_pool(timeout: Timeout) -> PoolManager:
    """Return connections that all threads share, at most `MOST_CONNECTIONS` per host."""
    manager = PoolManager(maxsize=MOST_CONNECTIONS, block=True, timeout=timeout, retries=False)
    manager.pool_classes_by_scheme = {"http": HTTPConnectionPool, "https": _HTTPSPool}
    return manager


class PooledClient(Client):  # type: ignore[misc]  # the package is untyped
    """The package's client over a shared pool.

    Returns every answer, whatever its status: nothing is followed, tried again or raised.
    Raises `NeverSent` or `AnswerLost` when there is none. Safe for many threads.
    """

    def __init__(self, pool: PoolManager, **settings: Any) -> None:
        super().__init__(**settings)
        self._pool = pool

    def _build_client(self, name: str | None = None) -> Self:
        return type(self)(
            self._pool,
            host=self.host,
            version=self._version,
            request_headers=self.request_headers,
            url_path=[*self._url_path, name] if name else self._url_path,
        )

    def _make_request(self, opener: object, request: Request, timeout: None = None) -> _Answer:
        try:
            response = self._pool.request(
                request.get_method(),
                request.full_url,
                body=cast(bytes, request.data),
                headers=dict(request.header_items()),
                redirect=False,
                preload_content=False,
            )
        except (NewConnectionError, ConnectTimeoutError) as error:
            untrusted = isinstance(error.__cause__, ssl.SSLCertVerificationError)
            raise (NotTrusted if untrusted else NeverSent)(_described(error)) from error
        except (HTTPError, OSError) as error:
            raise AnswerLost(_described(error)) from error
        return _Answer(response.status, response.headers, _body(response))


def _body(response: BaseHTTPResponse) -> bytes:
    """Return the body; nothing if it is cut short, as the status alone has already decided."""
    try:
        return response.read()
    except (HTTPError, OSError):
        return b""
    finally:
        response.release_conn()


def _described(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
