"""A local file of signals, in the form that threatexchange reads, as an Exchange."""

import datetime
import os
import re
import stat
from collections.abc import Iterator, Mapping
from typing import ClassVar

from amparo.evidence.errors import BadInput
from amparo.exchange.known import KnownEntry, shown, wrong
from amparo.media.exchanges import checkpoint as checkpoints
from amparo.media.exchanges.ncmec_records import hex_digest
from amparo.media.exchanges.port import MOST, Delta
from amparo.media.exchanges.threatexchange_clients import file_signals

BYTES, LINES = 16 * 1024 * 1024, 100_000  # of the file: the checkpoint lists what is live
_TYPES = {"pdq": "pdq", "video_md5": "md5", "md5": "md5", "sha1": "sha1", "sha256": "sha256"}
_KEY = re.compile(r"[a-z0-9]{3,6}:[0-9a-f]{32,64}")
_HINT = "Name a text file; a longer list can be imported: amparo bank import"


class FileExchange:
    """Lines ``type hash``, or only ``hash`` where ``signal_type`` says of which type. Blank lines are passed over.

    The file is always the whole list: what no longer stands in it is withdrawn.
    """

    name: ClassVar[str] = "file"
    host: ClassVar[str] = ""

    def __init__(self, path: str, owner: str, terms: str, signal_type: str | None) -> None:
        self._path, self._owner, self._terms, self._type = os.path.abspath(path), owner, terms, signal_type

    def fetch(self, checkpoint: bytes | None) -> Iterator[Delta]:
        """See Exchange. Raises BadInput, before the first Delta, if a line cannot be used."""
        live = set(self._live(checkpoint))
        listed, day = self._listed()
        new = (self._known(key, digests, day) for key, digests in listed.items() if key not in live)
        gone = (self._known(key, {}, day) for key in sorted(live - listed.keys()))
        changes = [*new, *gone]
        for start in range(0, max(len(changes), 1), MOST):
            part = tuple(changes[start : start + MOST])
            live |= {each.key for each in part}
            live -= {each.key for each in part if each.withdrawn}
            yield Delta(part, self._written(live), start + MOST >= len(changes))

    def _listed(self) -> tuple[dict[str, Mapping[str, bytes]], datetime.date]:
        """The digests by key, and the day the file was changed."""
        path = shown(self._path)
        try:
            about = os.stat(self._path)
            if not stat.S_ISREG(about.st_mode) or about.st_size > BYTES:
                raise BadInput(f"{path} is no file, or longer than {BYTES} bytes.", _HINT)
            self._check_lines()
            signals = file_signals(self._path, self._type)
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"{path} cannot be read ({type(error).__name__}).", _HINT) from error
        found: dict[str, Mapping[str, bytes]] = {}
        for kind, text in signals:
            algorithm = _TYPES.get(kind)
            digest = hex_digest(algorithm, text) if algorithm else None
            if not algorithm or not digest:
                raise BadInput(
                    f"{path}: {shown(text)} is no hash of type {shown(kind)}.", f"The types are: {', '.join(_TYPES)}."
                )
            found[f"{algorithm}:{digest.hex()}"] = {algorithm: digest}
        return found, datetime.datetime.fromtimestamp(about.st_mtime, datetime.UTC).date()

    def _check_lines(self) -> None:
        """Refuse what threatexchange would pass over: a line with a type and no hash, or the other way round."""
        with open(self._path, encoding="utf-8") as stream:
            for number, line in enumerate(stream, 1):
                if number > LINES:
                    raise BadInput(f"{shown(self._path)} has more than {LINES} lines.", _HINT)
                if self._type is None and len(line.split()) == 1:
                    raise wrong(f"Line {number}", "there is not a type, a space and a hash")

    def _known(self, key: str, digests: Mapping[str, bytes], day: datetime.date) -> KnownEntry:
        return KnownEntry(key, digests, (), self._owner, self._terms, day, f"Entry {key}", withdrawn=not digests)

    def _written(self, live: set[str]) -> bytes:
        return checkpoints.write(self.name, self._path, {"live": sorted(live)})

    def _live(self, checkpoint: bytes | None) -> list[str]:
        live = checkpoints.read(checkpoint, self.name, self._path).get("live") if checkpoint else []
        if not isinstance(live, list) or not all(isinstance(key, str) and _KEY.fullmatch(key) for key in live):
            raise checkpoints.damaged()
        return live
