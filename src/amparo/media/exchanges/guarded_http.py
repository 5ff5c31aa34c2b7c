"""One transport for all clients of exchanges: one origin, bounded in bytes and time, errors in our words.

The clients of threatexchange read an answer whole, follow redirects with their keys in the headers, wait as long as
``Retry-After`` says, and parse XML with whatever it declares. Nothing of an answer or a request is put into an error.
"""

import io
import time
import urllib.parse
from collections.abc import Callable, Mapping
from typing import Any
from xml.parsers import expat

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError
from urllib3.util.retry import Retry

from amparo.evidence.errors import AmparoError, BadInput, NotAuthorised

TIME = 300.0  # seconds for the body of one answer
SILENCE = 30.0  # seconds in which nothing comes, and to connect
DEPTH = 64  # levels of one XML answer
ELEMENTS = 500_000
_RETRIES = 3
_PIECE = 64 * 1024
_AGAIN = "Try again later; it goes on from the last checkpoint, and nothing is lost."
_OTHER = "Check the address of the exchange; if it is right, the exchange has changed: look for a newer Amparo."


class Refused(BadInput):
    """The exchange says that the request itself is wrong (400, 404 and others), such as a cursor it has forgotten."""


class GuardedAdapter(HTTPAdapter):
    """Sends requests to the origin of ``base`` only.

    ``most``: bytes of one answer, unpacked. ``check`` is given the host and each body, and raises BadInput.
    """

    def __init__(self, base: str, most: int, check: Callable[[str, bytes], None] | None = None) -> None:
        self._origin = _origin(base)
        self._host = urllib.parse.urlsplit(base).hostname or base
        self._most, self._check = most, check
        super().__init__(
            max_retries=Retry(
                total=_RETRIES,
                status_forcelist=[429, 500, 502, 503, 504],
                allowed_methods=["GET"],
                backoff_factor=0.2,
                respect_retry_after_header=False,
                raise_on_status=False,
            )
        )

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """The answer with its body read; raises AmparoError, BadInput or NotAuthorised."""
        if _origin(request.url or "") != self._origin:
            raise BadInput(f"The exchange sends us away from {self._host}.", _OTHER)
        try:
            answer = super().send(request, True, SILENCE, verify, cert, dict(proxies or {}))
            with answer.raw as raw:
                self._check_status(answer.status_code)
                body = self._body(raw)
        except (requests.RequestException, HTTPError, OSError) as error:
            what = f"The exchange at {self._host} cannot be reached, or broke off ({type(error).__name__})."
            raise AmparoError(what, _AGAIN) from None  # the request in the error holds the credentials
        if self._check:
            self._check(self._host, body)
        answer.raw = io.BytesIO(body)
        return answer

    def _check_status(self, status: int) -> None:
        said = f"The exchange at {self._host} answers with status {status}"
        if status in (401, 403):
            raise NotAuthorised(f"{said}: it refuses the credentials.", "Check the secret, and what it may read.")
        if status == 429 or status >= 500:
            raise AmparoError(f"{said}, {_RETRIES + 1} times.", _AGAIN)
        if 300 <= status < 400:
            raise BadInput(f"{said}: it sends us to another address.", _OTHER)
        if status != 200:
            raise Refused(f"{said}.", _OTHER)

    def _body(self, raw: urllib3.BaseHTTPResponse) -> bytes:
        until = time.monotonic() + TIME
        body = bytearray()
        while piece := raw.read1(_PIECE, decode_content=True):
            body += piece
            if len(body) > self._most:
                raise BadInput(f"The answer of {self._host} is longer than {self._most} bytes.", _OTHER)
            if time.monotonic() > until:
                raise AmparoError(f"The answer of {self._host} took longer than {TIME:.0f} seconds.", _AGAIN)
        return bytes(body)


def guarded(session: requests.Session, adapter: GuardedAdapter, base: str) -> requests.Session:
    """The session with no other way out than ``adapter``. Proxies of the environment are for https only."""
    session.adapters.clear()
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    session.trust_env = base.startswith("https:")
    return session


def check_xml(host: str, body: bytes) -> None:
    """Raise BadInput unless it is well-formed XML without a DTD, and so without entities of its own (XML 1.0, 2.8).

    The same parser (expat) as the client's, with the same bytes: an encoding cannot hide a DTD from one of them.
    """
    depth = count = 0

    def opened(_name: str, _attributes: object) -> None:
        nonlocal depth, count
        depth, count = depth + 1, count + 1
        if depth > DEPTH or count > ELEMENTS:
            raise nonsense(host, f"it has more than {DEPTH} levels or {ELEMENTS} elements")

    def closed(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def declared(*_: object) -> None:
        raise nonsense(host, "it has a DTD")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    parser.StartDoctypeDeclHandler = declared
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, LookupError, ValueError):
        raise nonsense(host, "it is not whole XML") from None


def nonsense(host: str, why: str) -> BadInput:
    """The error of an answer that is not what the exchange promises."""
    return BadInput(f"The answer of {host} cannot be used: {why}.", _OTHER)


def _origin(address: str) -> tuple[str, str | None, int | None]:
    parts = urllib.parse.urlsplit(address)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname, parts.port or default
