"""Time stamps (RFC 3161): what to ask an authority for, and the check of what it answered.

A stamp says that bytes existed at a time, on the word of the authority whose root certificate the checker holds. The
certificate has to be valid at the time that the stamp names; revocation is not looked up. OpenSSL checks the same:
``openssl ts -verify -data FILE -in STAMP -CAfile ROOT``.
"""

import dataclasses
import datetime
import hashlib
from collections.abc import Sequence
from pathlib import Path

import rfc3161_client
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from amparo.evidence.errors import BadInput, VerificationFailed
from amparo.evidence.manifest import MANIFEST, STAMP

MOST_BYTES = 64 * 1024  # of a reply; one with a chain of certificates has about 7 KiB
_MOST_ROOTS = 16
_MOST_PEM = 256 * 1024  # bytes of a file with them
_SHA256 = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")
_HINT = "Ask the authority again, or check that the root certificate is the one of this authority."
_UNREADABLE = (ValueError, TypeError, OverflowError, AttributeError, UnsupportedAlgorithm, x509.ExtensionNotFound)


@dataclasses.dataclass(frozen=True, slots=True)
class Stamp:
    """A checked stamp. ``at`` in UTC as the authority states it; ``policy`` dotted; ``serial`` is the authority's."""

    at: datetime.datetime
    policy: str
    serial: int
    sha256: str

    def sentence(self) -> str:
        """For people."""
        return f"Stamped at {self.at:%Y-%m-%d %H:%M:%S} UTC (policy {self.policy}, serial {self.serial})."


def request(message: bytes) -> tuple[bytes, int]:
    """The DER of a TimeStampReq for the SHA-256 of these bytes, and its nonce; only the digest is in it."""
    asked = rfc3161_client.TimestampRequestBuilder(message, rfc3161_client.HashAlgorithm.SHA256).build()
    if asked.nonce is None:
        raise TypeError("a request that the builder makes has a nonce")
    return asked.as_bytes(), asked.nonce


def read_pem(name: str) -> bytes:
    """A file with root certificates. Raises BadInput."""
    try:
        with Path(name).expanduser().open("rb") as stream:
            data = stream.read(_MOST_PEM + 1)
    except OSError as error:
        raise BadInput(f"Cannot read {name!r}: {error.strerror}.", "Give the root certificate as PEM.") from error
    if len(data) > _MOST_PEM:
        raise BadInput("The file of root certificates is too large.", "Give the authority's own.")
    return data


def roots(pem: bytes) -> list[x509.Certificate]:
    """The certificates of a PEM file. Raises BadInput for none, and for more than sixteen."""
    try:
        found = x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise BadInput("This is not a root certificate in PEM.", "Ask the authority for its root.pem.") from error
    if len(found) > _MOST_ROOTS:
        raise BadInput("There are too many root certificates.", f"Give the authority's own, at most {_MOST_ROOTS}.")
    return found


def check(reply: bytes, message: bytes, trusted: Sequence[x509.Certificate], nonce: int | None = None) -> Stamp:
    """Check a reply (DER of TimeStampResp) for these bytes. ``nonce`` is that of the request, where it is at hand.

    Raises VerificationFailed: the reply is refused, unreadable, of other bytes, or of another authority.
    """
    if len(reply) > MOST_BYTES:
        raise VerificationFailed("The time stamp is too large to be one.", _HINT)
    try:
        response = rfc3161_client.decode_timestamp_response(reply)
        if response.status != rfc3161_client.PKIStatus.GRANTED:
            raise VerificationFailed("The authority refused to give a time stamp.", "Ask it why.")
        info = response.tst_info
        if info.message_imprint.hash_algorithm != _SHA256:
            raise VerificationFailed("The time stamp is not over a SHA-256.", _HINT)
        builder = rfc3161_client.VerifierBuilder(roots=list(trusted), nonce=nonce)
        builder.build().verify(response, hashlib.sha256(message).digest())
        at = info.gen_time
        policy, serial = info.policy.dotted_string, info.serial_number
    except rfc3161_client.VerificationError as error:
        raise VerificationFailed(f"The time stamp does not check out: {_told(error)}", _HINT) from error
    except _UNREADABLE as error:
        raise VerificationFailed(f"The time stamp cannot be read: {_told(error)}", _HINT) from error
    utc = at.replace(tzinfo=datetime.UTC) if at.tzinfo is None else at.astimezone(datetime.UTC)
    return Stamp(utc, policy, serial, hashlib.sha256(reply).hexdigest())


def check_folder(folder: Path, trusted: Sequence[x509.Certificate]) -> Stamp:
    """Check the stamp beside the manifest of a package. Raises VerificationFailed, and BadInput where there is none."""
    if not (folder / STAMP).is_file() or (folder / STAMP).is_symlink():
        raise BadInput("This package has no time stamp.", "Who made it can add one: amparo stamp FOLDER")
    with (folder / STAMP).open("rb") as stream:
        reply = stream.read(MOST_BYTES + 1)
    return check(reply, (folder / MANIFEST).read_bytes(), trusted)


def _told(error: Exception) -> str:
    """The vendor's words without what OpenSSL says about its own source."""
    words = " ".join(str(error).split())
    if "verifying certificates" in words:
        return "its signature does not lead to the root certificate given."
    return f"{words.partition(':')[0][:120] or type(error).__name__}."
