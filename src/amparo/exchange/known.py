"""KnownEntry: one entry of a list of known content, as every format of ``amparo.bank_formats`` gives it."""

import dataclasses
import datetime
import re
from collections.abc import Mapping

from amparo.evidence.errors import BadInput

ALGORITHMS = {"sha256": 32, "sha1": 20, "md5": 16, "pdq": 32}  # strongest first; bytes of a digest
OPAQUE = "photodna"  # carried from list to list as it came, never compared: its algorithm is not ours to run
OWNER, TERMS, LABELS, KEY = 200, 500, 64, 200  # longest texts in characters, most labels of one entry
ORIGINAL = 1024 * 1024  # bytes of the foreign record
_OPAQUE_BYTES = 4096
_LABEL = re.compile(r"[a-z0-9-]{1,64}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_HINT = "Correct it and import the list again; nothing of it was imported."


@dataclasses.dataclass(frozen=True, slots=True)
class KnownEntry:
    """What a list says of one content. Whatever exists here fits into a Bank; else BadInput names ``place``.

    ``key`` tells the entry from others of its list and stays the same from one edition to the next. ``digests`` is by
    algorithm: ALGORITHMS, and OPAQUE. ``labels`` are sorted and distinct. ``withdrawn``: the list takes it back.
    ``original`` is the foreign record word for word, where the format can write it again. ``place`` is where it
    stands, such as ``Line 3``.
    """

    key: str
    digests: Mapping[str, bytes]
    labels: tuple[str, ...]
    owner: str
    terms: str
    dated: datetime.date
    place: str
    withdrawn: bool = False
    original: bytes = b""

    def __post_init__(self) -> None:
        if not 0 < len(self.key) <= KEY or _CONTROL.search(self.key):
            raise wrong(self.place, f"its key is not text of 1 to {KEY} printable characters")
        if not self.digests and not self.withdrawn:
            raise wrong(self.place, "there is no digest")
        for algorithm, digest in self.digests.items():
            fits = 0 < len(digest) <= _OPAQUE_BYTES if algorithm == OPAQUE else ALGORITHMS.get(algorithm) == len(digest)
            if not fits:
                raise wrong(self.place, f"{algorithm} has no digest of {len(digest)} bytes")
        for name, text, most in (("owner", self.owner, OWNER), ("terms", self.terms, TERMS)):
            if not text.strip():
                raise wrong(self.place, f"{name} is missing")
            if len(text) > most:
                raise wrong(self.place, f"{name} is longer than {most} characters")
            if _CONTROL.search(text):
                raise wrong(self.place, f"{name} holds a control character")
        if len(self.labels) > LABELS:
            raise wrong(self.place, f"there are more than {LABELS} labels")
        for label in self.labels:
            if not _LABEL.fullmatch(label):
                raise wrong(self.place, f"label {shown(label)} is not made of a-z, 0-9 and - (at most 64)")
        if list(self.labels) != sorted(set(self.labels)):
            object.__setattr__(self, "labels", tuple(sorted(set(self.labels))))
        if len(self.original) > ORIGINAL:
            raise wrong(self.place, f"the record is longer than {ORIGINAL} bytes")


def wrong(place: str, what: str) -> BadInput:
    """The error of one place in a list."""
    return BadInput(f"{place}: {what}.", _HINT)


def shown(text: str) -> str:
    """A short printable form on one line."""
    return ascii(text if len(text) <= 80 else text[:77] + "...")
