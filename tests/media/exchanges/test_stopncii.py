"""The hash API of StopNCII.org."""

import datetime
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from media.exchanges.stores import Store, digest
from servers.loopback import Answer
from servers.stopncii import StopNciiServer, record

from amparo.evidence.errors import BadInput
from amparo.media.exchanges.kinds import make_exchange
from amparo.media.exchanges.port import CheckpointTooOld, Exchange

AT = 1_700_000_000
GIVEN = [{"source": "Ash", "feedbackValue": "Blocked", "tags": ["elm"]}]


@pytest.fixture
def server() -> Iterator[StopNciiServer]:
    with StopNciiServer() as server:
        yield server


@pytest.fixture
def exchange(server: StopNciiServer) -> Exchange:
    return make_exchange("stopncii", {"terms": "For tests", "url": server.url}, lambda: server.secret)


def test_a_record_is_an_entry(server: StopNciiServer, exchange: Exchange) -> None:
    server.put(record(digest("a", 32).upper(), AT, CSPFeedbacks=GIVEN), record(digest("b"), AT, kind="VideoMD5"))
    store = Store()
    store.fetch(exchange)
    picture, video = store.live[f"ImagePDQ:{digest('a', 32)}"], store.live[f"VideoMD5:{digest('b')}"]
    assert picture.digests == {"pdq": bytes.fromhex(digest("a", 32))}
    assert picture.labels == ("stopncii-active", "stopncii-csp-blocked")
    assert (picture.owner, picture.terms, picture.dated) == ("StopNCII.org", "For tests", datetime.date(2023, 11, 14))
    assert json.loads(picture.original)["CSPFeedbacks"] == GIVEN
    assert video.digests == {"md5": bytes.fromhex(digest("b"))}


@pytest.mark.parametrize("status", ["Withdrawn", "Deleted"])
def test_what_the_person_took_back_is_withdrawn(server: StopNciiServer, exchange: Exchange, status: str) -> None:
    """The package never sees it: it looks for the status in the hash."""
    server.put(record(digest("a", 32), AT))
    store = Store()
    store.fetch(exchange)
    assert len(store.live) == 1
    server.put(record(digest("a", 32), AT + 9, status, CSPFeedbacks=GIVEN))
    (entry,) = store.fetch(exchange)[-1].entries
    assert store.live == {}
    assert (entry.digests, entry.original, entry.labels) == ({}, b"", ())


@pytest.mark.parametrize("kind", ["Text", "URL", "VideoTMK", "ImageNext"])
def test_texts_and_addresses_are_not_kept(server: StopNciiServer, exchange: Exchange, kind: str) -> None:
    server.put(record("https://example.org/elm", AT, kind=kind))
    (entry,) = next(exchange.fetch(None)).entries
    assert entry.withdrawn
    assert "example" not in repr(entry)


def test_words_that_are_new_lose_no_record(server: StopNciiServer, exchange: Exchange) -> None:
    """The package drops such records; real answers hold feedback that it does not know."""
    new = [{"source": "Ash", "feedbackValue": "Undefined"}]
    server.put(record(digest("a", 32), AT, "Sprouting", CSPFeedbacks=new, hashRegions=["UK"]))
    server.put(record(digest("b", 32), AT, caseNumbers=[], CSPFeedbacks=None))
    store = Store()
    store.fetch(exchange)
    assert len(store.live) == 2
    entry = store.live[f"ImagePDQ:{digest('a', 32)}"]
    assert entry.labels == ("stopncii-csp-unknown", "stopncii-unknown")
    assert json.loads(entry.original)["hashStatus"] == "Sprouting"


def half_fetched(server: StopNciiServer, exchange: Exchange) -> Store:
    server.put(*(record(digest(f"n{each}", 32), AT + each) for each in range(8)))
    store = Store()
    store.fetch(exchange, 1)
    assert len(store.live) == 3
    return store


def test_a_forgotten_token_begins_its_set_again(server: StopNciiServer, exchange: Exchange) -> None:
    store = half_fetched(server, exchange)
    server.forgotten.add(json.loads(store.checkpoint or b"")["token"])
    store.fetch(exchange)
    assert len(store.live) == 8


def test_a_set_is_not_left_before_its_end(server: StopNciiServer, exchange: Exchange) -> None:
    """The package goes on from nextSetTimestamp of the last page it saw, whatever that promises."""
    server.put(*(record(digest(f"n{each}", 32), AT + each) for each in range(8)))
    first = [record(digest(f"n{each}", 32), AT + each) for each in range(3)]
    following = f"{AT + 2:012}-{digest('n2', 32)}"
    server.planned.append(Answer(body=server.page(first, following, nextSetTimestamp=AT + 1_000)))
    store = Store()
    store.fetch(exchange, 1)
    store.fetch(exchange)
    assert len(store.live) == 8


