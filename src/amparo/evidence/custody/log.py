"""CustodyLog: seals events into the chain, once each, whatever is killed in between (DESIGN section 4).

An event may come again long after it was sealed: another process read the outbox before its mark was set, or the
mark was lost in a crash. No look-back of fixed length is right then, so each CustodyLog knows all entry ids. It reads
the file once, at first use: O(file), a regular expression and a SHA-256 per line, about 110 bytes kept per entry.
After that a seal costs O(what was appended since), by this process or others.

What lies after the last seal was appended by a sealer that was killed, and is sealed by the next one. The chain is
checked while reading, signatures are not: that is the work of ``verify``.
"""

import dataclasses
import re
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from amparo.evidence.custody import files
from amparo.evidence.custody.canonical import MAX_LINE
from amparo.evidence.custody.entry import FIRST, Anchor, Seal, line_hash
from amparo.evidence.custody.event import ERASED, Event
from amparo.evidence.custody.keys import SigningKey, fingerprint
from amparo.evidence.custody.payload import Erased, payload_path
from amparo.evidence.errors import BadInput, VerificationFailed

# The end of a canonical entry, and a whole canonical seal. A quote inside a JSON string is escaped and a newline
# ends the line, so neither can match within a value.
_ENTRY = re.compile(rb'"id":"([0-9a-f-]{36})","kind":"entry","n":([0-9]{1,19}),"prev":"([0-9a-f]{64})","v":1\}\n')
_ENTRY_END = 210  # bytes, more than _ENTRY can match
_PAYLOAD = re.compile(rb'"id":"([0-9a-f-]{36})","v":1\}\n$')
_PAYLOAD_END = 51  # bytes of it
_SEAL = re.compile(
    rb'\{"at":-?[0-9]{1,19},"head":"([0-9a-f]{64})","key":"([0-9a-f]{64})","kind":"seal",'
    rb'"n":([0-9]{1,19}),"sig":"[0-9a-f]{128}","v":1\}\n'
)


@dataclasses.dataclass(frozen=True, slots=True)
class Head:
    """The last sealed entry: its number, its hex SHA-256, and the fingerprint of the key that sealed it."""

    n: int
    hash: str
    key: str

    @property
    def anchor(self) -> Anchor:
        """What to note down elsewhere."""
        return Anchor(self.n, self.hash)


