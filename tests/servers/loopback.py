"""A loopback HTTP server in a thread that answers properly, or as a test says."""

import abc
import dataclasses
import http.server
import threading
import urllib.parse
from collections.abc import Mapping
from types import TracebackType
from typing import Self


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What a request gets. ``cut`` bytes of the body are promised and not sent; ``wait`` seconds before each piece."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    cut: int = 0
    wait: float = 0.0


class LoopbackServer(abc.ABC):
    """Use as a context manager. ``url`` is its address; ``requests`` what came, path with query; ``headers`` theirs.

    ``planned`` answers are given first, in their order; None among them stands for a proper answer.
    """

    def __init__(self, path: str) -> None:
        self.planned: list[Answer | None] = []
        self.requests: list[str] = []
        self.headers: list[dict[str, str]] = []
        self._stop = threading.Event()
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.requests.append(self.path)
                server.headers.append(dict(self.headers.items()))
                planned = server.planned.pop(0) if server.planned else None
                split = urllib.parse.urlsplit(self.path)
                query = {key: values[0] for key, values in urllib.parse.parse_qs(split.query).items()}
                self._send(planned or server.answer(split.path.removeprefix(path), query, dict(self.headers.items())))

            def _send(self, answer: Answer) -> None:
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body) + answer.cut))
                self.end_headers()
                try:
                    if not answer.wait:
                        self.wfile.write(answer.body)
                        return
                    for start in range(len(answer.body)):
                        if server._stop.wait(answer.wait):
                            return
                        self.wfile.write(answer.body[start : start + 1])
                except OSError:
                    return  # the client had enough

            def log_message(self, format: str, *args: object) -> None:
                """Nothing on stderr."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}{path}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @abc.abstractmethod
    def answer(self, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """The proper answer."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._stop.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
