"""The master key of sealed Bank files: a private file, as it is or wrapped under a passphrase.

Two forms. Plain: the line ``amparo-bank-key-1`` and a line of 64 hex digits. Protected: one JSON object with the key
wrapped by AES-256-GCM (NIST SP 800-38D) under scrypt (RFC 7914) of the passphrase in UTF-8, NFC; all other fields,
as JSON with sorted keys and without spaces, are its associated data.
"""

import contextlib
import json
import os
import re
import secrets
import stat
import tempfile
import unicodedata
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from amparo.catalogue.memory_folder import MemoryFolder
from amparo.evidence.custody import files
from amparo.evidence.errors import BadInput, MissingComponent, NotAuthorised
from amparo.evidence.sealed_file import KEY, key_id

UNLOCKED = "bank.key"  # its name in the memory folder
_WHAT = "the Bank key"
_BACKUP = "Restore it from a backup. Without it, remove the sealed Bank files and import the lists again."
_MAX = 4096  # bytes of a key file; the longer form has about 400
_PLAIN = re.compile(rb"amparo-bank-key-1\n([0-9a-f]{64})\n")
_NAME, _VERSION = "amparo-bank-key", 1
_N, _R, _P = 2**17, 8, 1  # 128 MiB and about 0.4 s: OWASP's recommendation of 2023
_LEAST_N, _MOST_N, _MOST_P = 2**15, 2**18, 4  # what a file may ask for: 256 MiB, a few seconds
_FIELDS = {"key_id": 8, "salt": 32, "nonce": 12, "wrapped": KEY + 16}  # bytes, written as hex

_Fields = dict[str, str | int]


def make_key(path: Path) -> bytes:
    """The key at ``path``; made of 32 random bytes if there is none, and on disk before this returns.

    Never overwrites: processes that race get the same one. Raises what :func:`load_key` raises without a passphrase.
    """
    with files.storage_errors(_WHAT):
        files.private_directory(path.parent)
        if not os.path.lexists(path):
            handle, new = tempfile.mkstemp(prefix=".key-", dir=path.parent)
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(_plain(secrets.token_bytes(KEY)))
                    stream.flush()
                    os.fsync(handle)
                with contextlib.suppress(FileExistsError):  # another process was first
                    path.hardlink_to(new)  # whole or not at all
            finally:
                os.unlink(new)
            files.sync_directory(path.parent)
    return load_key(path, None)


def load_key(path: Path, passphrase: Callable[[], str] | None, memory: MemoryFolder | None = None) -> bytes:
    """The master key, 32 bytes. ``passphrase`` is asked only where the key is protected and not unlocked yet.

    With ``memory`` an unlocked key is kept there until :func:`lock` or the end of this boot. Raises MissingComponent
    if there is no file, BadInput if it is damaged or open to others, NotAuthorised if it is locked or the passphrase
    is wrong, and what MemoryFolder raises.
    """
    content = _read(path)
    if isinstance(content, bytes):
        return content
    kept = memory.kept(UNLOCKED) if memory else None
    if kept is not None and len(kept) == KEY and key_id(kept) == content["key_id"]:
        return kept
    if passphrase is None:
        raise NotAuthorised("The Bank key is locked.", "Unlock it, once after each start: amparo bank key unlock")
    key = _unwrapped(content, passphrase())
    if memory:
        memory.keep(UNLOCKED, key)
    return key


def is_protected(path: Path) -> bool:
    """Whether the key file needs a passphrase. Raises MissingComponent and BadInput as :func:`load_key` does."""
    return not isinstance(_read(path), bytes)


def protect(path: Path, passphrase: str) -> None:
    """Wrap a plain key file under a passphrase, in place, whole or not at all.

    What the file held before may still be found on the medium. Raises BadInput if it is protected already or the
    passphrase is empty, and what :func:`load_key` raises.
    """
    with files.storage_errors(_WHAT), files.locked(files.lock_path(path)):
        content = _read(path)
        if not isinstance(content, bytes):
            raise BadInput("The Bank key is protected already.", "To change its passphrase, unprotect it first.")
        fields: _Fields = {"format": _NAME, "v": _VERSION, "kdf": "scrypt", "n": _N, "r": _R, "p": _P}
        salt, nonce = secrets.token_bytes(_FIELDS["salt"]), secrets.token_bytes(_FIELDS["nonce"])
        fields |= {"key_id": key_id(content), "salt": salt.hex(), "nonce": nonce.hex()}
        wrapped = _cipher(fields, passphrase).encrypt(nonce, content, _stated(fields))
        files.replace(path, [json.dumps(fields | {"wrapped": wrapped.hex()}, indent=1).encode() + b"\n"])


