"""The hash API of StopNCII.org as an Exchange."""

import dataclasses
import time
from collections.abc import Iterator
from typing import ClassVar
from urllib.parse import urlsplit

from amparo.media.exchanges import checkpoint as checkpoints
from amparo.media.exchanges.credentials import Secret, both
from amparo.media.exchanges.guarded_http import Refused, nonsense
from amparo.media.exchanges.port import CheckpointTooOld, Delta, in_parts
from amparo.media.exchanges.stopncii_records import stopncii_entry
from amparo.media.exchanges.threatexchange_clients import STOPNCII_START, StopNciiPages

_TOKEN_AGE = 12 * 3600  # seconds; "not valid over long periods of time" (threatexchange)
_STALE = 30 * 86_400  # seconds (StopNCIICheckpoint.is_stale of threatexchange)


@dataclasses.dataclass(frozen=True, slots=True)
class _Set:
    """Where a set of pages stands, in seconds since 1970. ``newest``: of the records seen. ``token``: the next page."""

    start: int
    newest: int
    fetched: int
    token: str = ""


class StopNciiExchange:
    """The exchange at ``base``. ``secret`` gives ``function key,subscription key``."""

    name: ClassVar[str] = "stopncii"

    def __init__(self, base: str, terms: str, secret: Secret) -> None:
        self._base, self._terms, self._secret = base, terms, secret

    @property
    def host(self) -> str:
        """See Exchange."""
        return urlsplit(self._base).hostname or ""

    def fetch(self, checkpoint: bytes | None) -> Iterator[Delta]:
        """See Exchange. A set of pages whose token is refused, or older than 12 hours, begins again."""
        before = checkpoint or b""
        at = self._set(before) if before else _Set(STOPNCII_START, STOPNCII_START, 0)
        pages = StopNciiPages(self._base, *both(self._secret, "function key,subscription key"))
        began = False
        try:
            for delta in self._deltas(pages, at, before):
                began = True
                yield delta
        except Refused:
            if began or not at.token:
                raise
            yield from self._deltas(pages, _Set(at.start, at.start, at.fetched), before)

    def _deltas(self, pages: StopNciiPages, at: _Set, before: bytes) -> Iterator[Delta]:
        tokens: set[str] = set()
        more = True
        while more:
            records, token, following = pages.page(at.start, at.token)
            newest = max([at.newest, *(record.modified for record in records)])
            if token is None:
                # Never beyond what was seen: it is not published what the service promises of ``following``.
                start = max(at.start, min(newest, following))
                at, more = _Set(start, start, int(time.time())), False
            elif token in tokens:
                raise nonsense(self.host, "its pages have no end")
            else:
                tokens.add(token)
                at = _Set(at.start, newest, int(time.time()), token)
            after = self._written(at)
            yield from in_parts([stopncii_entry(each, self._terms) for each in records], before, after, not more)
            before = after

    def _written(self, at: _Set) -> bytes:
        return checkpoints.write(self.name, self._base, dataclasses.asdict(at))

    def _set(self, checkpoint: bytes) -> _Set:
        state = checkpoints.read(checkpoint, self.name, self._base)
        start, newest, fetched = (checkpoints.seconds(state, name) for name in ("start", "newest", "fetched"))
        token = checkpoints.text(state, "token")
        age = time.time() - fetched
        if age > _STALE:
            raise CheckpointTooOld(
                f"StopNCII was last fetched {age / 86_400:.0f} days ago; after 30 days withdrawals may be missed.",
                "Remove its entries and fetch from the beginning.",
            )
        return _Set(start, newest, fetched, token) if age <= _TOKEN_AGE else _Set(start, start, fetched)