class CustodyLog:
    """The log at ``path`` (``custody.jsonl``), its payload file and its lock beside it; one object may serve threads.

    ``clock`` gives ns since 1970 UTC. Storage errors come as StorageFull or BadInput, a broken chain as
    VerificationFailed; then nothing was added.
    """

    def __init__(self, path: Path, key: SigningKey, clock: Callable[[], int] = time.time_ns) -> None:
        self.path = path
        self._key = key
        self._clock = clock
        self._ids: set[bytes] = set()
        self._read = 0  # bytes of whole lines read so far
        self._lines = 0
        self._last = b""  # the line that ends there
        self._n = 0
        self._hash = FIRST
        self._head: Head | None = None

    def seal(self, events: Sequence[Event]) -> Head | None:
        """Appends the events that are not in the log yet, in this order, and signs the head.

        Returns the sealed head, also if nothing was to be done, so that a lost mark can be set again; None only while
        the log is empty. Payloads become durable before their entries, and both before this returns.
        """
        with files.storage_errors("the custody log"):
            files.private_directory(self.path.parent)
            with files.locked(files.lock_path(self.path)):
                self._catch_up()
                fresh = {event.id: event for event in events if str(event.id).encode() not in self._ids}
                if fresh or (self._n and (self._head is None or self._head.n < self._n)):
                    self._append(list(fresh.values()))
                    self._catch_up()
                return self._head

    def erase(self, event: Event) -> bool:
        """Erases the payload that a sealed ``Event.erasure`` names; False if it was erased before.

        The payload file is replaced as a whole. Freed disk blocks, snapshots and backups may still hold the text.
        """
        return self.erase_all([event]) == 1

    def erase_all(self, events: Sequence[Event]) -> int:
        """The same for many, with the file replaced once; returns how many were not erased before."""
        due: dict[bytes, Event] = {}
        for event in events:
            of = event.facts.get("entry")
            if event.action != ERASED or not isinstance(of, str) or "under" not in event.payload:
                raise BadInput("This event records no erasure.", "Make it with Event.erasure.")
            due[of.encode()] = event
        with files.storage_errors("the custody log"), files.locked(files.lock_path(self.path)):
            self._catch_up()
            if any(str(event.id).encode() not in self._ids for event in events):
                raise BadInput("The erasure is not in the custody log yet.", "Seal its event first, then erase.")
            path = payload_path(self.path)
            kept = {entry: not line.startswith(b'{"erased":') for entry, line in _payloads(path) if entry in due}
            if len(kept) < len(due):
                raise BadInput("The entry to erase has no payload.", "Check the id of the entry.")
            new = {entry: _erased(entry, event) for entry, event in due.items() if kept[entry]}
            if new:
                files.replace(path, (new.get(entry, line) for entry, line in _payloads(path)))
            return len(new)

    def _append(self, events: Sequence[Event]) -> None:
        payload = b"".join(event.payload_line() + b"\n" for event in events if event.payload)
        if payload:
            path = payload_path(self.path)
            if path.exists() and (size := files.whole_lines(path)) < path.stat().st_size:
                # Cut, not set aside: its entry was never appended, so the outbox still has it, and a copy lying
                # elsewhere would escape erasure.
                files.truncate(path, size)
            files.append(path, payload)
        n, head, lines = self._n, self._hash, []
        for event in events:
            n += 1
            line = event.entry(n, head).line()
            head = line_hash(line)
            lines.append(line)
        seal = Seal(n, head, self._clock(), self._key.public)
        seal = dataclasses.replace(seal, sig=self._key.sign(seal.signed()))
        files.append(self.path, b"".join(line + b"\n" for line in (*lines, seal.line())))

    def _catch_up(self) -> None:
        """Reads what was appended since the last time, and sets a torn last line aside. Needs the lock."""
        if not self._read:
            files.sync_directory(self.path.parent)  # a sealer killed after creating a file may not have done it
        if not self.path.exists():
            if self._read:
                raise _broken("The custody log is gone.")
            return
        torn = b""
        with self.path.open("rb") as file:
            file.seek(self._read - len(self._last))
            if file.read(len(self._last)) != self._last:
                raise _broken(f"The custody log was changed at or before line {self._lines}, while in use.")
            while line := file.readline(MAX_LINE + 1):
                if len(line) > MAX_LINE:
                    raise _broken(f"Line {self._lines + 1} of the custody log is longer than 1 MiB.")
                if not line.endswith(b"\n"):
                    torn = line
                    break
                self._take(line)
        if torn:
            name = f"{self.path.stem}.torn-{self._n + 1}-{line_hash(torn)[:12]}"
            files.replace(self.path.with_name(name), [torn])
            files.truncate(self.path, self._read)

    def _take(self, line: bytes) -> None:
        entry = _ENTRY.search(line, max(0, len(line) - _ENTRY_END))
        seal = None if entry else _SEAL.fullmatch(line)
        if entry and int(entry[2]) == self._n + 1 and entry[3].decode() == self._hash:
            self._ids.add(entry[1])
            self._n += 1
            self._hash = line_hash(line[:-1])
        elif seal and int(seal[3]) == self._n and seal[1].decode() == self._hash:
            self._head = Head(self._n, self._hash, fingerprint(bytes.fromhex(seal[2].decode())))
        else:
            raise _broken(f"Line {self._lines + 1} of the custody log does not follow entry {self._n}.")
        self._read += len(line)
        self._lines += 1
        self._last = line


def _payloads(path: Path) -> Iterator[tuple[bytes, bytes]]:
    """Entry id and line of each whole line of the payload file; none if there is no file."""
    if path.exists():
        with path.open("rb") as file:
            for line in file:
                if line.endswith(b"\n"):
                    found = _PAYLOAD.search(line, max(0, len(line) - _PAYLOAD_END))
                    yield (found[1] if found else b""), line


def _erased(entry: bytes, event: Event) -> bytes:
    return Erased(uuid.UUID(entry.decode()), event.at, event.payload["under"], event.id).line() + b"\n"


def _broken(message: str) -> VerificationFailed:
    return VerificationFailed(message, "Nothing was added. Run: amparo custody verify")
