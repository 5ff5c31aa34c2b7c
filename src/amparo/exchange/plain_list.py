"""Plain lists of digests: one a line in hex, bare, as md5sum and its like print them, or as the PDQ tools do.

Forms of a line: ``<hex>``; ``<hex>  name`` and ``<hex> *name`` (GNU coreutils, with its leading backslash where the
name is escaped); ``<hex>,<quality>[,name]`` and ``hash=<hex>[,norm=n][,delta=n][,quality=n][,xform=x][,filename=x]``
(pdq-photo-hasher of facebook/ThreatExchange, without and with --details); ``pdq,<hex>[,quality]``. Blank lines and
what follows ``#`` say nothing. Names of files are never kept, nor repeated in errors.
"""

import contextlib
import datetime
import hashlib
import re
import secrets
import sqlite3
from collections.abc import Iterator
from typing import BinaryIO, ClassVar

from amparo.evidence.errors import BadInput
from amparo.exchange.hash_list import parse_digest
from amparo.exchange.known import ALGORITHMS, KnownEntry, shown, wrong

MAX_LINE = 64 * 1024  # bytes
MAX_ROWS = 100_000_000
DOUBTFUL = 50  # a PDQ quality below is a flat picture; the threshold of the reference (QUALITY_THRESHOLD)
LOW_QUALITY = "low-quality"
_BOM = b"\xef\xbb\xbf"
_CACHE_KIB = 65_536
_PLAIN = re.compile(rb"\\?([0-9a-fA-F]+)(?: [ *].*|\s+#.*)?")
_PDQ = re.compile(rb"(?:pdq,)?([0-9a-fA-F]{64})(?:,([0-9]{1,3})(?:,.*)?)?")
_PDQ_DETAILS = re.compile(
    rb"hash=([0-9a-fA-F]{64})(?:,norm=[0-9]+)?(?:,delta=[0-9]+)?(?:,quality=([0-9]{1,3}))?"
    rb"(?:,xform=[0-9a-z]+)?(?:,filename=.*)?"
)


class PlainList:
    """Reader of a plain list, which says nothing of itself: ``owner``, ``terms``, ``dated`` and ``labels`` are told.

    ``algorithm``: of every digest, one of known.ALGORITHMS; without it 64, 40 and 32 digits are SHA-256, SHA-1 and
    MD5, and only the forms of the PDQ tools are PDQ. ``rows``: the most digests of one list.
    """

    API: ClassVar[int] = 1
    name: ClassVar[str] = "plain"

    def __init__(
        self,
        owner: str,
        terms: str,
        dated: datetime.date,
        labels: tuple[str, ...] = (),
        algorithm: str | None = None,
        rows: int = MAX_ROWS,
    ) -> None:
        if algorithm is not None and algorithm not in ALGORITHMS:
            raise BadInput(f"Unknown algorithm {shown(algorithm)}.", f"One of: {', '.join(ALGORITHMS)}")
        self._owner, self._terms, self._dated, self._labels = owner, terms, dated, labels
        self._algorithm = algorithm
        self._rows = rows

    def read(self, stream: BinaryIO) -> Iterator[KnownEntry]:
        """Entries in their order, each digest once: where it stands again it is passed over, whatever quality it has.

        A PDQ hash of a stated quality below DOUBTFUL has the label LOW_QUALITY. Raises BadInput at the first line
        that is wrong, so take the entries for good only when all have come. Memory does not grow with the list: what
        was seen lies in an unnamed temporary file (about 50 bytes a row). O(log n) a row.
        """
        secret = secrets.token_bytes(32)  # the temporary file may reach the disk: no digest can be read from it
        with contextlib.closing(sqlite3.connect("", isolation_level=None)) as seen:
            seen.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
            seen.execute("PRAGMA journal_mode=OFF")
            seen.execute("CREATE TABLE seen (key BLOB PRIMARY KEY) WITHOUT ROWID")
            seen.execute("BEGIN")
            for count, (place, line) in enumerate(_lines(stream), 1):
                if count > self._rows:
                    raise wrong(place, f"the list has more than {self._rows} rows")
                algorithm, digest, quality = self._digest(place, line)
                key = hashlib.blake2b(algorithm.encode() + digest, digest_size=16, key=secret).digest()
                if seen.execute("INSERT OR IGNORE INTO seen VALUES (?)", (key,)).rowcount:
                    doubtful = quality is not None and quality < DOUBTFUL
                    yield KnownEntry(
                        key=f"{algorithm}:{digest.hex()}",
                        digests={algorithm: digest},
                        labels=(*self._labels, LOW_QUALITY) if doubtful else self._labels,
                        owner=self._owner,
                        terms=self._terms,
                        dated=self._dated,
                        place=place,
                    )

    def _digest(self, place: str, line: bytes) -> tuple[str, bytes, int | None]:
        """Algorithm, digest, and quality where the line states one."""
        if plain := _PLAIN.fullmatch(line):
            try:
                return *parse_digest(plain[1].decode(), self._algorithm), None
            except BadInput as error:
                raise wrong(place, error.message.removesuffix(".")) from error
        pdq = _PDQ.fullmatch(line) or _PDQ_DETAILS.fullmatch(line)
        if pdq is None:
            raise wrong(place, "this is neither a digest in hex, nor a line of md5sum or of the PDQ tools")
        if self._algorithm not in (None, "pdq"):
            raise wrong(place, f"this is a PDQ hash, in a list said to be of {self._algorithm}")
        quality = None if pdq[2] is None else int(pdq[2])
        if quality is not None and quality > 100:
            raise wrong(place, f"the quality {quality} is not one of 0 to 100")
        return *parse_digest(pdq[1].decode(), "pdq"), quality


def _lines(stream: BinaryIO) -> Iterator[tuple[str, bytes]]:
    """Place and text of the lines that say something. Bytes, because the names in them need not be UTF-8."""
    number = 0
    while raw := stream.readline(MAX_LINE + 1):
        number += 1
        if len(raw) > MAX_LINE:
            raise wrong(f"Line {number}", f"the line is longer than {MAX_LINE} bytes")
        text = (raw.removeprefix(_BOM) if number == 1 else raw).strip()
        if text and not text.startswith(b"#"):
            yield f"Line {number}", text
