"""The Banks of this installation: their files, their key, and what workers are given of them."""

import dataclasses
import functools
import hashlib
import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from amparo.casework.bank_key import load_key, make_key
from amparo.catalogue.bank_files import BankFiles
from amparo.catalogue.banks import Banks
from amparo.catalogue.memory_folder import MemoryFolder
from amparo.config import Settings
from amparo.media.known_banks import BankState, manifest
from amparo.pipeline.stage import canonical_json

log = logging.getLogger(__name__)

_WORTH_SAYING = 0.2  # seconds; banks that are open already take a few milliseconds


@dataclasses.dataclass(frozen=True, slots=True)
class Compared:
    """All Banks at their versions of now: a manifest for workers, its identity, and how much memory it maps."""

    path: Path
    digest: str
    size: int
    states: tuple[BankState, ...]


def open_banks(settings: Settings) -> Banks:
    """The Banks of an installation; the key is made at first use, and asked for only when a file is to be opened."""
    memory = memory_of(settings)

    def key() -> bytes:
        path = settings.bank_key_path
        if path.exists() or any((settings.home / "banks").glob("*.sealed")):  # a new key would open none of those
            return load_key(path, None, memory)
        return make_key(path)

    return Banks(BankFiles(settings.home, memory, key))


def memory_of(settings: Settings) -> MemoryFolder:
    """Where plain copies lie while this machine is on."""
    return MemoryFolder(settings.home)


def compared(settings: Settings, banks: Banks) -> Compared:
    """Open all Banks and write the manifest workers read. Raises NotAuthorised while the key is locked, StorageFull."""
    began = time.monotonic()
    states = banks.states()
    if (seconds := time.monotonic() - began) >= _WORTH_SAYING:
        log.warning("Opened the banks, as once after each start of the machine: %.1f s.", seconds)
    _, path = memory_of(settings).made(functools.partial(_write, manifest(states)))
    digest = versions_digest(states)
    banks.remember(digest, states)
    files = [file for state in states for pair in state.segments for file in pair if file is not None]
    return Compared(path, digest, sum(file.stat().st_size for file in files), tuple(states))


def versions_digest(states: Sequence[BankState]) -> str:
    """What decides whether matching is due again: which Banks at which versions, not in which files."""
    rows = [[str(state.uuid), state.kind, state.version] for state in states]
    return hashlib.sha256(canonical_json(sorted(rows))).hexdigest()


def _write(data: bytes, stream: BinaryIO) -> None:
    stream.write(data)
