"""Makes the golden custody logs: one good, one with an erasure, and one per defect. Run: python make.py [DIRECTORY].

Everything is fixed (keys, ids, salts, times), so the committed files come out byte for byte.
"""

import dataclasses
import hashlib
import itertools
import json
import sys
import tempfile
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

from amparo.evidence.custody import CustodyLog, Event, Head, SigningKey

START = 1_767_225_600_000_000_000  # 2026-01-01 00:00:00 UTC
SECOND = 1_000_000_000
KEY = SigningKey.from_seed(bytes(range(32)))
OTHER_KEY = SigningKey.from_seed(bytes(range(32, 64)))
AUTHORITY = uuid.UUID("00000000-0000-4000-8000-00000000000a")
FILES = ("custody.jsonl", "custody.payload.jsonl")


def event(n: int, action: str, facts: dict[str, str | int | None], payload: dict[str, str]) -> Event:
    """Event ``n``, one minute after the one before."""
    salts = {name: hashlib.sha256(f"{n} {name}".encode()).digest()[:16] for name in payload}
    at = START + n * 60 * SECOND
    return Event(uuid.UUID(int=n + (4 << 76) + (8 << 60)), at, "os:anna", AUTHORITY, action, facts, payload, salts)


EVENTS = [
    event(1, "case.created", {"members": 2}, {"title": "Exercise A"}),
    event(2, "source.opened", {"source": str(uuid.UUID(int=7)), "exhibit": None}, {"path": "/media/exercise/disk 1"}),
    event(3, "scan.finished", {"items": 1200, "failed": 3, "complete": True}, {}),
    event(4, "content.revealed", {"sha256": hashlib.sha256(b"a").hexdigest()}, {}),
    event(5, "decision.made", {"sha256": hashlib.sha256(b"a").hexdigest(), "label": "neutral"}, {"note": "déjà vu"}),
    event(6, "export.sealed", {"sha256": hashlib.sha256(b"b").hexdigest(), "bytes": 4096}, {}),
]
ERASURE = event(7, "payload.erased", {"entry": str(EVENTS[1].id)}, {"under": "retention rule 1"})


def seal(folder: Path, events: Sequence[Event], key: SigningKey = KEY) -> Head:
    """Seals two events at a time; returns the last head."""
    clock = itertools.count(START + 3600 * SECOND, SECOND)
    log = CustodyLog(folder / FILES[0], key, lambda: next(clock))
    heads = [log.seal(events[i : i + 2]) for i in range(0, len(events), 2)]
    if ERASURE in events:
        log.erase(ERASURE)
    head = heads[-1]
    if head is None:
        raise ValueError("no events")
    return head


def _flip(lines: list[bytes]) -> list[bytes]:
    return [line.replace(b'"items":1200', b'"items":1201') for line in lines]


def _torn(lines: list[bytes]) -> list[bytes]:
    seventh = ERASURE.entry(7, hashlib.sha256(lines[-2][:-1]).hexdigest()).line()
    return [*lines, seventh[: len(seventh) // 2]]


# The good log has these lines: entries 1 2, seal, entries 3 4, seal, entries 5 6, seal.
DEFECTS: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "flipped-byte": _flip,
    "removed-entry": lambda lines: lines[:4] + lines[5:],
    "swapped-entries": lambda lines: [*lines[:3], lines[4], lines[3], *lines[5:]],
    "truncated-tail": lambda lines: lines[:6],
    "torn-last-line": _torn,
}


def make(target: Path) -> None:
    """Writes every golden folder and ``anchors.json`` under ``target``."""
    logs: dict[str, dict[str, bytes]] = {}

    def take(name: str, events: Sequence[Event], key: SigningKey = KEY) -> Head:
        with tempfile.TemporaryDirectory() as folder:
            head = seal(Path(folder), events, key)
            logs[name] = {file: (Path(folder) / file).read_bytes() for file in FILES}
        return head

    good = take("good", EVENTS)
    take("good-payload-erased", [*EVENTS, ERASURE])
    changed = dataclasses.replace(EVENTS[2], facts={"items": 1199, "failed": 3, "complete": True})
    take("rewritten-with-other-key", [*EVENTS[:2], changed, *EVENTS[3:]], OTHER_KEY)
    lines = logs["good"][FILES[0]].splitlines(keepends=True)
    for name, defect in DEFECTS.items():
        logs[name] = {FILES[0]: b"".join(defect(lines)), FILES[1]: logs["good"][FILES[1]]}
    for name, contents in logs.items():
        (target / name).mkdir(parents=True, exist_ok=True)
        for file, data in contents.items():
            (target / name / file).write_bytes(data)
    anchors = {"head": str(good.anchor), "key": KEY.fingerprint}
    (target / "anchors.json").write_text(json.dumps(anchors, indent=2) + "\n", encoding="ascii")


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