def unprotect(path: Path, passphrase: str) -> None:
    """Make the key file plain again, in place, whole or not at all.

    Raises BadInput if it is plain, NotAuthorised if the passphrase is wrong, and what :func:`load_key` raises.
    """
    with files.storage_errors(_WHAT), files.locked(files.lock_path(path)):
        content = _read(path)
        if isinstance(content, bytes):
            raise BadInput("The Bank key is not protected.", "There is nothing to do.")
        files.replace(path, [_plain(_unwrapped(content, passphrase))])


def lock(memory: MemoryFolder) -> None:
    """Remove the unlocked key and the plain copies of Bank files from memory."""
    memory.forget()


def _plain(key: bytes) -> bytes:
    return b"amparo-bank-key-1\n" + key.hex().encode() + b"\n"


def _read(path: Path) -> bytes | _Fields:
    """The key of a plain file, the checked fields of a protected one."""
    with files.storage_errors(_WHAT):
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a FIFO is refused, not waited for
        except FileNotFoundError:
            raise MissingComponent("There is no Bank key.", f"It is expected at {path}. {_BACKUP}") from None
        with os.fdopen(handle, "rb") as stream:
            mode = os.fstat(handle).st_mode
            if not stat.S_ISREG(mode):
                raise BadInput("The Bank key is not a file.", _BACKUP)
            if mode & 0o077:
                raise BadInput("Others may read the Bank key.", f"Run: chmod 600 {path}")
            data = stream.read(_MAX + 1)
    found = _PLAIN.fullmatch(data)
    return bytes.fromhex(found[1].decode()) if found else _fields(data)


def _fields(data: bytes) -> _Fields:
    """The fields of a protected key, each of its type and within its limits. Raises BadInput."""
    try:
        fields = json.loads(data) if len(data) <= _MAX else None
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict) or fields.get("format") != _NAME:
        raise BadInput("The Bank key cannot be read.", _BACKUP)
    if fields.get("v") != _VERSION:
        raise BadInput("The Bank key is of another version.", "Use the version of Amparo that made it.")
    if fields.keys() != {"format", "v", "kdf", "n", "r", "p", *_FIELDS}:
        raise BadInput("The Bank key lacks a field or has one too many.", _BACKUP)
    for name, size in _FIELDS.items():
        if not isinstance(fields[name], str) or not re.fullmatch(f"[0-9a-f]{{{2 * size}}}", fields[name]):
            raise BadInput(f"The Bank key is damaged: {name} is not {size} bytes in hex.", _BACKUP)
    n, r, p = (fields[name] if type(fields[name]) is int else 0 for name in ("n", "r", "p"))
    within = _LEAST_N <= n <= _MOST_N and n & (n - 1) == 0 and r == _R and 1 <= p <= _MOST_P
    if fields["kdf"] != "scrypt" or not within:
        raise BadInput("The Bank key asks for work outside the limits.", _BACKUP)
    return fields


def _unwrapped(fields: _Fields, passphrase: str) -> bytes:
    nonce, wrapped = (bytes.fromhex(str(fields[name])) for name in ("nonce", "wrapped"))
    stated = _stated({name: field for name, field in fields.items() if name != "wrapped"})
    try:
        return _cipher(fields, passphrase).decrypt(nonce, wrapped, stated)
    except InvalidTag:
        raise NotAuthorised(
            "The passphrase does not open the Bank key.",
            "Type it again. If it is surely right, the key file is damaged: restore it from a backup.",
        ) from None


def _cipher(fields: _Fields, passphrase: str) -> AESGCM:
    """Under scrypt of a passphrase. Raises BadInput where that is empty or not text."""
    try:
        secret = unicodedata.normalize("NFC", passphrase).encode()
    except UnicodeEncodeError:
        raise BadInput("The passphrase is not valid text.", "Set the terminal to UTF-8.") from None
    if not secret:
        raise BadInput("The passphrase is empty.", "Type one, best of several words.")
    n, r, p = (int(fields[name]) for name in ("n", "r", "p"))
    return AESGCM(Scrypt(bytes.fromhex(str(fields["salt"])), KEY, n, r, p).derive(secret))


def _stated(fields: _Fields) -> bytes:
    return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
