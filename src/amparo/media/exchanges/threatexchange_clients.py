"""The clients of threatexchange 1.2.17: the only module that imports it. Import it lazily.

What is not taken as it is there, and why, is in docs/adr/0015-hash-exchanges.md.
"""

import datetime
import logging
import os
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urlsplit

import requests
import threatexchange
from dacite.exceptions import DaciteError
from threatexchange.exchanges.clients.ncmec import hash_api
from threatexchange.exchanges.clients.stopncii import api as stopncii_api
from threatexchange.exchanges.impl import file_api, ncmec_api

from amparo.media.exchanges.guarded_http import GuardedAdapter, check_xml, guarded, nonsense
from amparo.media.exchanges.ncmec_records import CURSOR, NcmecPosition, NcmecRecord
from amparo.media.exchanges.stopncii_records import StopNciiRecord, Words, prepared

ENVIRONMENTS = {each.name: each.value for each in hash_api.NCMECEnvironment}
STOPNCII = stopncii_api.StopNCIIAPI.BASE_URL
STOPNCII_START = stopncii_api.StopNCIIAPI.DEFAULT_START_TIME  # seconds since 1970
XML_BODY, JSON_BODY = 64 * 1024 * 1024, 16 * 1024 * 1024  # bytes of one page
_PROBES = 100  # requests without a change of the position
_TOKEN = 8_192  # characters
_CLOCKS = 86_400  # seconds that another clock may be ahead
_ANY = hash_api.NCMECEnvironment.test_Industry  # the package wants one; the address is ours
_MALFORMED = (AssertionError, AttributeError, LookupError, TypeError, ValueError, OverflowError)


def _not_of_the_package(record: logging.LogRecord) -> bool:
    return not record.pathname.startswith(os.path.dirname(threatexchange.__file__))


logging.getLogger().addFilter(_not_of_the_package)  # it logs records and whole answers on the root logger


@dataclass
class _Update(hash_api.NCMECEntryUpdate):
    """An entry with what the client leaves out. ``page``: the day of its page."""

    member_name: str = ""
    timestamp: str = ""
    links: dict[str, str] = field(default_factory=dict)
    page: datetime.date = datetime.date.min

    def record(self) -> NcmecRecord:
        """In our form."""
        return NcmecRecord(
            member=self.member_id,
            member_name=self.member_name,
            id=self.id,
            kind=self.entry_type.value,
            deleted=self.deleted,
            classification=self.classification or "",
            timestamp=self.timestamp,
            fingerprints=self.fingerprints,
            page=self.page,
            links=self.links,
            feedback=tuple(
                (kind, each.feedback_type.value, each.member.esp_id, each.reason)
                for kind, given in self.feedback.items()
                for each in given
            ),
        )


class _NcmecClient(hash_api.NCMECHashAPI):
    """The client with our transport, times in UTC (it writes local time as UTC), and answers that are checked."""

    def __init__(self, base: str, user: str, password: str) -> None:
        super().__init__(user, password, _ANY)
        self._base_url = base
        self._adapter = GuardedAdapter(base, XML_BODY, check_xml)
        self._host = urlsplit(base).hostname or ""
        self._cursors: set[str] = set()
        self.requests = 0

    def _get_session(self) -> requests.Session:
        session = guarded(requests.Session(), self._adapter, self._base_url)
        # RFC 7617 with UTF-8; of text requests makes Latin-1.
        session.auth = requests.auth.HTTPBasicAuth(self.username.encode(), self.password.encode())
        return session

    def get_entries(
        self, *, start_timestamp: int = 0, end_timestamp: int = 0, next_: str = ""
    ) -> hash_api.GetEntriesResponse:
        """One page; raises BadInput for anything but the form of the API, AmparoError."""
        self._count(next_)
        times = {"from": _utc(start_timestamp), "to": _utc(end_timestamp)}
        root: ET.Element = self._get(hash_api.NCMECEndpoint.entries, next_=next_, **times)
        if root.tag != "queryResult":
            raise nonsense(self._host, "it is XML of another kind")
        try:
            page = hash_api.GetEntriesResponse.from_xml(hash_api._XMLWrapper(root), end_timestamp)
            day = datetime.datetime.fromtimestamp(page.max_timestamp, datetime.UTC).date()
        except _MALFORMED:
            raise nonsense(self._host, "an entry has a field missing, or of another form") from None
        if page.next and not CURSOR.fullmatch(page.next):
            raise nonsense(self._host, "its link to the next page is none")
        lists = (root.find(name) for name in ("images", "videos"))
        elements = [element for each in lists if each is not None for element in each]
        page.updates = [_with_rest(*each, day) for each in zip(page.updates, elements, strict=True)]
        return page

    def _count(self, cursor: str) -> None:
        self.requests += 1
        if not cursor:
            self._cursors.clear()
        if cursor in self._cursors or self.requests > _PROBES:
            raise nonsense(self._host, "its pages have no end")
        self._cursors.add(cursor)


