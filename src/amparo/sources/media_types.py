"""Media type by content alone: names and extensions are whatever somebody wrote."""

import struct
from collections.abc import Callable

from amparo.sources import text_types
from amparo.sources.containers.tar_header import valid as is_tar
from amparo.sources.signatures import (
    BRANDS,
    CONTAINER_TYPES,
    MAGIC,
    QUICKTIME_ATOMS,
    RIFF,
    UNOPENED_TYPES,
)
from amparo.sources.zip_types import zip_type

__all__ = ["CONTAINER_TYPES", "EMPTY", "UNKNOWN", "UNOPENED_TYPES", "media_type"]

EMPTY = "inode/x-empty"
UNKNOWN = "application/octet-stream"
_BY_FIRST: dict[int, tuple[tuple[bytes, str], ...]] = {
    first: tuple(sorted((row for row in MAGIC if row[0][0] == first), key=lambda row: -len(row[0])))
    for first in {magic[0] for magic, _ in MAGIC}
}
_PACKET = 188  # bytes of an MPEG transport stream packet (ISO/IEC 13818-1)


def media_type(head: bytes) -> str:
    """The media type of content that begins with ``head`` (64 KiB are enough); ``inode/x-empty`` for nothing."""
    if not head:
        return EMPTY
    for magic, kind in _BY_FIRST.get(head[0], ()):
        if head.startswith(magic):
            if kind == "video/x-matroska":
                return _matroska(head)
            return _ogg(head) if kind == "application/ogg" else kind
    found: str | None
    if (look := _LOOKS.get(head[0])) is not None and (found := look(head)) is not None:
        return found
    if (head[4:8] == b"ftyp" or head[4:8] in QUICKTIME_ATOMS) and (found := _iso_media(head)) is not None:
        return found
    if (head[257:262] == b"ustar" or head[0] != 0) and len(head) >= 512 and _tar(head):
        return "application/x-tar"
    return text_types.text_type(head) or UNKNOWN


def _tar(head: bytes) -> bool:
    """By checksum: also tar from before there was a magic number. Text can not pass: bytes 148 on are a number."""
    return (head[257:262] == b"ustar" or head[155] in b"\0 ") and is_tar(head[:512]) and head[148:154] != b"\0" * 6


def _iso_media(head: bytes) -> str | None:
    length = int.from_bytes(head[:4], "big")
    if head[4:8] != b"ftyp":
        return "video/quicktime" if length == 1 or length >= 8 else None
    major = head[8:12]
    brands = [head[at : at + 4] for at in range(16, max(16, min(length, len(head), 256)), 4)]
    if major in (b"mif1", b"msf1"):  # generic: what the picture is coded with stands among the compatible ones
        for brand in brands:
            if (found := BRANDS.get(brand, "")).startswith(("image/avif", "image/heic")):
                return found
    return BRANDS.get(major) or ("video/3gpp" if major[:3] in (b"3gp", b"3g2") else "video/mp4")


def _matroska(head: bytes) -> str:
    at = head.find(b"\x42\x82", 0, 128)
    return "video/webm" if at >= 0 and b"webm" in head[at + 2 : at + 12] else "video/x-matroska"


def _ogg(head: bytes) -> str:
    codec = head[28:36]
    if codec.startswith((b"\x01vorbis", b"OpusHead", b"Speex", b"\x7fFLAC")):
        return "audio/ogg"
    return "video/ogg" if codec.startswith((b"\x80theora", b"fishead", b"\x01video")) else "application/ogg"


def _riff(head: bytes) -> str | None:
    return RIFF.get(head[8:12], "application/x-riff") if head[:4] in (b"RIFF", b"RIFX", b"RF64") else None


def _pdf(head: bytes) -> str | None:
    return "application/pdf" if head.startswith(b"%PDF-") else None


def _bmp(head: bytes) -> str | None:
    if head[:2] != b"BM" or len(head) < 18:
        return None
    header = int.from_bytes(head[14:18], "little")
    return "image/bmp" if header in (12, 40, 52, 56, 64, 108, 124) and head[6:10] == b"\0\0\0\0" else None


