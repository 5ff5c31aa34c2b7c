"""SHA-256, SHA-1 and MD5 in one pass over a stream."""

import dataclasses
import hashlib
from typing import BinaryIO

BUFFER = 256 * 1024  # fits in the second-level cache: three digests read it while it is hot


@dataclasses.dataclass(frozen=True, slots=True)
class Digests:
    """The three digests and the size in bytes of what was read (FIPS 180-4; RFC 1321)."""

    sha256: bytes
    sha1: bytes
    md5: bytes
    size: int


def digest_stream(stream: BinaryIO, head_size: int = 0) -> tuple[Digests, bytes]:
    """Read ``stream`` to its end once; return its Digests and its first ``head_size`` bytes (at most BUFFER).

    Raises whatever the stream raises. Takes time linear in the size and one buffer of memory.
    """
    sha256 = hashlib.sha256()
    sha1 = hashlib.sha1(usedforsecurity=False)
    md5 = hashlib.md5(usedforsecurity=False)
    buffer = bytearray(BUFFER)
    view = memoryview(buffer)
    readinto = stream.readinto  # type: ignore[attr-defined]  # every binary stream here has it
    size = 0
    head = b""
    while count := readinto(view):
        part = view[:count]
        if len(head) < head_size:
            head += bytes(part[: head_size - len(head)])
        sha256.update(part)
        sha1.update(part)
        md5.update(part)
        size += count
    return Digests(sha256.digest(), sha1.digest(), md5.digest(), size), head
