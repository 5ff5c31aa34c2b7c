"""The Vault's format: sealed objects, the pair of a Case, the pairs of custodians. No keys on disk, no clock.

An object is sealed under a random AES-256-GCM key in the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizar,
CRYPTO 2015), so that who seals needs no secret and neither side holds more than two chunks. Version 1, big-endian:

| bytes | what |
| --- | --- |
| 8 | ``AMPVAULT`` |
| 1 | version, 1 |
| 4 | plain bytes of a chunk: a power of two from 1 KiB to 1 MiB |
| 16, 16 | UUID of the Case, UUID of the object |
| ... | chunks, only the last may be shorter, each followed by its tag of 16 bytes; no plain bytes: one empty chunk |

The nonce of a chunk is its number from 0 (11 bytes) and 1 for the last one, else 0; the whole header is its associated
data. The object's key is sealed to the Case's public half, and the Case's private half to each custodian, by HPKE
(RFC 9180, base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM); ``info`` names purpose, Case and object.
A custodian's private half lies under Argon2id (RFC 9106) of the passphrase in UTF-8, NFC, and AES-256-GCM:

| bytes | what |
| --- | --- |
| 8 | ``AMPCUST`` and 1 |
| 4, 4, 1 | KiB of memory, passes, lanes |
| 16, 12 | salt, nonce |
| 48 | the private half and its tag; everything before it and the public half are its associated data |
"""

import dataclasses
import hashlib
import secrets
import struct
import unicodedata
import uuid
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from amparo.evidence.errors import BadInput, NotAuthorised, VerificationFailed

CHUNK = 64 * 1024  # plain bytes
MAX_SIZE = 1024**4  # plain bytes of one object
KEY = 32  # bytes of every key and half of a pair
MIN_PASSPHRASE, MAX_PASSPHRASE = 12, 1024  # characters

_MAGIC, _VERSION, _TAG = b"AMPVAULT", 1, 16
_HEADER = struct.Struct(">8sBI16s16s")
_LEAST_CHUNK, _MOST_CHUNK = 1024, 1024**2
_HPKE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_WRAPPED = KEY + KEY + _TAG  # encapsulated key, then 32 bytes and their tag
_OBJECT, _SHARE = b"amparo vault 1: object\0", b"amparo vault 1: share\0"

_OWN = struct.Struct(">8sIIB16s12s")
_OWN_MAGIC = b"AMPCUST\x01"
_MEMORY, _PASSES, _LANES = 64 * 1024, 3, 4  # RFC 9106, section 4, second recommended option
_MOST_MEMORY, _MOST_PASSES, _MOST_LANES = 1024**2, 16, 16  # what a sealed half may ask for: 1 GiB
_RESTORE = "Restore it from a backup; nothing of it is to be used."


@dataclasses.dataclass(frozen=True, slots=True)
class Pair:
    """X25519, 32 raw bytes each. ``private`` is never written anywhere in the clear."""

    private: bytes = dataclasses.field(repr=False)
    public: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class Sealed:
    """What sealing an object gives: its key, and SHA-256 (32 bytes) and size of its plain bytes."""

    key: bytes = dataclasses.field(repr=False)
    sha256: bytes
    size: int


def new_pair() -> Pair:
    """A random pair, of a Case or of a custodian."""
    private = X25519PrivateKey.generate()
    return Pair(private.private_bytes_raw(), private.public_key().public_bytes_raw())


def key_name(public: bytes) -> str:
    """How people compare a public half by telephone: 16 hex digits of its SHA-256, in groups of four."""
    digits = hashlib.sha256(public).hexdigest()
    return " ".join(digits[start : start + 4] for start in range(0, 16, 4))


def wrap_key(key: bytes, public: bytes, case: uuid.UUID, name: uuid.UUID) -> bytes:
    """An object's key, sealed to the Case's public half: 80 bytes. Raises BadInput for a half that is none."""
    return _encrypt(key, public, _OBJECT + case.bytes + name.bytes)


