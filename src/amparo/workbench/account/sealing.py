"""Secrets of second factors at rest: AES-256-GCM (NIST SP 800-38D) under a key that lies outside the database.

Stored form: ``v1:`` and the base64url of a nonce of 12 bytes, the ciphertext and its tag of 16 bytes.
"""

import base64
import binascii
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from amparo import config
from amparo.evidence.errors import VerificationFailed

_KEY = "second-factor.key"
_VERSION = "v1:"
_NONCE = 12  # bytes


def seal(home: Path, text: str) -> str:
    """Encrypt a secret; the same text gives another result each time."""
    nonce = os.urandom(_NONCE)
    sealed = _cipher(home).encrypt(nonce, text.encode(), _VERSION.encode())
    return _VERSION + base64.urlsafe_b64encode(nonce + sealed).decode()


def unseal(home: Path, sealed: str) -> str:
    """Decrypt a secret. Raises VerificationFailed where the key is not the one that sealed it, or the text changed."""
    try:
        if not sealed.startswith(_VERSION):
            raise ValueError(_VERSION)
        raw = base64.b64decode(sealed.removeprefix(_VERSION), altchars=b"-_", validate=True)
        return _cipher(home).decrypt(raw[:_NONCE], raw[_NONCE:], _VERSION.encode()).decode()
    except (InvalidTag, ValueError, binascii.Error) as error:
        raise VerificationFailed(
            "The second factor of this account cannot be read.",
            "Bring back %(file)s from your backup, or let an administrator ask for a new second factor.",
            {"file": f"secrets/{_KEY}"},
        ) from error


def _cipher(home: Path) -> AESGCM:
    kept = config.secret(home, _KEY)
    return AESGCM(HKDF(hashes.SHA256(), 32, salt=None, info=b"amparo second factor v1").derive(kept.encode()))
