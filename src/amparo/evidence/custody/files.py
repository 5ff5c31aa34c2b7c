"""Durable writes of small private files: lock, append, replace. Every error is an AmparoError."""

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from amparo.evidence.errors import AmparoError, BadInput, StorageFull

FLAGS = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK  # a FIFO or a link put in our place is refused, not followed
_BLOCK = 1 << 16


@contextlib.contextmanager
def storage_errors(what: str) -> Iterator[None]:
    """Turns OSError into StorageFull (no room), BadInput (missing, denied...) or AmparoError (the disk failed)."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull(f"There is no room to write {what}.", "Free some space, then repeat.") from error
        kind = AmparoError if error.errno == errno.EIO else BadInput
        hint = "Check that it exists and that your account may use it."
        raise kind(f"Amparo cannot use {what}: {error.strerror}.", hint) from error


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Exclusive lock between processes and between threads; waits. The file stays: removing it would race."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | FLAGS, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def lock_path(path: Path) -> Path:
    """The lock file beside a file."""
    return path.with_name(path.name + ".lock")


def private_directory(path: Path) -> None:
    """Creates a directory and its missing parents, each 0700 and durable. What exists is left as it is."""
    if not path.is_dir():
        private_directory(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)
        sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Makes names in a directory durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def append(path: Path, data: bytes) -> None:
    """Appends in one write (more only where the kernel takes less) and makes it durable; a new file is 0600."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | FLAGS, 0o600)
    try:
        new = os.fstat(descriptor).st_size == 0
        _write(descriptor, data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if new:
        sync_directory(path.parent)


def replace(path: Path, chunks: Iterable[bytes]) -> None:
    """Writes a file anew, 0600: readers see the old bytes or the new ones, never a part.

    The temporary name is fixed, so the caller holds a lock, and what a killed process left is overwritten.
    """
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | FLAGS, 0o600)
    try:
        try:
            for chunk in chunks:
                _write(descriptor, chunk)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        temporary.rename(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_directory(path.parent)


def truncate(path: Path, size: int) -> None:
    """Cuts a file to ``size`` bytes, durably."""
    descriptor = os.open(path, os.O_WRONLY | FLAGS)
    try:
        os.ftruncate(descriptor, size)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def whole_lines(path: Path) -> int:
    """Bytes up to and including the last newline; reads backwards, only as far as needed."""
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        while end:
            start = max(0, end - _BLOCK)
            file.seek(start)
            found = file.read(end - start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            end = start
    return 0


def _write(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
