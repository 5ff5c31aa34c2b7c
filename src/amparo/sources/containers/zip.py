"""ZIP (PKWARE APPNOTE 6.3.10), with ZIP64, Deflate64, bzip2, LZMA, xz and Zstandard members."""

import array
import datetime
import stat
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

from amparo.evidence.finding import Finding
from amparo.evidence.item import Child, Entry, Step
from amparo.evidence.moment import SECOND, Moment
from amparo.evidence.outcome import Failed, Skipped
from amparo.pipeline.ports import Declined, Unreadable
from amparo.sources.containers import codecs
from amparo.sources.containers.bounded import Bounded, buffered
from amparo.sources.containers.extents import Extent, Extents, Window
from amparo.sources.containers.filetime import filetime
from amparo.sources.containers.limits import Limits
from amparo.sources.containers.names import member
from amparo.sources.containers.zip_directory import Directory, Record, extra_fields, overlapping

_MODES = {
    stat.S_IFLNK: Entry.SYMLINK, stat.S_IFIFO: Entry.FIFO, stat.S_IFSOCK: Entry.SOCKET,
    stat.S_IFBLK: Entry.BLOCK, stat.S_IFCHR: Entry.CHARACTER, stat.S_IFDIR: Entry.DIRECTORY,
}  # fmt: skip
_UNIX = frozenset({3, 19})
_CODECS: dict[int, Callable[[Window, Limits], codecs.Codec]] = {
    8: lambda window, limits: codecs.Inflate(-15),
    9: lambda window, limits: codecs.Inflate64(),
    12: lambda window, limits: codecs.bzip2(),
    14: codecs.zip_lzma,
    93: lambda window, limits: codecs.zstandard(limits),
    95: lambda window, limits: codecs.xz(limits),
}


class ZipArchive:
    """An open ZIP file: 24 bytes of memory per member."""

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self._stream = stream
        self._limits = limits
        self._directory = Directory(stream)
        self._places = array.array("Q")
        self._broken: str | None = None
        offsets, packed = array.array("Q"), array.array("Q")
        try:
            for place, record in self._directory.scan():
                if len(self._places) >= limits.entries:
                    self._broken = "limit-entries"
                    break
                self._places.append(place)
                inside = self._inside(record)
                offsets.append(record.offset if inside else 0)
                packed.append(record.packed if inside else 0)
        except Unreadable as error:
            self._broken = error.reason
        self._overlapping = overlapping(offsets, packed)

    def members(self) -> Iterator[Child]:
        """In the order of the central directory, which is what ``unzip -Z1`` prints."""
        for index, place in enumerate(self._places):
            record = self._directory.record(place)
            outcome: Skipped | Failed | None = None
            if record.encrypted:
                outcome = Skipped("encrypted")
            elif index in self._overlapping:
                outcome = Failed("limit-ratio")
            entry = _entry(record)
            yield member("zip", index, record.name, entry, record.size, _moments(record), outcome, self._limits)
        if self._broken:
            raise Unreadable(self._broken)

    def open(self, step: Step) -> BinaryIO:
        """The member ``step.record``; its local header only says where the bytes begin."""
        index = step.record
        if index is None or not 0 <= index < len(self._places):
            raise Unreadable("read-error")
        record = self._directory.record(self._places[index])
        if record.encrypted:
            raise Declined("encrypted")
        if index in self._overlapping:
            raise Unreadable("limit-ratio")
        if record.size > self._limits.member_bytes:
            raise Unreadable("limit-size")
        if record.disk != 0:
            raise Unreadable("unsupported")
        if not self._inside(record):
            raise Unreadable("damaged")
        return buffered(self._raw(record))

    def _raw(self, record: Record) -> Bounded | Extents:
        start = self._directory.data_start(record)
        if record.method == 0:
            if record.packed != record.size:
                raise Unreadable("damaged")
            return Extents(self._stream, [Extent(0, record.size, start)], record.size, record.crc)
        if (make := _CODECS.get(record.method)) is None:
            raise Unreadable("unsupported")

        def decoder() -> codecs.Stream:
            window = Window(self._stream, start, record.packed)
            return codecs.Stream(window, lambda: make(window, self._limits))

        return Bounded(decoder, self._limits, record.size, record.crc)

    def _inside(self, record: Record) -> bool:
        """Whether the member lies before the directory; one that does not may not make others look overlapped."""
        return record.offset + self._directory.shift + 30 + record.packed <= self._directory.start

    def findings(self) -> Sequence[Finding]:
        """None: what is wrong shows with the members."""
        return ()

    def close(self) -> None:
        """Nothing is held."""


class Zip:
    """The ZIP container, and every document format that is one."""

    name = "zip"
    media_types = frozenset({"application/zip"})

    def open_archive(self, stream: BinaryIO, name: bytes, limits: Limits) -> ZipArchive:
        """Raises Unreadable: ``damaged`` without a central directory, ``unsupported`` if split over several files."""
        return ZipArchive(stream, limits)


def _entry(record: Record) -> Entry:
    entry = Entry.FILE
    if record.host in _UNIX and (found := _MODES.get(stat.S_IFMT(record.attributes >> 16))) is not None:
        entry = found
    elif record.name.endswith((b"/", b"\\")) or (record.host == 0 and record.attributes & 0x10):
        entry = Entry.DIRECTORY
    # bytes hidden under a directory's name are bytes
    return Entry.FILE if entry is Entry.DIRECTORY and record.size else entry


def _moments(record: Record) -> tuple[Moment, ...]:
    """DOS time; the extended timestamp 0x5455 (in the directory it holds mtime only); NTFS times 0x000a."""
    moments = []
    time, date = record.when
    try:
        when = datetime.datetime(  # noqa: DTZ001  # a wall clock whose zone nobody wrote down
            1980 + (date >> 9), date >> 5 & 15, date & 31, time >> 11, time >> 5 & 63, (time & 31) * 2
        )
        moments.append(Moment.wall_clock(when, "zip.dos.mtime", 2 * SECOND))
    except ValueError:  # month 0, second 62: not set
        pass
    for kind, data in extra_fields(record.extra):
        if kind == 0x5455 and len(data) >= 5 and data[0] & 1:
            moments.append(Moment.utc(struct.unpack_from("<i", data, 1)[0] * SECOND, "zip.extended.mtime", SECOND))
        elif kind == 0x000A:
            moments.extend(_ntfs(data[4:]))
    return tuple(moments)


def _ntfs(data: bytes) -> Iterator[Moment]:
    for tag, values in extra_fields(data):  # the same shape as extra fields
        if tag == 1 and len(values) >= 24:
            for name, value in zip(("mtime", "atime", "btime"), struct.unpack_from("<3Q", values), strict=True):
                if (moment := filetime(value, f"zip.ntfs.{name}")) is not None:
                    yield moment