class NcmecPages(ncmec_api.NCMECSignalExchangeAPI):
    """NCMEC's entries page by page. The package chooses the ranges of time."""

    def __init__(self, base: str, user: str, password: str) -> None:
        super().__init__(ncmec_api.NCMECCollabConfig(name="amparo", environment=_ANY), user, password)
        self._client = _NcmecClient(base, user, password)

    def get_client(self, environment: hash_api.NCMECEnvironment) -> hash_api.NCMECHashAPI:
        """Ours, wherever ``environment`` is."""
        return self._client

    def pages(self, at: NcmecPosition | None) -> Iterator[tuple[list[NcmecRecord], NcmecPosition]]:
        """Each page after ``at`` with the position behind it. Raises BadInput, NotAuthorised, AmparoError."""
        for delta in self.fetch_iter([], _checkpoint(at) if at else None):
            self._client.requests = 0
            updates = [each for each in delta.updates.values() if isinstance(each, _Update)]
            state, paging = delta.checkpoint, delta.checkpoint.paging_info
            position = NcmecPosition(state.get_entries_max_ts)
            if paging:
                cursor = (paging.paging_end_ts, paging.paging_url, paging.paging_url_ts)
                position = NcmecPosition(state.get_entries_max_ts, *cursor)
            yield [each.record() for each in updates], position


class StopNciiPages(stopncii_api.StopNCIIAPI):
    """The records of StopNCII.org page by page; those the client would drop are kept (``prepared``)."""

    _WORDS: ClassVar = Words(
        frozenset(each.value for each in stopncii_api.StopNCIISignalType),
        frozenset(each.value for each in stopncii_api.StopNCIICaseStatus),
        frozenset(each.value for each in stopncii_api.StopNCIICSPFeedbackValue),
    )

    def __init__(self, base: str, function_key: str, subscription_key: str) -> None:
        super().__init__(subscription_key, function_key, base_url_override=base)
        self._adapter = GuardedAdapter(base, JSON_BODY)
        self._host = urlsplit(base).hostname or ""
        self._originals: list[bytes] = []

    def _get_session(self, endpoint: stopncii_api.StopNCIIEndpoint) -> requests.Session:
        session: requests.Session = super()._get_session(endpoint)
        return guarded(session, self._adapter, self._base_url)

    def _get(self, endpoint: stopncii_api.StopNCIIEndpoint, **params: Any) -> Any:
        try:
            answer = super()._get(endpoint, **params)
        except (ValueError, RecursionError):
            raise nonsense(self._host, "it is not JSON") from None
        page, self._originals = prepared(self._host, answer, self._WORDS, int(time.time()) + _CLOCKS)
        return page

    def page(self, start: int, token: str) -> tuple[list[StopNciiRecord], str | None, int]:
        """Records, token of the next page or None, and the time the service gives for the next set.

        Raises BadInput, NotAuthorised, AmparoError.
        """
        try:
            page = self.fetch_hashes(start_timestamp=start, next_page=token)
        except (DaciteError, ValueError, TypeError):
            raise nonsense(self._host, "a field is missing or of another type") from None
        if len(page.hashRecords) != len(self._originals):
            raise nonsense(self._host, "a record is not in the form of this version")
        following = (page.nextPageToken or "") if page.hasMoreRecords else None
        if following is not None and (not following or following == token or len(following) > _TOKEN):
            raise nonsense(self._host, "its pages have no end")
        records = [
            StopNciiRecord(
                kind=each.signalType.value,
                value=each.hashValue,
                status=each.hashStatus.value,
                feedback=tuple(given.feedbackValue.value for given in each.CSPFeedbacks),
                modified=each.lastModtimestamp,
                original=original,
            )
            for each, original in zip(page.hashRecords, self._originals, strict=True)
        ]
        return records, following, page.nextSetTimestamp


def file_signals(path: str, signal_type: str | None) -> list[tuple[str, str]]:
    """Type and text of each line of a signal file, each pair once; raises OSError, UnicodeDecodeError."""
    config = file_api.FileCollaborationConfig(name="amparo", filename=path, signal_type=signal_type)
    return [
        pair for delta in file_api.LocalFileSignalExchangeAPI(config).fetch_iter([], None) for pair in delta.updates
    ]


def _checkpoint(at: NcmecPosition) -> ncmec_api.NCMECCheckpoint:
    """As the package has it, which begins a range again where its cursor is older than 12 hours.

    It asserts that the range of a cursor ends before the present less 5 seconds, which is where the newest range ends:
    within one second of the first page this waits until that is true.
    """
    found = ncmec_api.NCMECCheckpoint(at.since)
    wait = at.until + 6 - time.time()
    if at.cursor and wait <= 1:  # else the clock was set back
        found.paging_info = ncmec_api._NCMECPagingInfo(at.cursor, at.until, at.asked)
        time.sleep(max(wait, 0))
    return found


def _with_rest(update: hash_api.NCMECEntryUpdate, element: ET.Element, page: datetime.date) -> _Update:
    links = {each.tag: href for each in element.iterfind("fingerprints/*") if (href := each.get("href"))}
    name, timestamp = element.findtext("member") or "", element.findtext("timestamp") or ""
    return _Update(**vars(update), member_name=name, timestamp=timestamp, links=links, page=page)


def _utc(timestamp: int) -> str:
    return f"{datetime.datetime.fromtimestamp(timestamp, datetime.UTC):%Y-%m-%dT%H:%M:%SZ}"
