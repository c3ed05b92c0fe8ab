"""A provider on this machine that answers as it is told, and remembers what it was sent."""

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LONGER_THAN_ANY_TEST_WAITS = 5.0


@dataclass(frozen=True)
class Received:
    """One request as it came in."""

    method: str
    path: str
    headers: Message
    raw: bytes
    connection: tuple[str, int]
    """The caller's end, so that two requests on one connection can be told from two on two."""

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


Behaviour = Callable[["Exchange"], None]


class FakeProvider:
    """Speaks HTTP/1.1 on loopback and keeps connections. `behaviour` may be changed at any time."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.behaviour: Behaviour = answers(202)
        self.received: list[Received] = []
        self.closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), Exchange)
        self._server.provider = self
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        scheme = "https" if tls else "http"
        self.host = f"{scheme}://localhost:{self._server.server_address[1]}"

    @contextmanager
    def running(self) -> Iterator["FakeProvider"]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield self
        finally:
            self.closing.set()
            self._server.shutdown()
            thread.join()
            self._server.server_close()


class _Server(ThreadingHTTPServer):
    address_family = socket.AF_INET
    request_queue_size = 64
    daemon_threads = True
    block_on_close = False  # a kept connection waits for a next request that never comes
    provider: FakeProvider

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that hangs up is part of the play."""


class Exchange(BaseHTTPRequestHandler):
    """One request and what is done with it; a behaviour plays on this."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        self.server.provider.behaviour(self)

    do_GET = do_POST  # noqa: N815  (whoever follows a redirect comes back with GET)

    def receive(self) -> None:
        """Read the request to its end, as an accepting provider does."""
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        connection = (self.client_address[0], self.client_address[1])
        self.server.provider.received.append(
            Received(self.command, self.path, self.headers, raw, connection)
        )

    def reply(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def hang_up(self) -> None:
        """Cut the line at once, the way a reset does."""
        self.close_connection = True
        self.wfile.flush()
        linger_for_nothing = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_for_nothing)
        self.connection.close()

    def say_nothing(self) -> None:
        self.server.provider.closing.wait(LONGER_THAN_ANY_TEST_WAITS)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test output quiet."""


def answers(status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Behaviour:
    """Read the letter and answer."""

    def behaviour(exchange: Exchange) -> None:
        exchange.receive()
        exchange.reply(status, headers or {}, body)

    return behaviour


def refuses(status: int, *errors: tuple[str | None, str]) -> Behaviour:
    """Read the letter and answer with errors as SendGrid words them: (field, message)."""
    said = [{"message": message, "field": field, "help": None} for field, message in errors]
    return answers(status, json.dumps({"errors": said}).encode())


def hangs(exchange: Exchange) -> None:
    """Read the letter and never answer."""
    exchange.receive()
    exchange.say_nothing()


def cuts_before_reading(exchange: Exchange) -> None:
    """Cut the line before the letter is read."""
    exchange.hang_up()


def cuts_after_reading(exchange: Exchange) -> None:
    """Take the letter, and cut the line before a word of the answer: accepted or not, who knows."""
    exchange.receive()
    exchange.hang_up()


def cuts_in_the_status(exchange: Exchange) -> None:
    """Take the letter, and cut the line in the middle of the status line."""
    exchange.receive()
    exchange.wfile.write(b"HTTP/1.1 20")
    exchange.hang_up()


def talks_nonsense(exchange: Exchange) -> None:
    """Take the letter, and answer in no protocol at all."""
    exchange.receive()
    exchange.wfile.write(b"220 smtp.example ESMTP ready\r\n\r\n")
    exchange.close_connection = True


def cuts_in_the_body(status: int) -> Behaviour:
    """Answer with `status`, and cut the line within the explanation."""

    def behaviour(exchange: Exchange) -> None:
        exchange.receive()
        exchange.send_response(status)
        exchange.send_header("Content-Length", "1000")
        exchange.end_headers()
        exchange.wfile.write(b'{"errors": [')
        exchange.hang_up()

    return behaviour
