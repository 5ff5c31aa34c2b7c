"""Compressed files that hold one thing: gzip (RFC 1952), bzip2, xz, Zstandard (RFC 8878)."""

from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

from amparo.evidence.finding import Finding
from amparo.evidence.item import Child, Entry, Step
from amparo.evidence.moment import SECOND, Moment
from amparo.pipeline.ports import Unreadable
from amparo.sources.containers import codecs
from amparo.sources.containers.bounded import Bounded, buffered
from amparo.sources.containers.extents import Window, read_at
from amparo.sources.containers.limits import Limits
from amparo.sources.containers.names import member

_TRAILING = Finding("archive.trailing_bytes", {})
_CODECS: dict[str, Callable[[Limits], codecs.Codec]] = {
    "gzip": lambda limits: codecs.Inflate(31),
    "bzip2": lambda limits: codecs.bzip2(),
    "xz": codecs.xz,
    "zstd": codecs.zstandard,
}
_MAGIC = {"gzip": b"\x1f\x8b", "bzip2": b"BZh", "xz": b"\xfd7zXZ\0", "zstd": b"\x28\xb5\x2f\xfd"}
_SUFFIXES = {
    "gzip": ((b".gz", b""), (b".tgz", b".tar"), (b".taz", b".tar"), (b".svgz", b".svg"), (b"-gz", b""), (b".z", b"")),
    "bzip2": ((b".bz2", b""), (b".tbz2", b".tar"), (b".tbz", b".tar"), (b".bz", b"")),
    "xz": ((b".xz", b""), (b".txz", b".tar")),
    "zstd": ((b".zst", b""), (b".tzst", b".tar"), (b".zstd", b"")),
}
_STRICT = frozenset({"xz", "zstd"})  # their own tools call trailing bytes an error; gzip and bzip2 only warn


class SingleArchive:
    """An open compressed file with its one member. The size is not known before it is read."""

    def __init__(self, format_name: str, stream: BinaryIO, name: bytes, limits: Limits) -> None:
        self._format = format_name
        self._stream = stream
        self._limits = limits
        self._trailing = False
        self._name = strip_suffix(name, _SUFFIXES[format_name])
        self._moments: tuple[Moment, ...] = ()
        head = read_at(stream, 0, 128 * 1024)
        if not _starts(format_name, head):
            raise Unreadable("damaged")
        if format_name == "gzip":
            stored, mtime = gzip_header(head)
            self._name = stored or self._name
            if mtime:
                self._moments = (Moment.utc(mtime * SECOND, "gzip.mtime", SECOND),)

    def members(self) -> Iterator[Child]:
        """The one member; nothing is decoded to list it."""
        yield member(self._format, 0, self._name, Entry.FILE, None, self._moments, None, self._limits)

    def open(self, step: Step) -> BinaryIO:
        """The decoded bytes; streams that follow one another are one member, as their own tools have it."""
        if step.record != 0:
            raise Unreadable("read-error")

        def decoder() -> codecs.Stream:
            new = _CODECS[self._format]
            return codecs.Stream(Window(self._stream, 0), lambda: new(self._limits), self._more)

        return buffered(Bounded(decoder, self._limits, None))

    def _more(self, data: bytes, window: Window) -> bool:
        stripped = data.lstrip(b"\0")
        if _starts(self._format, stripped):
            return True
        if stripped:
            if self._format in _STRICT:
                raise Unreadable("damaged")
            self._trailing = True
        return False

    def findings(self) -> Sequence[Finding]:
        """``archive.trailing_bytes`` once the end was read and something else follows."""
        return (_TRAILING,) if self._trailing else ()

    def close(self) -> None:
        """Nothing is held."""


class Single:
    """One of the four formats."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.media_types = frozenset({"application/" + name.replace("bzip2", "x-bzip2").replace("xz", "x-xz")})

    def open_archive(self, stream: BinaryIO, name: bytes, limits: Limits) -> SingleArchive:
        """Raises Unreadable("damaged") if the header is not this format's."""
        return SingleArchive(self.name, stream, name, limits)


def strip_suffix(name: bytes, suffixes: Sequence[tuple[bytes, bytes]]) -> bytes:
    """The container's own name as its tool would unpack it: ``a.tgz`` gives ``a.tar``; unknown names stay."""
    base = name.rsplit(b"/", 1)[-1]
    for old, new in suffixes:
        if base.lower().endswith(old) and len(base) > len(old):
            return base[: -len(old)] + new
    return base


def gzip_header(head: bytes) -> tuple[bytes, int]:
    """(stored name, mtime in seconds since 1970) of the first member, empty and 0 if not given."""
    if len(head) < 10 or head[2] != 8:
        raise Unreadable("damaged")
    flags, at = head[3], 10
    if flags & 4:
        at += 2 + int.from_bytes(head[at : at + 2], "little")
    name = head[at : head.find(b"\0", at)] if flags & 8 and head.find(b"\0", at) >= 0 else b""
    return name, int.from_bytes(head[4:8], "little")


def _starts(format_name: str, head: bytes) -> bool:
    if format_name == "zstd" and head[1:4] == b"\x2a\x4d\x18" and head[:1] and head[0] & 0xF0 == 0x50:
        return True  # skippable frame
    return head.startswith(_MAGIC[format_name])
