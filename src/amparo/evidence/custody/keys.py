"""The Ed25519 key that seals custody logs (RFC 8032), kept as PKCS #8 PEM in a private file."""

import dataclasses
import hashlib
import stat
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from amparo.evidence.custody import files
from amparo.evidence.errors import BadInput

_MAX = 4096  # bytes; a PKCS #8 Ed25519 key has about 120


def fingerprint(public: bytes) -> str:
    """Hex SHA-256 of a raw public key: what people note down and give as ``--key``."""
    return hashlib.sha256(public).hexdigest()


def signature_fits(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the holder of this raw 32-byte key signed the message. False also for bytes that are no key."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@dataclasses.dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key; never shown by ``repr``."""

    private: Ed25519PrivateKey = dataclasses.field(repr=False)

    @classmethod
    def open(cls, path: Path) -> "SigningKey":
        """Reads the key, or creates it on first use; processes that race get the same one.

        The file is 0600 and its directory 0700; where others could read them, BadInput says how to close them.
        """
        with files.storage_errors("the signing key"):
            files.private_directory(path.parent)
            if path.parent.stat().st_mode & 0o077:
                raise BadInput("Others may enter the directory of the signing key.", f"Run: chmod 700 {path.parent}")
            if not path.exists():
                with files.locked(files.lock_path(path)):
                    if not path.exists():  # another process may have been first while this one waited
                        files.replace(path, [_pem(Ed25519PrivateKey.generate())])
            mode = path.stat().st_mode
            if not stat.S_ISREG(mode):
                raise BadInput("The signing key is not a file.", "Restore it from a backup.")
            if mode & 0o077:
                raise BadInput("Others may read the signing key.", f"Run: chmod 600 {path}")
            with path.open("rb") as file:
                data = file.read(_MAX)
        try:
            private = serialization.load_pem_private_key(data, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:  # TypeError: the key is encrypted
            raise BadInput("The signing key cannot be read.", "Restore it from a backup.") from error
        if not isinstance(private, Ed25519PrivateKey):
            raise BadInput("The signing key is not an Ed25519 key.", "Restore it from a backup.")
        return cls(private)

    @classmethod
    def from_seed(cls, seed: bytes) -> "SigningKey":
        """The key of a 32-byte seed; for tests and for a key kept elsewhere."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def public(self) -> bytes:
        """Raw public key, 32 bytes."""
        return self.private.public_key().public_bytes_raw()

    @property
    def fingerprint(self) -> str:
        """Hex SHA-256 of the public key."""
        return fingerprint(self.public)

    def sign(self, message: bytes) -> bytes:
        """Signature, 64 bytes; deterministic, so equal seals have equal bytes."""
        return self.private.sign(message)


def _pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