def unwrap_key(wrapped: bytes, private: bytes, case: uuid.UUID, name: uuid.UUID) -> bytes:
    """The object's key. Raises VerificationFailed if it was sealed for another pair, Case or object, or changed."""
    key = _decrypt(wrapped, private, _OBJECT + case.bytes + name.bytes)
    if key is None:
        raise VerificationFailed("The key of the sealed object was changed, or sealed for somebody else.", _RESTORE)
    return key


def share(private: bytes, public: bytes, case: uuid.UUID) -> bytes:
    """A Case's private half, sealed to a custodian's public half: 80 bytes. Raises BadInput as :func:`wrap_key`."""
    return _encrypt(private, public, _SHARE + case.bytes)


def open_share(sealed: bytes, private: bytes, case: uuid.UUID) -> bytes:
    """The Case's private half. Raises VerificationFailed if it is another custodian's or Case's, or changed."""
    opened = _decrypt(sealed, private, _SHARE + case.bytes)
    if opened is None:
        raise VerificationFailed("The custodian's share was changed, or sealed for somebody else.", _RESTORE)
    return opened


def protect(pair: Pair, passphrase: str) -> bytes:
    """A custodian's private half under a passphrase: 93 bytes. Raises BadInput if the passphrase is too short."""
    if not MIN_PASSPHRASE <= len(passphrase) <= MAX_PASSPHRASE:
        raise BadInput(
            "A passphrase has %(least)s to %(most)s characters.",
            "Several words are easy to remember; write it down where only you can find it.",
            {"least": MIN_PASSPHRASE, "most": MAX_PASSPHRASE},
        )
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    header = _OWN.pack(_OWN_MAGIC, _MEMORY, _PASSES, _LANES, salt, nonce)
    cipher = AESGCM(_derived(passphrase, salt, _MEMORY, _PASSES, _LANES))
    return header + cipher.encrypt(nonce, pair.private, header + pair.public)


def open_protected(sealed: bytes, public: bytes, passphrase: str) -> bytes:
    """A custodian's private half; takes about 0.1 s and 64 MiB.

    Raises VerificationFailed if it is not of this form, NotAuthorised if the passphrase is not the one.
    """
    header, wrapped = sealed[: _OWN.size], sealed[_OWN.size :]
    if len(wrapped) != KEY + _TAG or not header.startswith(_OWN_MAGIC):
        raise VerificationFailed("The custodian's key is damaged.", _RESTORE)
    _, memory, passes, lanes, salt, nonce = _OWN.unpack(header)
    within = 1 <= lanes <= _MOST_LANES and 8 * lanes <= memory <= _MOST_MEMORY and 1 <= passes <= _MOST_PASSES
    if not within:
        raise VerificationFailed("The custodian's key asks for work outside the limits.", _RESTORE)
    refused = NotAuthorised("The passphrase does not open this key.", "Type it again.")
    if len(passphrase) > MAX_PASSPHRASE:
        raise refused
    try:
        return AESGCM(_derived(passphrase, salt, memory, passes, lanes)).decrypt(nonce, wrapped, header + public)
    except InvalidTag:
        raise refused from None


def seal_object(
    parts: Iterable[bytes], target: BinaryIO, case: uuid.UUID, name: uuid.UUID, chunk: int = CHUNK
) -> Sealed:
    """Seal bytes that come in parts of any size, at most 1 TiB. Memory: one part and two chunks.

    Raises BadInput if there are more; what was written by then is refused by :func:`open_object`.
    """
    key, digest, size, number = secrets.token_bytes(KEY), hashlib.sha256(), 0, 0
    cipher, header = AESGCM(key), _HEADER.pack(_MAGIC, _VERSION, chunk, case.bytes, name.bytes)
    target.write(header)
    held = bytearray()
    for part in parts:
        size += len(part)
        if size > MAX_SIZE:
            raise BadInput("This is too large for the Vault.", "The most is %(most)s bytes.", {"most": MAX_SIZE})
        digest.update(part)
        held += part
        done = 0
        while len(held) - done > chunk:  # the last chunk is known by nothing coming after it
            target.write(cipher.encrypt(_nonce(number, False), bytes(held[done : done + chunk]), header))
            done, number = done + chunk, number + 1
        del held[:done]
    target.write(cipher.encrypt(_nonce(number, True), bytes(held), header))
    return Sealed(key, digest.digest(), size)


