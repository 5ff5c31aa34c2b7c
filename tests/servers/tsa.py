"""A time-stamp authority on loopback: OpenSSL's ``ts`` behind a few lines of HTTP, with ways to go wrong."""

import contextlib
import dataclasses
import http.server
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

_CONFIGURATION = """
[tsa]
default_tsa = t
[t]
serial = serial
signer_cert = tsa.crt
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.99999.1
digests = sha256,sha384,sha512
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_alg = sha256
"""  # no ``certs``: OpenSSL does not sort that set, and readers of DER refuse it


@dataclasses.dataclass
class Authority:
    """``mode``: good, refuses, altered, replays (the answer to another question), slow, huge, page, elsewhere."""

    folder: Path
    url: str = ""
    mode: str = "good"
    asked: list[bytes] = dataclasses.field(default_factory=list)

    @property
    def root(self) -> Path:
        """Its root certificate."""
        return self.folder / "ca.crt"

    def reply(self, query: bytes) -> bytes:
        """What OpenSSL answers."""
        (self.folder / "query").write_bytes(query)
        _openssl(self.folder, "ts", "-reply", "-queryfile", "query", "-config", "tsa.cnf", "-out", "reply")
        return (self.folder / "reply").read_bytes()


def make_keys(folder: Path) -> None:
    """A root, and a certificate for time stamps that it signed."""
    folder.mkdir()
    (folder / "tsa.cnf").write_text(_CONFIGURATION)
    (folder / "serial").write_text("01\n")
    (folder / "extensions").write_text("extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n")
    subject = ("-nodes", "-newkey", "rsa:2048", "-subj")
    _openssl(folder, "req", "-x509", *subject, "/CN=Test root", "-keyout", "ca.key", "-out", "ca.crt", "-days", "30")
    _openssl(folder, "req", *subject, "/CN=Test authority", "-keyout", "tsa.key", "-out", "tsa.csr")
    _openssl(
        folder, "x509", "-req", "-in", "tsa.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30",
        "-extfile", "extensions", "-out", "tsa.crt",
    )  # fmt: skip


def _openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[Authority]:
    """Until the block ends."""
    authority = Authority(folder)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            authority.asked.append(query)
            with contextlib.suppress(OSError):  # the other side may have left
                _answer(self, authority, query)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        authority.url = f"http://127.0.0.1:{server.server_port}/tsa"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield authority
        finally:
            server.shutdown()
            thread.join()


def _answer(handler: http.server.BaseHTTPRequestHandler, authority: Authority, query: bytes) -> None:
    mode = authority.mode
    if mode == "elsewhere":
        handler.send_response(302)
        handler.send_header("Location", authority.url)
        handler.end_headers()
        return
    if mode == "refuses":
        data = bytes.fromhex("30053003020102")  # PKIStatusInfo: rejection
    else:
        data = authority.reply(authority.asked[0] if mode == "replays" else query)
    if mode == "altered":
        data = data[:-1] + bytes([data[-1] ^ 1])
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html" if mode == "page" else "application/timestamp-reply")
    handler.end_headers()
    if mode == "huge":
        while True:
            handler.wfile.write(bytes(1 << 20))
    if mode == "slow":
        for byte in data:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            time.sleep(0.2)
    handler.wfile.write(data)