def test_the_next_set_begins_no_later_than_what_was_seen(server: StopNciiServer, exchange: Exchange) -> None:
    page = server.page([record(digest("a", 32), AT)], nextSetTimestamp=int(time.time()))
    server.planned.append(Answer(body=page))
    store = Store()
    store.fetch(exchange)
    server.put(record(digest("late", 32), AT + 1))
    store.fetch(exchange)
    assert f"ImagePDQ:{digest('late', 32)}" in store.live


def test_after_thirty_days_changes_cannot_be_told(server: StopNciiServer, exchange: Exchange) -> None:
    store = half_fetched(server, exchange)
    state = json.loads(store.checkpoint or b"")
    old = json.dumps(state | {"fetched": state["fetched"] - 31 * 86_400}).encode()
    with pytest.raises(CheckpointTooOld, match="31 days ago"):
        next(exchange.fetch(old))


def test_an_old_token_is_not_used(server: StopNciiServer, exchange: Exchange) -> None:
    store = half_fetched(server, exchange)
    state = json.loads(store.checkpoint or b"")
    store.checkpoint = json.dumps(state | {"fetched": state["fetched"] - 12 * 3600 - 1}).encode()
    server.requests.clear()
    store.fetch(exchange)
    assert "nextPageToken" not in server.requests[0]
    assert len(store.live) == 8


GOOD: dict[str, Any] = {
    "count": 0,
    "nextPageToken": None,
    "nextSetTimestamp": AT,
    "hasMoreRecords": False,
    "hashRecords": [],
}
RECORD = record(digest("a", 32), AT)
WRONG: dict[str, Any] = {
    "list": [],
    "number": 7,
    "error": {"statusCode": 200, "message": "elm"},
    "no records": {name: value for name, value in GOOD.items() if name != "hashRecords"},
    "no end said": {name: value for name, value in GOOD.items() if name != "hasMoreRecords"},
    "word for a time": GOOD | {"nextSetTimestamp": "soon"},
    "time that never comes": GOOD | {"nextSetTimestamp": 10**18},
    "true for a time": GOOD | {"nextSetTimestamp": True},
    "fraction for a count": GOOD | {"count": 1e300},
    "more without a token": GOOD | {"hasMoreRecords": True},
    "more with a long token": GOOD | {"hasMoreRecords": True, "nextPageToken": "a" * 10_000},
    "token of another type": GOOD | {"nextPageToken": 7},
    "records of another type": GOOD | {"hashRecords": {}},
    "too many records": GOOD | {"hashRecords": [0] * 100_001},
    "record of another type": GOOD | {"hashRecords": [7]},
    "no value": GOOD | {"hashRecords": [RECORD | {"hashValue": None}]},
    "no type": GOOD | {"hashRecords": [RECORD | {"signalType": 7}]},
    "no status": GOOD | {"hashRecords": [RECORD | {"hashStatus": []}]},
    "no time": GOOD | {"hashRecords": [RECORD | {"lastModtimestamp": -1}]},
    "other cases": GOOD | {"hashRecords": [RECORD | {"caseNumbers": ["elm"]}]},
    "other feedback": GOOD | {"hashRecords": [RECORD | {"CSPFeedbacks": ["elm"]}]},
    "other tags": GOOD | {"hashRecords": [RECORD | {"CSPFeedbacks": [GIVEN[0] | {"tags": [[]]}]}]},
    "other source": GOOD | {"hashRecords": [RECORD | {"CSPFeedbacks": [GIVEN[0] | {"source": 7}]}]},
}


@pytest.mark.parametrize("name", WRONG)
def test_an_answer_of_another_form_is_refused(server: StopNciiServer, exchange: Exchange, name: str) -> None:
    server.planned.append(Answer(body=json.dumps(WRONG[name]).encode()))
    with pytest.raises(BadInput, match="cannot be used"):
        next(exchange.fetch(None))


def test_pages_without_end_are_given_up(server: StopNciiServer, exchange: Exchange) -> None:
    pages = [Answer(body=server.page([], token)) for token in ("a", "b", "a", "b")]
    server.planned.extend(pages)
    with pytest.raises(BadInput, match="no end"):
        list(exchange.fetch(None))
