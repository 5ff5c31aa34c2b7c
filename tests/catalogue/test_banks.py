"""Banks in the catalogue: imports are whole or nothing, withdrawals stay explained, the index holds what is live."""

import errno
import hashlib
import io
import stat
from pathlib import Path
from typing import Any

import pytest

from amparo.catalogue.banks import BankIndexFile, entries, import_entries, list_banks, withdraw, write_index
from amparo.catalogue.models import Bank, BankEntry, OutboxEvent
from amparo.catalogue.outbox import Recorder
from amparo.evidence.errors import BadInput, StorageFull
from amparo.exchange.hash_list import HashListCsv
from amparo.media.bank_index import BankIndex
from amparo.media.bank_match import lookup

pytestmark = pytest.mark.django_db
HEADER = "digest,labels,owner,terms,date\n"
RECORDER = Recorder("os:test")


def row(n: int, owner: str = "Owner", size: int = 64) -> str:
    return f"{n:0{size}x},test,{owner},Terms,2026-01-31\n"


def load(*rows: str, name: str = "Test bank") -> tuple[int, int, int, int, int]:
    """Version, added, updated, already, revived."""
    result = import_entries(name, HashListCsv().read(io.BytesIO((HEADER + "".join(rows)).encode())), RECORDER)
    assert result.bank == Bank.objects.get(name=name).uuid
    return result.version, result.added, result.updated, result.already, result.revived


def known(index: BankIndexFile, n: int) -> list[tuple[str, int, str]]:
    found = lookup(BankIndex(index.path, index.digest), {"sha256": n.to_bytes(32, "big"), "md5": n.to_bytes(16, "big")})
    return [(hit.bank.name, hit.bank.version, hit.owner) for hit in found]


def test_versions_count_changes_only() -> None:
    assert load(row(1), row(2)) == (1, 2, 0, 0, 0)
    assert load(row(1), row(2), row(2)) == (1, 0, 0, 3, 0)
    numbers = [each.entry for each in entries("Test bank")]
    assert load(row(2, "Other"), row(3)) == (2, 1, 1, 0, 0)
    assert [each.entry for each in entries("Test bank")][:2] == numbers  # Matches name entries by number
    assert [(each.digest[-1], each.owner, each.added) for each in entries("Test bank")] == [
        (1, "Owner", 1),
        (2, "Other", 1),
        (3, "Owner", 2),
    ]
    assert load(name="Empty") == (0, 0, 0, 0, 0)


def test_a_large_list_comes_in_batches() -> None:
    assert load(*(row(n) for n in range(2_500)), row(3)) == (1, 2_500, 0, 1, 0)
    assert load(*(row(n, "Other" if n % 10 == 0 else "Owner") for n in range(2_500))) == (2, 0, 250, 2_250, 0)


@pytest.mark.parametrize("bad", ["x\n", row(7, "Other")], ids=["malformed", "contradicts"])
def test_nothing_is_imported_by_halves(bad: str) -> None:
    load(row(1))
    rows = [row(n) for n in range(1_500)]
    with pytest.raises(BadInput, match="Line 1502"):
        load(*rows, bad)
    with pytest.raises(BadInput, match="Line 1502"):
        load(*rows, bad, name="Never")
    assert (BankEntry.objects.count(), OutboxEvent.objects.count(), Bank.objects.get().version) == (1, 1, 1)


def test_withdrawn_and_live_again(tmp_path: Path) -> None:
    load(row(1), row(2))
    assert withdraw("Test bank", f"{1:064X}", "Not ours to hold", RECORDER) == 2
    gone = next(iter(entries("Test bank")))
    assert (gone.withdrawn, gone.withdrawn_reason) == (2, "Not ours to hold")
    assert known(write_index(tmp_path), 1) == []
    assert known(write_index(tmp_path), 2) == [("Test bank", 2, "Owner")]
    with pytest.raises(BadInput, match="is not in use"):
        withdraw("Test bank", f"{1:064x}", "Again", RECORDER)
    assert load(row(1), row(2)) == (3, 0, 0, 1, 1)
    assert known(write_index(tmp_path), 1) == [("Test bank", 3, "Owner")]
    back = next(iter(entries("Test bank")))
    assert (back.added, back.withdrawn, back.withdrawn_reason) == (3, None, "")


