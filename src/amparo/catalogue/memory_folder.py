"""A folder in memory, of one account and one installation: plain copies of sealed files, gone when the machine is off.

In it, processes have folders of their own for what they make from evidence; those of dead processes are removed.

It lies on tmpfs or ramfs. Pages of a tmpfs may be swapped out: the machine needs encrypted swap, or none
(docs/adr/0013-bank-files-sealed.md).
"""

import contextlib
import errno
import fcntl
import hashlib
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import BinaryIO

from amparo.evidence.errors import BadInput, MissingComponent, NotAuthorised, StorageFull

_ROOT = Path("/dev/shm")  # noqa: S108  # what is made in it is private, and its owner is checked
_IN_MEMORY = ("tmpfs", "ramfs")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_PART = ".part-"
_WORK = ".work-"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_ESCAPE = re.compile(rb"\\([0-7]{3})")
_MIB = 1024**2


class MemoryFolder:
    """``<root>/amparo-<uid>-<first 16 hex digits of SHA-256(real path of home)>``, 0700, made at first use.

    Every method raises MissingComponent where ``root`` is not in memory, and NotAuthorised where what lies at the
    path is a link, belongs to someone else or is open to others. The folder being ours alone, its files are trusted.
    """

    def __init__(self, home: Path, root: Path = _ROOT) -> None:
        name = hashlib.sha256(os.fsencode(os.path.realpath(home))).hexdigest()[:16]
        self._root = root
        self.path = root / f"amparo-{os.geteuid()}-{name}"

    def opened(self, digest: str, fill: Callable[[BinaryIO], None], need: int | None = None) -> Path:
        """The file of this SHA-256 (64 hex digits). Where there is none, ``fill`` writes it and verifies what it wrote.

        A file that is there is returned unread. Others see a file whole or not at all; processes that want one at the
        same time wait for the first, so ``fill`` must not open another here. ``need``: bytes it will take. Raises
        StorageFull where memory has no room, NotAuthorised if all is forgotten meanwhile, and whatever ``fill``
        raises; then nothing is left behind.
        """
        if not _DIGEST.fullmatch(digest):
            raise BadInput("A file in memory is named by a SHA-256.", "Give 64 lower-case hex digits.")
        path = self.path / digest
        self._enter()
        if not path.is_file():
            with self._locked():
                if not path.is_file():
                    self._check_room(need)
                    self._write(path, fill, 0o400)
        return path

    def made(self, fill: Callable[[BinaryIO], None]) -> tuple[str, Path]:
        """A file of what ``fill`` writes, and the SHA-256 that names it. Raises what :meth:`opened` raises."""
        self._enter()
        with self._locked():
            handle, part = tempfile.mkstemp(prefix=_PART, dir=self.path)
            try:
                with self._room(), os.fdopen(handle, "w+b") as stream:
                    fill(stream)
                    stream.flush()
                    stream.seek(0)
                    digest = hashlib.file_digest(stream, "sha256").hexdigest()
                    os.fchmod(handle, 0o400)
                self._publish(part, self.path / digest)
            finally:
                Path(part).unlink(missing_ok=True)
        return digest, self.path / digest

    def keep(self, name: str, data: bytes) -> None:
        """Put a small secret into the folder, 0600; one of this name is replaced. No digest may be its name."""
        self._enter()
        with self._locked():
            self._write(self.path / name, lambda stream: _all(stream, data), 0o600)

    def kept(self, name: str) -> bytes | None:
        """What was put there under this name since the machine was started."""
        self._enter()
        try:
            return (self.path / name).read_bytes()
        except FileNotFoundError:
            return None

    def keep_only(self, digests: Collection[str]) -> None:
        """Remove the files of all other digests, and what killed writers left; small secrets stay.

        Processes that have such a file open or mapped go on with it.
        """
        self._enter()
        with self._locked():
            for entry in list(os.scandir(self.path)):
                if _DIGEST.fullmatch(entry.name) and entry.name not in digests:
                    _remove(entry)

    def forget(self) -> None:
        """Remove all files at once, also those being written: their writers are refused at the end.

        Their memory is free when the last process that has one open or mapped ends. Folders of living processes stay.
        """
        self.sweep()
        if os.path.lexists(self.path):
            for entry in list(os.scandir(self.path)):
                if not entry.name.startswith(_WORK):
                    _remove(entry)

    @contextlib.contextmanager
    def work(self) -> Iterator[Path]:
        """A folder of this process, 0700, removed at the end; if the process is killed, by a later :meth:`sweep`."""
        self._enter()
        self.sweep()
        path, handle = self._own_folder()
        try:
            yield path
        finally:
            try:
                shutil.rmtree(path)
            finally:
                os.close(handle)  # what is left of it goes with a later sweep

    def sweep(self) -> int:
        """Remove the folders of processes that were killed; returns how many. Makes nothing."""
        if not os.path.lexists(self.path):
            return 0
        self._enter()
        swept = 0
        for entry in list(os.scandir(self.path)):
            if not entry.name.startswith(_WORK):
                continue
            with contextlib.suppress(FileNotFoundError, BlockingIOError):  # its owner ended just now, or is alive
                handle = os.open(entry.path, _FOLDER)
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(entry.path)
                    swept += 1
                finally:
                    os.close(handle)
        return swept

    def _own_folder(self) -> tuple[Path, int]:
        """A new folder and what holds its lock, which ends with this process however that ends."""
        while True:
            path = Path(tempfile.mkdtemp(prefix=_WORK, dir=self.path))
            try:
                handle = os.open(path, _FOLDER)
            except FileNotFoundError:
                continue
            fcntl.flock(handle, fcntl.LOCK_EX)
            if path.exists():
                return path, handle
            os.close(handle)  # a sweep saw it before it was locked

    def _enter(self) -> None:
        """Make sure that the folder is there, in memory and ours alone."""
        kind = _file_system(self._root)
        if kind not in _IN_MEMORY:
            raise MissingComponent(
                "%(folder)s is not in memory (file system: %(kind)s).",
                "Have a tmpfs mounted there: mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs %(folder)s",
                {"folder": str(self._root), "kind": kind or "-"},
            )
        try:
            with contextlib.suppress(FileExistsError):
                self.path.mkdir(mode=0o700)
        except OSError as error:
            raise MissingComponent(
                "%(path)s cannot be made: %(why)s.",
                "Let your account write to %(folder)s.",
                {"path": str(self.path), "why": str(error.strerror), "folder": str(self._root)},
            ) from error
        status = self.path.lstat()
        ours = stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid()
        if not ours or status.st_mode & 0o777 != 0o700:
            state = "open to others" if status.st_mode & 0o077 else "closed to you"
            what = f"is {state}" if ours else "is not a folder of your account"
            raise NotAuthorised(
                f"{self.path} {what}; nothing is put there.", f"Find out who made it, then remove it: rm -r {self.path}"
            )

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time, so what is half written here was left by one that was killed, and is removed."""
        handle = os.open(self.path, _FOLDER)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            for entry in list(os.scandir(self.path)):
                if entry.name.startswith(_PART):
                    _remove(entry)
            yield
        finally:
            os.close(handle)

    def _check_room(self, need: int | None) -> None:
        free = os.statvfs(self.path)
        room = free.f_bavail * free.f_frsize
        if need is not None and need > room and free.f_blocks:  # no blocks: the file system has no limit
            raise self._full(f"{need / _MIB:,.1f} MiB are needed, {room / _MIB:,.1f} MiB are free.")

    def _full(self, numbers: str) -> StorageFull:
        return StorageFull(
            f"There is no room in memory for a plain copy. {numbers}".rstrip(),
            f"Free memory or enlarge {self._root}: mount -o remount,size=... {self._root}",
        )

    def _write(self, path: Path, fill: Callable[[BinaryIO], None], mode: int) -> None:
        handle, name = tempfile.mkstemp(prefix=_PART, dir=self.path)
        try:
            with self._room(), os.fdopen(handle, "w+b") as stream:
                fill(stream)
                stream.flush()
                os.fchmod(handle, mode)
            self._publish(name, path)
        finally:
            Path(name).unlink(missing_ok=True)

    @contextlib.contextmanager
    def _room(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise self._full("") from error
            raise

    @staticmethod
    def _publish(part: str, path: Path) -> None:
        try:
            os.rename(part, path)
        except FileNotFoundError:
            raise NotAuthorised(
                "The files in memory were locked while one was being written.", "Unlock them, then repeat."
            ) from None


def _all(stream: BinaryIO, data: bytes) -> None:
    stream.write(data)


def _remove(entry: os.DirEntry[str]) -> None:
    Path(entry.path).unlink(missing_ok=True)


def _file_system(folder: Path) -> str:
    """Type of the file system a folder lies on (proc_pid_mounts(5)), empty where that cannot be told."""
    real = os.fsencode(os.path.realpath(folder))
    best, kind = b"", ""
    try:
        lines = Path("/proc/self/mounts").read_bytes().splitlines()
    except OSError:
        return ""
    for line in lines:
        fields = line.split(b" ")
        point = _ESCAPE.sub(lambda found: bytes([int(found[1], 8)]), fields[1]).rstrip(b"/")
        # Of equal mount points the last one counts: it lies over the others.
        if len(point) >= len(best) and (real + b"/").startswith(point + b"/"):
            best, kind = point, os.fsdecode(fields[2])
    return kind
