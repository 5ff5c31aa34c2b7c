"""Killed and concurrent sealers: separate processes, SIGKILL, one chain."""

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from amparo.evidence.custody import CustodyLog, Event, SigningKey, verify

KEY = SigningKey.from_seed(bytes(32))
SEALER = """
import json, pathlib, sys
from amparo.evidence.custody import CustodyLog, Event, SigningKey
log = CustodyLog(pathlib.Path(sys.argv[1]), SigningKey.from_seed(bytes(32)))
events = [Event.from_json(row) for row in json.loads(pathlib.Path(sys.argv[2]).read_text())]
print("ready", flush=True)
for i in range(0, len(events), 3):
    log.seal(events[max(0, i - 3) : i + 3])
"""


def outbox(path: Path, count: int) -> list[Event]:
    events = [Event.new(n, "os:anna", None, "item.seen", {"n": n}, {"name": f"file {n}"}) for n in range(count)]
    path.write_text(json.dumps([event.as_json() for event in events]))
    return events


def start(log: Path, rows: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SEALER, str(log), str(rows)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert child.stdout
    assert child.stdout.readline() == "ready\n"
    return child


def ids(path: Path) -> list[str]:
    rows = [json.loads(line) for line in path.read_bytes().splitlines()]
    return [row["id"] for row in rows if row["kind"] == "entry"]


def test_a_sealer_killed_five_times_leaves_each_event_once(tmp_path: Path) -> None:
    path, chance, done = tmp_path / "custody.jsonl", random.Random(1), 0
    events = outbox(tmp_path / "outbox.json", 9000)
    for _ in range(5):
        with start(path, tmp_path / "outbox.json") as child:
            time.sleep(chance.uniform(0.01, 0.05))
            child.kill()
        assert child.returncode == -signal.SIGKILL  # it was still sealing
        if path.exists():
            verify(path, key=KEY.fingerprint)
            done = max(done, len(ids(path)))
    assert done > 0
    head = CustodyLog(path, KEY).seal(events)
    assert head
    result = verify(path, head=head.anchor, key=KEY.fingerprint)
    assert result.notes == ()
    assert ids(path) == [str(event.id) for event in events]


def test_two_sealers_at_once_make_one_chain(tmp_path: Path) -> None:
    path = tmp_path / "custody.jsonl"
    shared = outbox(tmp_path / "shared.json", 60)
    own = outbox(tmp_path / "own.json", 60)
    children = [start(path, tmp_path / name) for name in ("shared.json", "shared.json", "own.json")]
    for child in children:
        child.communicate(timeout=60)
        assert child.returncode == 0
    result = verify(path, key=KEY.fingerprint)
    assert result.entries == 120
    assert sorted(ids(path)) == sorted(str(event.id) for event in shared + own)
