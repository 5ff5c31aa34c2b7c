"""A read-only file named by its own SHA-256, written whole or not at all."""

import errno
import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from amparo.evidence.errors import StorageFull


def write_named(directory: Path, fill: Callable[[BinaryIO], None]) -> tuple[Path, str]:
    """Let ``fill`` write a file and put it at ``directory/<sha256 hex>``; an equal one that is there is kept.

    On disk before it returns. Raises StorageFull, and whatever ``fill`` raises; then nothing is left behind.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".writing-", dir=directory)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w+b") as stream:
            fill(stream)
            stream.flush()
            os.fsync(stream.fileno())
        digest = _digest(temporary)
        path = directory / digest
        if not (path.exists() and _digest(path) == digest):
            temporary.chmod(0o400)
            temporary.replace(path)
            _sync(directory)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull("There is no room for a new file.", f"Free space where this lies: {directory}") from error
        raise
    finally:
        temporary.unlink(missing_ok=True)
    return path, digest


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