def test_what_cannot_be_withdrawn() -> None:
    load(row(1))
    for name, digest, reason in (
        ("No bank", f"{1:064x}", "why"),
        ("Test bank", f"{2:064x}", "why"),
        ("Test bank", f"{1:032x}", "why"),
        ("Test bank", "no digest", "why"),
        ("Test bank", f"{1:064x}", " "),
        ("Test bank", f"{1:064x}", "line\nbreak"),
    ):
        with pytest.raises(BadInput):
            withdraw(name, digest, reason, RECORDER)
    assert (Bank.objects.get().version, OutboxEvent.objects.count()) == (1, 1)
    with pytest.raises(BadInput, match="no Bank named"):
        entries("No bank")
    with pytest.raises(BadInput, match="name of the Bank"):
        load(row(1), name="")


def test_custody_holds_counts_and_the_name_can_be_erased() -> None:
    load(row(1), row(2))
    withdraw("Test bank", f"{1:064x}", "Why not", RECORDER)
    imported, withdrawn = (event.body for event in OutboxEvent.objects.order_by("pk"))
    bank = str(Bank.objects.get().uuid)
    assert imported["action"] == "bank.imported"
    assert imported["facts"] == {"bank": bank, "version": 1, "added": 2, "updated": 0, "already": 0, "revived": 0}
    assert _said(imported) == {"name": "Test bank"}
    assert withdrawn["facts"] == {"bank": bank, "version": 2, "algorithm": "sha256", "digest": f"{1:064x}"}
    assert _said(withdrawn) == {"name": "Test bank", "reason": "Why not"}


def _said(body: dict[str, Any]) -> dict[str, str]:
    return {name: field["value"] for name, field in body["payload"].items()}


def test_banks_are_listed() -> None:
    load(row(1), row(2), name="B")
    load(row(1), name="A")
    withdraw("B", f"{1:064x}", "why", RECORDER)
    assert [(each.name, each.version, each.live, each.withdrawn) for each in list_banks()] == [
        ("A", 1, 1, 0),
        ("B", 2, 1, 1),
    ]


def test_the_index_is_named_by_its_digest_and_reused(tmp_path: Path) -> None:
    folder = tmp_path / "banks"
    load(row(1), row(2, size=32), name="A")
    load(row(1, "Other"), name="B")
    index = write_index(folder)
    assert index.path == folder / index.digest
    assert hashlib.sha256(index.path.read_bytes()).hexdigest() == index.digest
    assert stat.S_IMODE(index.path.stat().st_mode) == 0o400
    assert known(index, 1) == [(each.name, 1, owner) for each, owner in _by_uuid(("A", "Owner"), ("B", "Other"))]
    assert known(index, 2) == [("A", 1, "Owner")]
    inode = index.path.stat().st_ino
    assert write_index(folder) == index
    assert index.path.stat().st_ino == inode
    load(row(9), name="A")
    assert write_index(folder).digest != index.digest
    assert len(list(folder.iterdir())) == 2


def _by_uuid(*pairs: tuple[str, str]) -> list[tuple[Bank, str]]:
    return sorted(((Bank.objects.get(name=n), owner) for n, owner in pairs), key=lambda pair: str(pair[0].uuid))


def test_a_damaged_index_is_written_anew(tmp_path: Path) -> None:
    load(row(1))
    index = write_index(tmp_path)
    index.path.chmod(0o600)
    index.path.write_bytes(b"damaged")
    assert known(write_index(tmp_path), 1) == [("Test bank", 1, "Owner")]


def test_no_bank_gives_an_empty_index(tmp_path: Path) -> None:
    assert known(write_index(tmp_path), 1) == []


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("amparo.catalogue.banks.write", full)
    with pytest.raises(StorageFull):
        write_index(tmp_path)
    assert not list(tmp_path.iterdir())
