"""NCMEC's Hash Sharing API as an Exchange."""

import time
from collections.abc import Iterator
from typing import ClassVar
from urllib.parse import urlsplit

from amparo.media.exchanges import checkpoint as checkpoints
from amparo.media.exchanges.credentials import Secret, both
from amparo.media.exchanges.guarded_http import Refused
from amparo.media.exchanges.ncmec_records import CURSOR, NcmecPosition, ncmec_entry
from amparo.media.exchanges.port import Delta, in_parts
from amparo.media.exchanges.threatexchange_clients import NcmecPages

# Seconds that the next fetch goes back. The client ends a range at the time of this computer: where its clock is ahead,
# what is entered between the exchange's time and ours would never come.
_OVERLAP = 3600
_PRESENT = 5  # seconds before the time of this computer at which the client ends the newest range


class NcmecExchange:
    """The exchange at ``base``, an address without a slash at its end. ``secret`` gives ``user:password``."""

    name: ClassVar[str] = "ncmec"

    def __init__(self, base: str, terms: str, secret: Secret) -> None:
        self._base, self._terms, self._secret = base, terms, secret

    @property
    def host(self) -> str:
        """See Exchange."""
        return urlsplit(self._base).hostname or ""

    def fetch(self, checkpoint: bytes | None) -> Iterator[Delta]:
        """See Exchange. A cursor that is refused, or older than 12 hours, begins its range of time again."""
        before = checkpoint or b""
        at = self._position(before) if before else None
        pages = NcmecPages(self._base, *both(self._secret, "user:password"))
        began = False
        try:
            for delta in self._deltas(pages, at, before):
                began = True
                yield delta
        except Refused:
            if began or at is None or not at.cursor:
                raise
            yield from self._deltas(pages, NcmecPosition(at.since), before)

    def _deltas(self, pages: NcmecPages, at: NcmecPosition | None, before: bytes) -> Iterator[Delta]:
        began = int(time.time())
        for records, position in pages.pages(at):
            entries = [ncmec_entry(record, self._terms) for record in records]
            done = not position.cursor and position.since >= began - _PRESENT
            after = self._written(NcmecPosition(began - _OVERLAP) if done else position)
            yield from in_parts(entries, before, after, done)
            if done:
                return
            before = after
        yield Delta((), before, True)  # not one second has passed

    def _written(self, at: NcmecPosition) -> bytes:
        state: dict[str, object] = {"since": at.since}
        if at.cursor:
            state |= {"until": at.until, "cursor": at.cursor, "asked": at.asked}
        return checkpoints.write(self.name, self._base, state)

    def _position(self, checkpoint: bytes) -> NcmecPosition:
        state = checkpoints.read(checkpoint, self.name, self._base)
        since = checkpoints.seconds(state, "since")
        if "cursor" not in state:
            return NcmecPosition(since)
        cursor = checkpoints.text(state, "cursor")
        if not CURSOR.fullmatch(cursor):
            raise checkpoints.damaged()
        return NcmecPosition(since, checkpoints.seconds(state, "until"), cursor, checkpoints.seconds(state, "asked"))
