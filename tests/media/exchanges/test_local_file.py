"""A local file of signals."""

import os
from pathlib import Path

import pytest
from media.exchanges.stores import Store, digest

from amparo.evidence.errors import BadInput
from amparo.media.exchanges import local_file
from amparo.media.exchanges.kinds import make_exchange
from amparo.media.exchanges.port import Exchange


def exchange_of(path: Path, **more: str) -> Exchange:
    return make_exchange("file", {"path": str(path), "owner": "Birch", "terms": "For tests"} | more, lambda: "")


def test_types_are_named_on_the_line_or_once(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text(f"pdq {digest('a', 32)}\n\nvideo_md5 {digest('b').upper()}\r\nsha1 {digest('c', 20)}\n")
    store = Store()
    store.fetch(exchange_of(path))
    assert set(store.live) == {f"pdq:{digest('a', 32)}", f"md5:{digest('b')}", f"sha1:{digest('c', 20)}"}
    path.write_text(f"{digest('a', 32)}\n{digest('a', 32).upper()}\n")
    store = Store()
    store.fetch(exchange_of(path, signal_type="sha256"))
    (entry,) = store.live.values()
    assert entry.digests == {"sha256": bytes.fromhex(digest("a", 32))}
    assert (entry.owner, entry.terms) == ("Birch", "For tests")


@pytest.mark.parametrize(
    "text", ["pdq ab", "elm " + "0" * 64, "pdq", "raw_text some words", "md5 " + "g" * 32, "0" * 64]
)
def test_a_line_that_cannot_be_used_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "list.txt"
    path.write_text(f"pdq {digest('a', 32)}\n{text}\n")
    with pytest.raises(BadInput):
        next(exchange_of(path).fetch(None))


def test_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "bytes").write_bytes(b"pdq \xff\xfe")
    for name in ("missing", "pipe", "", "bytes"):
        with pytest.raises(BadInput, match=r"is no file|cannot be read"):
            next(exchange_of(tmp_path / name).fetch(None))


@pytest.mark.parametrize(("limit", "most"), [("BYTES", 100), ("LINES", 2)])
def test_a_long_file_is_refused(tmp_path: Path, limit: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "list.txt"
    path.write_text("".join(f"md5 {digest(name)}\n" for name in "abc"))
    monkeypatch.setattr(local_file, limit, most)
    with pytest.raises(BadInput, match=str(most)):
        next(exchange_of(path).fetch(None))