def open_object(source: BinaryIO, key: bytes, case: uuid.UUID, name: uuid.UUID) -> Iterator[bytes]:
    """The plain bytes of an object, chunk by chunk, each verified before it is yielded. Memory of two chunks.

    A defect may lie further on: use nothing of it if this raises. Raises BadInput if ``source`` is no object of the
    Vault; VerificationFailed if it is another Case's or object's, cut off, longer, or changed in any bit or order.
    """
    header = _read(source, _HEADER.size)
    chunk = _checked(header, case, name)
    cipher, number = AESGCM(key), 0
    sealed = _read(source, chunk + _TAG)
    while True:
        following = _read(source, chunk + _TAG) if len(sealed) == chunk + _TAG else b""
        last = not following
        try:
            yield cipher.decrypt(_nonce(number, last), sealed, header)
        except InvalidTag:
            raise _defect(cipher, sealed, header, number, last) from None
        if last:
            return
        sealed, number = following, number + 1


def _checked(header: bytes, case: uuid.UUID, name: uuid.UUID) -> int:
    """Plain bytes of a chunk."""
    if not header.startswith(_MAGIC):
        raise BadInput("This is not an object of the Vault.", "Name a file below the folder `vault` of a case.")
    if len(header) < _HEADER.size:
        raise VerificationFailed("The sealed object is cut off in its header.", _RESTORE)
    _, version, chunk, of_case, of_object = _HEADER.unpack(header)
    if version != _VERSION:
        raise BadInput(
            "The object has version %(version)s; this Amparo reads 1.",
            "Use the version that made it.",
            {"version": version},
        )
    if (of_case, of_object) != (case.bytes, name.bytes):
        raise VerificationFailed("This is another sealed object: its header names another case or object.", _RESTORE)
    if not _LEAST_CHUNK <= chunk <= _MOST_CHUNK or chunk & (chunk - 1):
        raise VerificationFailed(
            "The sealed object states chunks of %(bytes)s bytes, which none has.", _RESTORE, {"bytes": chunk}
        )
    return int(chunk)


def _defect(cipher: AESGCM, sealed: bytes, header: bytes, number: int, last: bool) -> VerificationFailed:
    """A chunk that verifies as the other kind was followed by more, or by less, when it was written."""
    at = {"number": number + 1}
    if len(sealed) < _TAG:
        return VerificationFailed("The sealed object is cut off in chunk %(number)s.", _RESTORE, at)
    try:
        cipher.decrypt(_nonce(number, not last), sealed, header)
    except InvalidTag:
        return VerificationFailed(
            "The sealed object was changed or cut off: chunk %(number)s does not verify.", _RESTORE, at
        )
    if last:
        return VerificationFailed("The sealed object is cut off after chunk %(number)s.", _RESTORE, at)
    return VerificationFailed("The sealed object has bytes behind its end.", _RESTORE)


def _read(source: BinaryIO, count: int) -> bytes:
    """So many bytes, fewer only at the end."""
    data = source.read(count)
    while data and len(data) < count and (more := source.read(count - len(data))):
        data += more
    return data


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _derived(passphrase: str, salt: bytes, memory: int, passes: int, lanes: int) -> bytes:
    text = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
    return Argon2id(salt=salt, length=KEY, iterations=passes, lanes=lanes, memory_cost=memory).derive(text)


def _encrypt(secret: bytes, public: bytes, info: bytes) -> bytes:
    try:
        return _HPKE.encrypt(secret, X25519PublicKey.from_public_bytes(public), info=info)
    except ValueError as error:
        raise BadInput("This is not the public half of a pair.", "Make the key again.") from error


def _decrypt(wrapped: bytes, private: bytes, info: bytes) -> bytes | None:
    """None if it was changed, or sealed for another pair or under other words."""
    try:
        if len(wrapped) == _WRAPPED:
            return _HPKE.decrypt(wrapped, X25519PrivateKey.from_private_bytes(private), info=info)
    except (InvalidTag, ValueError):
        pass
    return None
