"""What every Exchange promises."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from media.exchanges.stores import Store, changes, digest
from servers.ncmec import NcmecServer, Stored
from servers.stopncii import StopNciiServer, record

from amparo.evidence.errors import BadInput
from amparo.media.exchanges import local_file, port
from amparo.media.exchanges.kinds import make_exchange
from amparo.media.exchanges.port import Exchange

AT = 1_700_000_000  # seconds since 1970
LATER = int(time.time()) - 600  # after the first fetches, for which NCMEC goes back one hour


class Peer(Protocol):
    """The other side, with an exchange to it. Names stand for entries."""

    exchange: Exchange

    def put(self, *names: str, at: int, label: str = "a1") -> None: ...
    def withdraw(self, name: str, at: int) -> None: ...
    def key(self, name: str) -> str: ...


class NcmecPeer:
    def __init__(self, server: NcmecServer) -> None:
        self.server = server
        self.exchange = make_exchange("ncmec", {"terms": "t", "url": server.url}, lambda: server.secret)

    def put(self, *names: str, at: int, label: str = "a1") -> None:
        for name in names:
            self.server.put(Stored(42, name, at, f"<md5>{digest(name)}</md5>", classification=label))

    def withdraw(self, name: str, at: int) -> None:
        self.server.put(Stored(42, name, at, deleted=True))

    def key(self, name: str) -> str:
        return f"42-{name}"


class StopNciiPeer:
    def __init__(self, server: StopNciiServer) -> None:
        self.server = server
        self.exchange = make_exchange("stopncii", {"terms": "t", "url": server.url}, lambda: server.secret)

    def put(self, *names: str, at: int, label: str = "Blocked") -> None:
        for name in names:
            self.server.put(record(digest(name, 32), at, CSPFeedbacks=[{"feedbackValue": label.title()}]))

    def withdraw(self, name: str, at: int) -> None:
        self.server.put(record(digest(name, 32), at, "Withdrawn"))

    def key(self, name: str) -> str:
        return f"ImagePDQ:{digest(name, 32)}"


class FilePeer:
    def __init__(self, path: Path) -> None:
        self.path, self.lines = path, dict[str, str]()
        self.path.touch()
        self.exchange = make_exchange("file", {"terms": "t", "owner": "o", "path": str(path)}, lambda: "")

    def put(self, *names: str, at: int, label: str = "a1") -> None:
        self.lines |= {name: f"pdq {digest(name, 32)}" for name in names}
        self.path.write_text("\n".join(self.lines.values()))

    def withdraw(self, name: str, at: int) -> None:
        del self.lines[name]
        self.path.write_text("\n".join(self.lines.values()))

    def key(self, name: str) -> str:
        return f"pdq:{digest(name, 32)}"


@pytest.fixture(params=["ncmec", "stopncii", "file"])
def peer(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Peer]:
    with contextlib.ExitStack() as stack:
        if request.param == "ncmec":
            yield NcmecPeer(stack.enter_context(NcmecServer(size=3)))
        elif request.param == "stopncii":
            yield StopNciiPeer(stack.enter_context(StopNciiServer(size=3)))
        else:
            yield FilePeer(tmp_path / "signals.txt")


NAMES = [f"n{number:02}" for number in range(11)]


def fill(peer: Peer) -> None:
    for number, name in enumerate(NAMES):
        peer.put(name, at=AT + number // 4)


def test_a_full_fetch_gives_everything(peer: Peer) -> None:
    fill(peer)
    store = Store()
    deltas = store.fetch(peer.exchange)
    assert set(store.live) == {peer.key(name) for name in NAMES}
    assert [delta.done for delta in deltas] == [False] * (len(deltas) - 1) + [True]
    assert all(entry.terms == "t" and entry.digests for entry in store.live.values())


def test_nothing_to_fetch_is_done(peer: Peer) -> None:
    store = Store()
    assert store.fetch(peer.exchange)[-1].done
    assert not store.live


def test_a_second_fetch_gives_only_changes(peer: Peer) -> None:
    fill(peer)
    store = Store()
    store.fetch(peer.exchange)
    peer.put("new", at=LATER)
    peer.withdraw("n03", at=LATER + 1)
    deltas = store.fetch(peer.exchange)
    # StopNCII may give again what was changed in the newest second that was seen.
    assert changes(deltas) - {peer.key(name) for name in NAMES[8:]} == {peer.key("new"), peer.key("n03")}
    assert set(store.live) == {peer.key(name) for name in (*NAMES, "new") if name != "n03"}


def test_what_is_withdrawn_can_come_back(peer: Peer) -> None:
    fill(peer)
    store = Store()
    peer.withdraw("n05", at=AT + 10_000)
    store.fetch(peer.exchange)
    assert peer.key("n05") not in store.live
    peer.put("n05", at=LATER)
    store.fetch(peer.exchange)
    assert peer.key("n05") in store.live


def test_stopping_after_every_delta_ends_the_same(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_file, "MOST", 3)
    fill(peer)
    once, often = Store(), Store()
    once.fetch(peer.exchange)
    assert often.fetch_stopping(peer.exchange) >= 3
    assert often.live == once.live
    peer.withdraw("n00", at=LATER)
    peer.put("n02", at=LATER, label="a2")
    peer.put("m1", "m2", "m3", "m4", at=LATER + 1)
    once.fetch(peer.exchange)
    assert often.fetch_stopping(peer.exchange) >= 1
    assert often.live == once.live
    assert peer.key("n00") not in once.live


def test_stopping_anywhere_while_entries_change_ends_right(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_file, "MOST", 3)
    fill(peer)
    count = len(list(peer.exchange.fetch(None)))
    for stop in range(max(1, count - 8), count + 1):
        peer.put("n01", at=AT)
        store = Store()
        store.fetch(peer.exchange, stop)
        peer.withdraw("n01", at=LATER + stop)
        store.fetch(peer.exchange)
        assert set(store.live) == {peer.key(name) for name in NAMES if name != "n01"}, stop


def test_a_long_page_is_given_in_parts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(port, "MOST", 2)
    with StopNciiServer(size=5) as server:
        peer = StopNciiPeer(server)
        fill(peer)
        deltas = list(peer.exchange.fetch(None))
        assert [len(delta.entries) for delta in deltas] == [2, 2, 1, 2, 2, 1, 1]
        for stop in range(1, len(deltas)):
            store = Store()
            store.fetch(peer.exchange, stop)
            store.fetch(peer.exchange)
            assert set(store.live) == {peer.key(name) for name in NAMES}


@pytest.mark.parametrize(
    "checkpoint",
    [
        b"{", b"[]", b"[" * 100_000, b'{"v":2}', b'{"v":1,"exchange":"other","at":"https://other.example"}', b"\xff",
        b'{"v":1,"exchange":"EXCHANGE","at":"AT"}',
        b'{"v":1,"exchange":"EXCHANGE","at":"AT","since":-1,"start":1,"newest":1e3,"fetched":1,"token":"","live":{}}',
        b'{"v":1,"exchange":"EXCHANGE","at":"AT","since":9,"cursor":"@other.example/","live":["pdq:x"]}',
        b'{"v":1,"exchange":"EXCHANGE","at":"AT","since":9,"cursor":"/v2","until":"9","start":9,"newest":9,"fetched":9,"token":9}',
    ],
)  # fmt: skip
def test_a_damaged_checkpoint_is_refused(peer: Peer, checkpoint: bytes) -> None:
    at = getattr(peer.exchange, "_base", None) or getattr(peer.exchange, "_path", "")
    data = checkpoint.replace(b"EXCHANGE", peer.exchange.name.encode()).replace(b"AT", at.encode())
    with pytest.raises(BadInput, match="checkpoint"):
        next(peer.exchange.fetch(data))