def _bzip2(head: bytes) -> str | None:
    good = head[:3] == b"BZh" and head[3:4] in b"123456789" and head[4:10] in (b"1AY&SY", b"\x17\x72\x45\x38\x50\x90")
    return "application/x-bzip2" if good else _bmp(head)


def _icon(head: bytes) -> str | None:
    """ICO and CUR have no magic worth the name: the first directory entry must make sense. TrueType and MP4 too."""
    if len(head) < 22:
        return None
    if head[:4] == b"\0\x01\0\0" and 0 < int.from_bytes(head[4:6], "big") < 100:
        return "font/ttf" if all(32 <= byte < 127 for byte in head[12:16]) else None
    if head[:3] == b"\0\0\x01" or head[:3] == b"\0\0\x02":
        count = int.from_bytes(head[4:6], "little")
        size, offset = struct.unpack_from("<2I", head, 14)
        if head[3] == 0 and 0 < count < 200 and head[9] == 0 and size > 0 and 6 + 16 * count <= offset < 1 << 24:
            return "image/vnd.microsoft.icon" if head[2] == 1 else "image/x-win-bitmap-cursor"
    return None


def _executable(head: bytes) -> str | None:
    if head[:2] != b"MZ" or len(head) < 64:
        return None
    at = int.from_bytes(head[60:64], "little")
    if head[at : at + 4] == b"PE\0\0":
        return "application/vnd.microsoft.portable-executable"
    return "application/x-dosexec"


def _java(head: bytes) -> str | None:
    """CAFEBABE begins Java classes and fat Mach-O files: a class version is at least 45, no file has 45 machines."""
    if head[:4] != b"\xca\xfe\xba\xbe" or len(head) < 8:
        return None
    return "application/java-vm" if int.from_bytes(head[6:8], "big") >= 45 else "application/x-mach-binary"


def _mpeg_audio(head: bytes) -> str | None:
    """Two MPEG audio frame headers in a row (ISO/IEC 11172-3), or an ADTS header (ISO/IEC 13818-7)."""
    if len(head) < 4 or head[1] & 0xE0 != 0xE0:
        return None
    if head[1] & 0xF6 == 0xF0:
        length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5 if len(head) > 5 else 0
        again = length > 7 and head[length : length + 1] == b"\xff" and head[length + 1] & 0xF6 == 0xF0
        return "audio/aac" if again else None
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    rate_index, sample_index = head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or layer != 1 or rate_index in (0, 15) or sample_index == 3:
        return None
    rates = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320) if version == 3 else (
        8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)  # fmt: skip
    sample = (44_100, 48_000, 32_000)[sample_index] >> {3: 0, 2: 1, 0: 2}[version]
    length = (144 if version == 3 else 72) * 1000 * rates[rate_index - 1] // sample + (head[2] >> 1 & 1)
    following = head[length : length + 2]
    again = len(following) == 2 and following[0] == 0xFF and following[1] & 0xFE == head[1] & 0xFE
    return "audio/mpeg" if again else None


def _transport_stream(head: bytes) -> str | None:
    if len(head) < 3 * _PACKET:
        return None
    return "video/mp2t" if all(head[at] == 0x47 for at in range(0, min(len(head), 5 * _PACKET), _PACKET)) else None


def _python(head: bytes) -> str | None:
    """PEP 552: two bytes version, CR LF, flags 0, 1 or 3; before Python 3.7 the flags were the time."""
    if head[2:4] != b"\r\n" or len(head) < 17:
        return None
    return "application/x-bytecode.python" if head[16] & 0x7F == 0x63 or head[12] & 0x7F == 0x63 else None


def _amiga(head: bytes) -> str | None:
    return {b"AIFF": "audio/aiff", b"AIFC": "audio/aiff"}.get(head[8:12]) if head[:4] == b"FORM" else None


_LOOKS: dict[int, Callable[[bytes], str | None]] = {
    **dict.fromkeys(range(0x30, 0x100), _python),
    0x00: _icon,
    ord("R"): _riff,
    ord("P"): zip_type,
    ord("%"): _pdf,
    ord("B"): _bzip2,
    ord("M"): _executable,
    ord("F"): _amiga,
    ord("G"): _transport_stream,
    0xCA: _java,
    0xFF: _mpeg_audio,
}
