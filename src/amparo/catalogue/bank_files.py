"""The files of Banks: sealed under the operator's key at rest, opened once per boot into memory.

A segment is named by the SHA-256 of its plain bytes; ``home/banks/<digest>.sealed`` is written whole before any row
names it, and never changed. The index for near matches is made from a segment in memory and is not stored.
"""

import contextlib
import fcntl
import hashlib
import os
import tempfile
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import BinaryIO

from amparo.catalogue.memory_folder import MemoryFolder
from amparo.evidence.errors import BadInput, VerificationFailed
from amparo.evidence.sealed_file import seal, unseal
from amparo.media import near_index
from amparo.media.bank_segment import Segment

_SUFFIX, _PART = ".sealed", ".writing-"
_NEAR = b"near index 1 of "


class BankFiles:
    """Segments of an installation. ``key`` is asked for when a sealed file is read or written, not before."""

    def __init__(self, home: Path, memory: MemoryFolder, key: Callable[[], bytes]) -> None:
        self._folder = home / "banks"
        self._memory = memory
        self._key = key

    def add(self, fill: Callable[[BinaryIO], None]) -> str:
        """Store what ``fill`` writes, sealed, and keep it open in memory; returns its name. Raises StorageFull."""
        digest, plain = self._memory.made(fill)
        sealed = self._folder / f"{digest}{_SUFFIX}"
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not sealed.exists():
            handle, part = tempfile.mkstemp(prefix=_PART, dir=self._folder)
            try:
                with os.fdopen(handle, "w+b") as stream, plain.open("rb") as source:
                    seal(source, stream, self._key())
                    stream.flush()
                    os.fsync(handle)
                os.rename(part, sealed)
            finally:
                Path(part).unlink(missing_ok=True)
            folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        return digest

    def path(self, digest: str) -> Path:
        """The plain file in memory, opened from the sealed one once per boot. Raises BadInput, StorageFull."""
        sealed = self._folder / f"{digest}{_SUFFIX}"

        def fill(target: BinaryIO) -> None:
            try:
                with sealed.open("rb") as source:
                    found = unseal(source, target, self._key())
            except FileNotFoundError as error:
                hint = "Restore the folder `banks` of AMPARO_HOME from a backup, or import the lists under new names."
                raise BadInput("A file of the Banks is missing.", hint) from error
            if found != digest:
                raise VerificationFailed("A file of the Banks is not the one its name says.", "Run: amparo doctor")

        with contextlib.suppress(FileNotFoundError):
            return self._memory.opened(digest, fill, sealed.stat().st_size)
        return self._memory.opened(digest, fill)

    def near(self, digest: str) -> Path | None:
        """The near index of a segment, made in memory if this boot has not yet; None where it has no PDQ."""
        segment = Segment(self.path(digest))
        if not len(segment.pdq):
            return None
        layout = near_index.layout_for(len(segment.pdq))
        need = near_index.size(len(segment.pdq), layout)
        return self._memory.opened(
            near_name(digest), lambda stream: near_index.build(stream, segment.pdq, layout), need
        )

    @contextlib.contextmanager
    def changing(self) -> Iterator[None]:
        """One process at a time changes Banks; others wait."""
        with self._held(".changing", fcntl.LOCK_EX):
            yield

    @contextlib.contextmanager
    def in_use(self) -> Iterator[None]:
        """Meanwhile plain copies stay where they are: workers may open them late."""
        with self._held(".in-use", fcntl.LOCK_SH):
            yield

    def keep_only(self, digests: Collection[str]) -> None:
        """Remove what no Bank names any more; plain copies only where nobody uses any. Belongs inside changing()."""
        with contextlib.suppress(BlockingIOError), self._held(".in-use", fcntl.LOCK_EX | fcntl.LOCK_NB):
            self._memory.keep_only({*digests, *map(near_name, digests)})
        for entry in list(os.scandir(self._folder)):
            if entry.name.startswith(_PART) or (
                entry.name.endswith(_SUFFIX) and entry.name.removesuffix(_SUFFIX) not in digests
            ):
                os.unlink(entry.path)

    @contextlib.contextmanager
    def _held(self, name: str, how: int) -> Iterator[None]:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self._folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, how)
            yield
        finally:
            os.close(handle)


def near_name(digest: str) -> str:
    """The name in memory of a segment's near index."""
    return hashlib.sha256(_NEAR + digest.encode()).hexdigest()
