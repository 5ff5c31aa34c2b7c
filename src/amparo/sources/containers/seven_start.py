"""From the first 32 bytes of a 7z archive to its header, which may be packed itself."""

import struct
import zlib
from typing import BinaryIO

from amparo.pipeline.ports import Unreadable
from amparo.sources.containers import seven_header
from amparo.sources.containers.extents import read_at, stream_size
from amparo.sources.containers.limits import MIB, Limits
from amparo.sources.containers.seven_cursor import Cursor
from amparo.sources.containers.seven_files import SevenEntry, read_files
from amparo.sources.containers.seven_folder import FolderDecoder, take
from amparo.sources.containers.seven_header import Folder

_START = struct.Struct("<6s2sIQQI")
_HEADER = 256 * MIB  # longest header, decoded


def read_header(stream: BinaryIO, limits: Limits) -> tuple[list[Folder], list[SevenEntry]]:
    """(folders, file records). Raises Unreadable, or Declined("encrypted") if they cannot be had without a password."""
    start = read_at(stream, 0, _START.size)
    if len(start) < _START.size or start[:6] != seven_header.MAGIC or zlib.crc32(start[12:]) != _START.unpack(start)[2]:
        raise Unreadable("damaged")
    offset, size, crc = _START.unpack(start)[3:]
    if size == 0:
        return [], []
    if size > _HEADER:
        raise Unreadable("limit-memory")
    if _START.size + offset + size > stream_size(stream):
        raise Unreadable("damaged")
    data = read_at(stream, _START.size + offset, size)
    if zlib.crc32(data) != crc:
        raise Unreadable("damaged")
    for _ in range(4):  # a header may be packed, and that one's header too
        cursor = Cursor(data)
        kind = cursor.byte()
        if kind == seven_header.HEADER:
            return _parse(cursor, limits)
        if kind != seven_header.ENCODED:
            break
        data = _unpack_header(stream, cursor, limits)
    raise Unreadable("damaged")


def _unpack_header(stream: BinaryIO, cursor: Cursor, limits: Limits) -> bytes:
    folders = seven_header.read_streams(cursor, _START.size)
    if len(folders) != 1:
        raise Unreadable("damaged")
    size, crc = folders[0].streams[0]
    if size > _HEADER:
        raise Unreadable("limit-memory")
    data = take(FolderDecoder(stream, folders[0], limits), size, True, limits) or b""
    if crc is not None and zlib.crc32(data) != crc:
        raise Unreadable("damaged")
    return data


def _parse(cursor: Cursor, limits: Limits) -> tuple[list[Folder], list[SevenEntry]]:
    folders: list[Folder] = []
    entries: list[SevenEntry] = []
    kind = cursor.byte()
    if kind == seven_header.HEADER + 1:  # archive properties: skipped
        while cursor.byte() != seven_header.END:
            cursor.take(cursor.number())
        kind = cursor.byte()
    if kind == seven_header.MAIN:
        folders = seven_header.read_streams(cursor, _START.size)
        kind = cursor.byte()
    if kind == seven_header.FILES:
        entries = read_files(cursor, limits)
        kind = cursor.byte()
    if kind != seven_header.END:
        raise Unreadable("damaged")
    return folders, entries
