"""Seen: whether a long list contradicts itself, in memory that does not grow with it."""

import hashlib
import secrets
import sqlite3
from collections.abc import Sequence
from types import TracebackType

BATCH = 1_000
_CACHE_KIB = 65_536


class Seen:
    """Keys with the line and a 16-byte digest of what was said about them.

    SQLite's unnamed database: it lives in memory until the cache is full, then in a file that is unlinked as soon
    as it is made. O(log n) a key.
    """

    def __init__(self) -> None:
        self._table = sqlite3.connect("", isolation_level=None)
        self._table.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
        self._table.execute("PRAGMA journal_mode=OFF")
        self._table.execute("CREATE TABLE seen (key BLOB PRIMARY KEY, line INTEGER, said BLOB) WITHOUT ROWID")
        self._table.execute("BEGIN")
        self._key = secrets.token_bytes(32)
        self._waiting: list[tuple[bytes, int, bytes]] = []
        self.contradiction: tuple[int, int] | None = None

    def __enter__(self) -> "Seen":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._table.close()

    def add(self, key: bytes, said: Sequence[str], line: int) -> bool:
        """Note a key; True where a batch was just checked, so that :attr:`contradiction` may be set."""
        self._waiting.append((self._hidden(key), line, self._hidden("\0".join(said).encode())))
        if len(self._waiting) < BATCH:
            return False
        self.check()
        return True

    def _hidden(self, text: bytes) -> bytes:
        """The temporary file may reach the disk: nothing of a list can be read from it, nor looked up in it."""
        return hashlib.blake2b(text, digest_size=16, key=self._key).digest()

    def check(self) -> None:
        """Compare what waits; sets :attr:`contradiction` to the first (earlier line, later line)."""
        before = self._table.total_changes
        self._table.executemany("INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", self._waiting)
        if self._table.total_changes - before < len(self._waiting):
            for key, line, said in self._waiting:
                first, known = self._table.execute("SELECT line, said FROM seen WHERE key = ?", (key,)).fetchone()
                if known != said and self.contradiction is None:
                    self.contradiction = first, line
        self._waiting.clear()
