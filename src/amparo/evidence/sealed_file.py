"""Files sealed under one key: read in order, refused where a single bit, chunk or end is not as it was written.

The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizar: "Online Authenticated-Encryption and its Nonce-Reuse
Misuse-Resistance", CRYPTO 2015) over AES-256-GCM (NIST SP 800-38D). Format version 1, integers big-endian:

| bytes | what |
| --- | --- |
| 8 | ``AMPSEAL`` and a zero byte |
| 1 | version, 1 |
| 8 | key id: first bytes of SHA-256(HKDF(master key, no salt, ``amparo sealed file 1: key id``)) |
| 32 | salt, random for each file |
| 8 | size of the plain bytes |
| ... | the plain bytes in chunks of 1 MiB, only the last may be shorter; each followed by its tag of 16 bytes |

No plain bytes at all make one empty chunk. The key of the file is HKDF-SHA256 (RFC 5869) of the master key and the
salt, with ``amparo sealed file 1: chunks``. The nonce of a chunk is its number from 0 (11 bytes) and 1 for the last
one, else 0; the whole header is its associated data. Salts make every file key new, so that no nonce repeats.
"""

import hashlib
import secrets
import struct
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from amparo.evidence.errors import BadInput, VerificationFailed

KEY = 32  # bytes of a master key
CHUNK = 1024**2  # plain bytes
MAX_SIZE = 1024**4  # plain bytes of one file
_MAGIC, _VERSION = b"AMPSEAL\0", 1
_HEADER = struct.Struct(">8sB8s32sQ")
_SALT, _TAG = 32, 16
_RESTORE = "Make the sealed file again, or restore it from a backup; nothing of it is to be used."


def key_id(key: bytes) -> str:
    """Which master key this is: 16 hex digits that tell nothing else. Raises BadInput if it is not 32 bytes."""
    return _key_id(key).hex()


def seal(source: BinaryIO, target: BinaryIO, key: bytes) -> None:
    """Seal what ``source``, which can seek, holds from where it stands, at most 1 TiB. Memory of two chunks.

    Raises BadInput if it is too long, if its size changes meanwhile, or if ``key`` is not 32 bytes; what was written
    by then is no sealed file and is refused by :func:`unseal`.
    """
    start = source.tell()
    size = source.seek(0, 2) - start
    source.seek(start)
    if size > MAX_SIZE:
        raise BadInput(f"A file of {size:,} bytes cannot be sealed.", f"The most is {MAX_SIZE:,} bytes.")
    salt = secrets.token_bytes(_SALT)
    header = _HEADER.pack(_MAGIC, _VERSION, _key_id(key), salt, size)
    cipher = _cipher(key, salt)
    plain, sealed = _buffers(size)
    target.write(header)
    for length, nonce in _chunks(size):
        if _read(source, plain[:length]) < length:
            raise _changed()
        cipher.encrypt_into(nonce, plain[:length], header, sealed[: length + _TAG])
        target.write(sealed[: length + _TAG])
    if source.read(1):
        raise _changed()


def unseal(source: BinaryIO, target: BinaryIO, key: bytes) -> str:
    """Write the plain bytes to ``target`` and return their SHA-256 in hex. Memory of two chunks.

    A chunk is written once it has verified, and a defect may lie further on: throw the target away if this raises.
    Raises BadInput if ``source`` is not a sealed file, or sealed under another key; VerificationFailed if it is cut
    off, has bytes behind its end, or any bit or the order of its chunks was changed.
    """
    header = source.read(_HEADER.size)
    salt, size = _checked(header, key)
    cipher = _cipher(key, salt)
    plain, sealed = _buffers(size)
    digest = hashlib.sha256()
    for number, (length, nonce) in enumerate(_chunks(size), 1):
        if _read(source, sealed[: length + _TAG]) < length + _TAG:
            raise _refused(f"is cut off in chunk {number}")
        try:
            cipher.decrypt_into(nonce, sealed[: length + _TAG], header, plain[:length])
        except InvalidTag:
            raise _refused(f"was changed: chunk {number} does not verify") from None
        digest.update(plain[:length])
        target.write(plain[:length])
    if source.read(1):
        raise _refused("has bytes behind its end")
    return digest.hexdigest()


def _checked(header: bytes, key: bytes) -> tuple[bytes, int]:
    """Salt and plain size, neither of them verified yet."""
    if not header.startswith(_MAGIC):
        raise BadInput("This is not a sealed file.", "Name a file that Amparo has sealed.")
    if len(header) < _HEADER.size:
        raise _refused("is cut off in its header")
    _, version, sealed_for, salt, size = _HEADER.unpack(header)
    if version != _VERSION:
        raise BadInput(f"The sealed file has version {version}; this Amparo reads 1.", "Use the version that made it.")
    if sealed_for != _key_id(key):
        raise BadInput(
            f"The file is sealed under key {sealed_for.hex()}; the key given is {key_id(key)}.",
            "Give the key it was sealed under; without it, make the file again.",
        )
    if size > MAX_SIZE:
        raise _refused(f"states {size:,} plain bytes, more than any has")
    return salt, size


def _chunks(size: int) -> Iterator[tuple[int, bytes]]:
    """Plain length and nonce of each chunk."""
    last = max(0, size - 1) // CHUNK
    for number in range(last + 1):
        yield min(CHUNK, size - number * CHUNK), number.to_bytes(11, "big") + bytes([number == last])


def _buffers(size: int) -> tuple[memoryview, memoryview]:
    """Room for one plain and one sealed chunk."""
    longest = min(size, CHUNK)
    return memoryview(bytearray(longest)), memoryview(bytearray(longest + _TAG))


def _read(source: BinaryIO, into: memoryview) -> int:
    """Bytes read, fewer than asked for only at the end."""
    done = 0
    while done < len(into) and (count := source.readinto(into[done:])):  # type: ignore[attr-defined]  # all have it
        done += count
    return done


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), KEY, salt, b"amparo sealed file 1: chunks").derive(key))


def _key_id(key: bytes) -> bytes:
    if len(key) != KEY:
        raise BadInput(f"The key has {len(key)} bytes instead of {KEY}.", "Give the whole master key.")
    label = HKDF(SHA256(), KEY, None, b"amparo sealed file 1: key id").derive(key)
    return hashlib.sha256(label).digest()[:8]


def _refused(what: str) -> VerificationFailed:
    return VerificationFailed(f"The sealed file {what}.", _RESTORE)


def _changed() -> BadInput:
    return BadInput("The file changed while it was being sealed.", "Repeat when nothing writes to it.")
