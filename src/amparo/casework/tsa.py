"""One question to a time-stamp authority over HTTP (RFC 3161 section 3.4): no proxy, no redirect, little time.

Most authorities offer plain HTTP: the reply is signed, and what goes out is a digest and a random number.
"""

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from amparo.evidence.errors import AmparoError, BadInput
from amparo.evidence.timestamp import MOST_BYTES

SECONDS = 20.0  # for everything: connection, question, answer
_REPLY = "application/timestamp-reply"
_QUERY = "application/timestamp-query"
_LATER = "The package is whole without it. Later: amparo stamp FOLDER"


def ask(address: str, query: bytes, seconds: float = SECONDS) -> bytes:
    """The bytes of the reply, not checked. Raises AmparoError where no authority answers as one, BadInput where the
    address is none.
    """
    url = urlsplit(address)
    if url.scheme not in ("http", "https") or not url.hostname or url.username or url.password:
        raise BadInput(f"{address!r} is not the address of a time-stamp authority.", "For example: http://tsa.example/")
    begun = time.monotonic()
    try:
        with _connection(url, seconds) as connection:
            connection.request(
                "POST",
                (url.path or "/") + (f"?{url.query}" if url.query else ""),
                query,
                {"Content-Type": _QUERY, "Accept": _REPLY, "User-Agent": "amparo", "Connection": "close"},
            )
            answer = connection.getresponse()
            if answer.status != http.HTTPStatus.OK:
                raise AmparoError(f"The time-stamp authority answered with status {answer.status}.", _LATER)
            if (answer.getheader("Content-Type") or "").partition(";")[0].strip().lower() != _REPLY:
                raise AmparoError("What answered is no time-stamp authority.", _LATER)
            reply = answer.read(MOST_BYTES + 1)
            if time.monotonic() - begun >= seconds:  # what came may have been cut off by the guard
                raise TimeoutError
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise AmparoError(f"The time-stamp authority does not answer: {_why(error)}.", _LATER) from error
    if len(reply) > MOST_BYTES:
        raise AmparoError("The time-stamp authority answered with too many bytes.", _LATER)
    if answer.length:
        raise AmparoError("The time-stamp authority broke off its answer.", _LATER)
    return reply


@contextlib.contextmanager
def _connection(url: SplitResult, seconds: float) -> Iterator[http.client.HTTPConnection]:
    """Ends by itself after so many seconds, also with a server that sends a byte now and then."""
    host = url.hostname or ""
    port = url.port or (443 if url.scheme == "https" else 80)
    raw = socket.create_connection((host, port), timeout=seconds)
    guard = raw.dup()  # stays usable while the other one is wrapped
    timer = threading.Timer(seconds, _shut, (guard,))
    timer.daemon = True
    timer.start()
    connection = http.client.HTTPConnection(host, port)
    try:
        secure = url.scheme == "https"
        connection.sock = ssl.create_default_context().wrap_socket(raw, server_hostname=host) if secure else raw
        yield connection
    finally:
        timer.cancel()
        connection.close()
        raw.close()
        guard.close()


def _shut(guard: socket.socket) -> None:
    with contextlib.suppress(OSError):
        guard.shutdown(socket.SHUT_RDWR)


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError | http.client.RemoteDisconnected | http.client.IncompleteRead):
        return "no answer in time, or it broke off"
    return " ".join(str(error).split())[:200] or type(error).__name__
