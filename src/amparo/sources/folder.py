"""Folders: entries as raw bytes, nothing followed, nothing changed, and a file that changes is not trusted."""

import errno
import io
import os
import stat
from collections.abc import Iterator

from amparo.evidence.finding import Finding
from amparo.evidence.item import Child, Entry, Step
from amparo.evidence.moment import Moment
from amparo.evidence.outcome import Failed, Skipped
from amparo.pipeline.ports import Unreadable
from amparo.pipeline.visit import os_reason

OPENER = "folder"
ROOT = b"."  # the locator path of the scanned folder itself
_BLOCK = 1024 * 1024

_ENTRIES = {
    stat.S_IFREG: Entry.FILE,
    stat.S_IFDIR: Entry.DIRECTORY,
    stat.S_IFLNK: Entry.SYMLINK,
    stat.S_IFIFO: Entry.FIFO,
    stat.S_IFSOCK: Entry.SOCKET,
    stat.S_IFBLK: Entry.BLOCK,
    stat.S_IFCHR: Entry.CHARACTER,
}


def root_child(root: bytes) -> Child:
    """The Item that stands for the scanned root: a folder as ``.``, a single file under its own name."""
    status = os.lstat(root)
    entry = _entry(status)
    return _child(b"." if entry is Entry.DIRECTORY else os.path.basename(root), status, entry, ())


def entries(root: bytes, relative: bytes) -> Iterator[Child]:
    """The entries of one directory below ``root``, sorted by raw name. Raises OSError, Unreadable.

    An entry that was listed and then cannot be looked at is one, too: it comes as Failed, and the others after it.
    """
    path = resolve(root, relative)
    descriptor = _open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with os.scandir(descriptor) as listing:
            names = sorted(os.fsencode(entry.name) for entry in listing)
        for name in names:
            full = name if relative == ROOT else relative + b"/" + name
            try:
                status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
                entry = _entry(status)
                findings = (_symlink(name, descriptor),) if entry is Entry.SYMLINK else ()
            except OSError as error:
                yield Child(Step(OPENER, full), Entry.UNKNOWN, None, outcome=Failed(os_reason(error)))
            else:
                yield _child(full, status, entry, findings)
    finally:
        os.close(descriptor)


def open_file(root: bytes, relative: bytes, size: int | None) -> "StableFile":
    """A regular file below ``root`` for reading. Raises OSError; Unreadable("changed") if it is not what was listed."""
    descriptor = _open(resolve(root, relative), os.O_RDONLY | os.O_NONBLOCK)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or (size is not None and status.st_size != size):
            raise Unreadable("changed")
        return StableFile(descriptor, status)
    except BaseException:
        os.close(descriptor)
        raise


class StableFile(io.FileIO):
    """A file that must stay as it was when opened: reaching its end elsewhere or later raises Unreadable("changed")."""

    def __init__(self, descriptor: int, status: os.stat_result) -> None:
        super().__init__(descriptor, "rb", closefd=True)
        self._status = status

    def readinto(self, buffer: object) -> int:
        """Fill ``buffer``; at the end of the file check that nothing changed meanwhile."""
        count: int = super().readinto(buffer)  # type: ignore[arg-type]
        if count == 0:
            self._check()
        return count

    def read(self, size: int | None = -1, /) -> bytes:
        """Up to ``size`` bytes. FileIO's own does not come by :meth:`readinto`."""
        if size is None or size < 0:
            return self.readall()
        buffer = bytearray(size)
        count = self.readinto(buffer) if size else 0
        return bytes(memoryview(buffer)[:count])

    def readall(self) -> bytes:
        """Everything up to the end."""
        return b"".join(iter(lambda: self.read(_BLOCK), b""))

    def _check(self) -> None:
        now = os.fstat(self.fileno())
        then = self._status
        if (now.st_size, now.st_mtime_ns) != (then.st_size, then.st_mtime_ns) or self.tell() < then.st_size:
            raise Unreadable("changed")


def resolve(root: bytes, relative: bytes) -> bytes:
    """Full raw path of an entry; ``.`` is the root, and a root that is a file is its own only entry."""
    if relative == ROOT or (relative == os.path.basename(root) and not os.path.isdir(root)):
        return root
    return os.path.join(root, relative)


def _open(path: bytes, flags: int) -> int:
    """Open without following a link and, where we may, without touching the access time."""
    flags |= os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        return os.open(path, flags | os.O_NOATIME)
    except PermissionError:
        return os.open(path, flags)  # only a file's owner may leave its access time alone
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.ENXIO):
            raise Unreadable("changed") from error
        raise


def _entry(status: os.stat_result) -> Entry:
    return _ENTRIES.get(stat.S_IFMT(status.st_mode), Entry.UNKNOWN)


def _child(path: bytes, status: os.stat_result, entry: Entry, findings: tuple[Finding, ...]) -> Child:
    if entry in (Entry.FILE, Entry.DIRECTORY):
        outcome = None
    else:
        outcome = Skipped("symlink" if entry is Entry.SYMLINK else "special")
    return Child(
        step=Step(OPENER, path),
        entry=entry,
        size=status.st_size if entry is Entry.FILE else None,
        moments=(
            Moment.utc(status.st_mtime_ns, "modified"),
            Moment.utc(status.st_atime_ns, "accessed"),
            Moment.utc(status.st_ctime_ns, "changed"),
        ),
        outcome=outcome,
        findings=findings,
    )


def _symlink(name: bytes, directory: int) -> Finding:
    target = os.readlink(name, dir_fd=directory)
    return Finding("file.symlink", {"target": target.decode("utf-8", "backslashreplace"), "target_hex": target.hex()})
