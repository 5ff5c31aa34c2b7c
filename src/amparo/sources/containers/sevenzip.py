"""7z: solid blocks are decoded once from front to back, however the members are asked for in order."""

import array
import collections
import io
import stat
import zlib
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from amparo.evidence.finding import Finding
from amparo.evidence.item import Child, Entry, Step
from amparo.evidence.outcome import Skipped
from amparo.pipeline.ports import Declined, Unreadable
from amparo.sources.containers.bounded import Bounded, buffered
from amparo.sources.containers.filetime import filetime
from amparo.sources.containers.limits import MIB, Limits
from amparo.sources.containers.names import member
from amparo.sources.containers.seven_files import SevenEntry
from amparo.sources.containers.seven_folder import FolderDecoder, take
from amparo.sources.containers.seven_header import Folder
from amparo.sources.containers.seven_start import read_header

_HELD = 64 * MIB  # members up to this size are decoded into memory, larger ones are streamed
_MODES = {
    stat.S_IFLNK: Entry.SYMLINK, stat.S_IFIFO: Entry.FIFO, stat.S_IFSOCK: Entry.SOCKET, stat.S_IFBLK: Entry.BLOCK,
    stat.S_IFCHR: Entry.CHARACTER, stat.S_IFDIR: Entry.DIRECTORY,
}  # fmt: skip


class SevenZipArchive:
    """An open 7z archive: its header in memory, the last decoder, and decoded members up to a bound."""

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self._stream = stream
        self._limits = limits
        self._folders, self._entries = read_header(stream, limits)
        self._where = _places(self._entries, self._folders)
        self._decoder: tuple[int, int, FolderDecoder] | None = None  # folder, next stream, decoder
        self._broken: dict[int, tuple[int, str]] = {}  # folder: (stream where decoding failed, why)
        self._held: collections.OrderedDict[tuple[int, int], bytes] = collections.OrderedDict()
        self._held_bytes = 0
        self._most_held = min(limits.seven_zip_bytes, _HELD)

    def members(self) -> Iterator[Child]:
        """In the order of ``7z l -slt``."""
        for index, entry in enumerate(self._entries):
            size, outcome = 0, None
            if entry.has_stream:
                folder, stream, _ = self._place(index)
                size = self._folders[folder].streams[stream][0]
                if self._folders[folder].encrypted:
                    outcome = Skipped("encrypted")
            elif entry.anti:
                outcome = Skipped("special")  # "delete this": a member without bytes
            found = (filetime(value, f"7z.{name}") for name, value in sorted(entry.times.items()))
            moments = tuple(moment for moment in found if moment is not None)
            yield member("7z", index, entry.name, _entry(entry), size, moments, outcome, self._limits)

    def open(self, step: Step) -> BinaryIO:
        """The member ``step.record``. In order costs one pass; going back in a solid block decodes it again."""
        index = step.record
        if index is None or not 0 <= index < len(self._entries):
            raise Unreadable("read-error")
        if not self._entries[index].has_stream:
            return io.BytesIO()
        number, stream, offset = self._place(index)
        folder = self._folders[number]
        size, crc = folder.streams[stream]
        if folder.encrypted:
            raise Declined("encrypted")
        if size > self._limits.member_bytes:
            raise Unreadable("limit-size")
        if (number, stream) in self._held:
            return io.BytesIO(self._held[number, stream])
        if size <= self._most_held:
            return io.BytesIO(self._decode(number, stream))

        def start() -> _Part:
            return _Part(FolderDecoder(self._stream, folder, self._limits), offset, size, self._limits)

        return buffered(Bounded(start, self._limits, size, crc))

    def findings(self) -> Sequence[Finding]:
        """None: what is wrong shows with the members."""
        return ()

    def close(self) -> None:
        """Drop the decoder and what it decoded."""
        self._decoder = None
        self._held.clear()

    def _place(self, index: int) -> tuple[int, int, int]:
        """(folder, stream in it, offset of the stream in the decoded folder)."""
        folder, stream, offset = self._where[3 * index : 3 * index + 3]
        return folder, stream, offset

    def _decode(self, number: int, wanted: int) -> bytes:
        """Decode on to the wanted stream; small members on the way are held for who asks next."""
        folder = self._folders[number]
        until, reason = self._broken.get(number, (len(folder.streams), ""))
        if wanted >= until:
            raise Unreadable(reason)
        if self._decoder is None or self._decoder[0] != number or self._decoder[1] > wanted:
            self._decoder = number, 0, FolderDecoder(self._stream, folder, self._limits)
        _, stream, decoder = self._decoder
        self._decoder = None
        while stream <= wanted:
            size, crc = folder.streams[stream]
            try:
                data = take(decoder, size, stream == wanted or size <= self._most_held // 4, self._limits)
            except Unreadable as error:
                self._broken[number] = stream, error.reason  # what lies behind cannot be had either
                raise
            if data is not None and (crc is None or zlib.crc32(data) == crc):
                self._hold((number, stream), data)
            stream += 1
        self._decoder = number, stream, decoder
        if (number, wanted) not in self._held:
            raise Unreadable("damaged")
        return self._held[number, wanted]

    def _hold(self, key: tuple[int, int], data: bytes) -> None:
        self._held[key] = data
        self._held_bytes += len(data)
        while self._held_bytes > self._most_held and len(self._held) > 1:
            self._held_bytes -= len(self._held.popitem(last=False)[1])


class _Part:
    """One member's bytes out of a folder's decoder."""

    def __init__(self, decoder: FolderDecoder, offset: int, size: int, limits: Limits) -> None:
        self._decoder = decoder
        self._left = size
        take(decoder, offset, False, limits)

    @property
    def consumed(self) -> int:
        return self._decoder.consumed

    def read(self, size: int) -> bytes:
        data = self._decoder.read(min(size, self._left)) if self._left else b""
        self._left -= len(data)
        return data


class SevenZip:
    """The 7z container."""

    name = "7z"
    media_types = frozenset({"application/x-7z-compressed"})

    def open_archive(self, stream: BinaryIO, name: bytes, limits: Limits) -> SevenZipArchive:
        """Raises Unreadable, or Declined("encrypted") if the header itself is encrypted."""
        return SevenZipArchive(stream, limits)


def _places(entries: Sequence[SevenEntry], folders: Sequence[Folder]) -> "array.array[int]":
    """Per entry: folder, stream, offset; members with bytes take the streams in order."""
    streams = (
        (number, index, offset)
        for number, folder in enumerate(folders)
        for index, offset in enumerate(_offsets(folder))
    )
    where = array.array("Q")
    for entry in entries:
        place = next(streams, None) if entry.has_stream else (0, 0, 0)
        if place is None:
            raise Unreadable("damaged")
        where.extend(place)
    return where


def _offsets(folder: Folder) -> Iterator[int]:
    at = 0
    for size, _ in folder.streams:
        yield at
        at += size


def _entry(entry: SevenEntry) -> Entry:
    """By the Unix mode p7zip and 7-Zip put into the upper half, else by the Windows attributes."""
    if entry.attributes & 0x8000 and (found := _MODES.get(stat.S_IFMT(entry.attributes >> 16))) is not None:
        return Entry.FILE if found is Entry.DIRECTORY and entry.has_stream else found
    if entry.attributes & 0x400:  # reparse point
        return Entry.SYMLINK
    return Entry.FILE if entry.has_stream or entry.empty_file or entry.anti else Entry.DIRECTORY
