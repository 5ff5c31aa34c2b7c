"""A signed package: a folder whose ``manifest.json`` lists every file in it, and ``manifest.sig`` signs the manifest.

``manifest.json`` is UTF-8 JSON: ``v`` 1, ``about`` (what the maker states), ``files`` (``path`` with ``/``, ``bytes``,
``sha256``), sorted by path. ``manifest.sig`` is JSON: ``v`` 1, ``key`` (hex, Ed25519 public key), ``signature`` (hex,
RFC 8032, over the bytes of the manifest). Whether the key is the right one can only be known from elsewhere: its
fingerprint is the hex SHA-256 of the raw key, as in custody logs.

Beside them may lie ``manifest.tsr``, an RFC 3161 time stamp over the bytes of the manifest (:mod:`.timestamp`). It is
made after the signature and so is not in the list; :func:`amparo.evidence.timestamp.check_folder` checks it.
"""

import contextlib
import dataclasses
import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping
from io import BufferedReader
from pathlib import Path, PurePosixPath

from amparo.evidence.custody.files import FLAGS
from amparo.evidence.custody.keys import SigningKey, fingerprint, signature_fits
from amparo.evidence.errors import BadInput, VerificationFailed

MANIFEST, SIGNATURE, STAMP = "manifest.json", "manifest.sig", "manifest.tsr"
_MOST_BYTES = 64 * 2**20  # of a manifest that is read
_MOST_DEPTH = 32  # folders inside folders
_KEY, _SIGNATURE = 64, 128  # hex digits


@dataclasses.dataclass(frozen=True, slots=True)
class Package:
    """What a verified package says. ``key``: fingerprint of the key that signed."""

    about: Mapping[str, object]
    files: int
    key: str
    sha256: str

    def sentence(self) -> str:
        """For people."""
        return f"Intact: {self.files} files are as they were signed with the key {self.key}."


@dataclasses.dataclass(frozen=True, slots=True)
class Listed:
    """What a signed manifest says: ``files`` are size and SHA-256 by path, as its maker wrote them."""

    about: Mapping[str, object]
    files: Mapping[str, tuple[object, object]]
    key: str
    sha256: str


def sign(folder: Path, key: SigningKey, about: Mapping[str, object]) -> str:
    """Write manifest and signature for what lies in the folder; returns the manifest's SHA-256. Raises BadInput where
    something in it is neither file nor folder.
    """
    files = [{"path": name, "bytes": size, "sha256": digest} for name, size, digest in _hashed(folder)]
    text = json.dumps({"v": 1, "about": dict(about), "files": files}, ensure_ascii=False, sort_keys=True, indent=1)
    data = text.encode() + b"\n"
    signature = {"v": 1, "key": key.public.hex(), "signature": key.sign(data).hex()}
    for name, content in ((MANIFEST, data), (SIGNATURE, json.dumps(signature).encode() + b"\n")):
        with (folder / name).open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    return hashlib.sha256(data).hexdigest()


def verify(folder: Path, key: str | None = None) -> Package:
    """Check a package; ``key`` is the fingerprint that must have signed it. Raises VerificationFailed, BadInput."""
    stated = listed(folder, key)
    found = {name: (size, digest) for name, size, digest in _hashed(folder)}
    expected = stated.files
    for word, names in (
        ("is missing", expected.keys() - found.keys()),
        ("was not signed", found.keys() - expected.keys()),
        ("was changed", {name for name in expected.keys() & found.keys() if expected[name] != found[name]}),
    ):
        if names:
            more = f", and {len(names) - 1} more" if len(names) > 1 else ""
            raise VerificationFailed(f"{min(names)!r} {word}{more}.", "Ask who made the package for it again.")
    return Package(stated.about, len(found), stated.key, stated.sha256)


def listed(folder: Path, key: str | None = None) -> Listed:
    """What a manifest says, once its signature is checked; the files themselves are not looked at.

    Raises VerificationFailed, BadInput.
    """
    data, signature = _read(folder / MANIFEST), _read(folder / SIGNATURE)
    stated = _object(signature, SIGNATURE)
    public, signed = _hex(stated, "key", _KEY), _hex(stated, "signature", _SIGNATURE)
    if not signature_fits(public, signed, data):
        raise VerificationFailed("The manifest is not what was signed.", "Ask who made the package for it again.")
    made = fingerprint(public)
    if key is not None and key != made:
        raise VerificationFailed(f"Another key signed this package: {made}.", "Compare the fingerprint by telephone.")
    manifest = _object(data, MANIFEST)
    about, listing = manifest.get("about"), manifest.get("files")
    if manifest.get("v") != 1 or not isinstance(about, dict) or not isinstance(listing, list):
        raise VerificationFailed("The manifest has a form that this version does not know.", "Update Amparo.")
    files = {}
    for each in listing:
        if not isinstance(each, dict) or not isinstance(each.get("path"), str):
            raise VerificationFailed("The manifest names something that is no file.", "Ask for the package again.")
        files[each["path"]] = (each.get("bytes"), each.get("sha256"))
    return Listed(about, files, made, hashlib.sha256(data).hexdigest())


def _hashed(folder: Path) -> Iterator[tuple[str, int, str]]:
    """Path, size and SHA-256 of every file but the manifest and its signature, in the order of paths."""
    names = sorted(_files(folder, PurePosixPath(), 0))
    for name in names:
        with _opened(folder / name) as stream:
            digest, size = hashlib.file_digest(stream, "sha256").hexdigest(), stream.tell()
        yield name, size, digest


def _files(folder: Path, below: PurePosixPath, depth: int) -> Iterator[str]:
    if depth > _MOST_DEPTH:
        raise BadInput("The package has too many folders inside folders.", "Ask for the package again.")
    try:
        entries = list(os.scandir(folder / below))
    except OSError as error:
        raise BadInput(f"Cannot read {str(folder / below)!r}: {error.strerror}.", "Give a folder.") from error
    for entry in entries:
        name = below / entry.name
        if entry.is_symlink() or not (entry.is_file() or entry.is_dir()):
            raise BadInput(f"{str(name)!r} is neither a file nor a folder.", "A package holds nothing else.")
        if entry.is_dir():
            yield from _files(folder, name, depth + 1)
        elif str(name) not in (MANIFEST, SIGNATURE, STAMP):
            yield str(name)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[BufferedReader]:
    """A plain file, open: a link is not followed and a pipe not waited for. Raises BadInput, also while it is read."""
    try:
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | FLAGS)) as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise BadInput(
                    "%(path)s is not a plain file.", "A package holds nothing else.", {"path": repr(path.name)}
                )
            yield stream
    except OSError as error:
        raise BadInput(f"Cannot read {str(path)!r}: {error.strerror}.", "Give the folder of a package.") from error


def _read(path: Path) -> bytes:
    with _opened(path) as stream:
        data = stream.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise BadInput(f"{path.name} is too large.", "Ask for the package in parts.")
    return data


def _object(data: bytes, name: str) -> dict[str, object]:
    try:
        read = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise VerificationFailed(f"{name} is damaged.", "Ask who made the package for it again.") from error
    if not isinstance(read, dict):
        raise VerificationFailed(f"{name} is damaged.", "Ask who made the package for it again.")
    return read


def _hex(stated: Mapping[str, object], name: str, digits: int) -> bytes:
    text = stated.get(name)
    try:
        if isinstance(text, str) and len(text) == digits:
            return bytes.fromhex(text)
    except ValueError:
        pass
    raise VerificationFailed(f"{SIGNATURE} is damaged.", "Ask who made the package for it again.")
