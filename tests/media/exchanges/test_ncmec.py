"""NCMEC's Hash Sharing API."""

import datetime
import json
import time
from collections.abc import Iterator

import pytest
from media.exchanges.stores import Store, digest
from servers.loopback import Answer
from servers.ncmec import NcmecServer, Stored, page

from amparo.evidence.errors import BadInput
from amparo.media.exchanges.kinds import make_exchange
from amparo.media.exchanges.port import Exchange

AT = 1_700_000_000
PDNA = "01" * 144


@pytest.fixture
def server() -> Iterator[NcmecServer]:
    with NcmecServer() as server:
        yield server


@pytest.fixture
def exchange(server: NcmecServer) -> Exchange:
    return make_exchange("ncmec", {"terms": "For tests", "url": server.url}, lambda: server.secret)


def test_one_record_is_one_entry_with_all_its_digests(server: NcmecServer, exchange: Exchange) -> None:
    prints = f"""
      <md5>{digest("a").upper()}</md5><sha1>{digest("a", 20)}</sha1><pdq>{digest("a", 32)}</pdq><pdna>{PDNA}</pdna>
      <netclean>ab12</netclean><tmk-pdqf rel="self" href="/v2/entries/1/fingerprints/TMK_PDQF"/>"""
    server.put(Stored(42, "a", AT, prints, name="Birch — Söhne"))
    store = Store()
    store.fetch(exchange)
    entry = store.live["42-a"]
    assert {name: value.hex() for name, value in entry.digests.items()} == {
        "md5": digest("a"),
        "sha1": digest("a", 20),
        "pdq": digest("a", 32),
        "photodna": PDNA,
    }
    assert (entry.owner, entry.terms, entry.labels) == ("Birch — Söhne", "For tests", ("ncmec-a1",))
    assert entry.dated == datetime.date(2023, 11, 14)
    original = json.loads(entry.original)
    assert original["fingerprints"]["netclean"] == "ab12"
    assert original["links"] == {"tmk-pdqf": "/v2/entries/1/fingerprints/TMK_PDQF"}


def test_feedback_of_members_is_kept(server: NcmecServer, exchange: Exchange) -> None:
    body = page([Stored(42, "a", AT, f"<md5>{digest('a')}</md5>")]).replace(
        b"<feedback/>",
        b'<feedback><affirmativeFeedback type="Md5"><members><member id="7">Ash</member></members>'
        b"</affirmativeFeedback>"
        b'<negativeFeedback type="Md5"><reasons><reason guid="1" name="Elm" type="Md5"/><members><member id="8">Oak'
        b"</member></members></reasons></negativeFeedback></feedback>",
    )
    server.planned.append(Answer(body=body))
    (entry,) = next(exchange.fetch(None)).entries
    assert json.loads(entry.original)["feedback"] == [["Md5", "upvote", 7, ""], ["Md5", "downvote", 8, "Elm"]]


def test_an_update_without_a_usable_digest_withdraws(server: NcmecServer, exchange: Exchange) -> None:
    server.put(Stored(42, "a", AT, f"<md5>{digest('a')}</md5>"))
    store = Store()
    store.fetch(exchange)
    assert set(store.live) == {"42-a"}
    server.put(Stored(42, "a", int(time.time()) - 60, "<videntifier>ab</videntifier>"))
    store.fetch(exchange)
    assert store.live == {}


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Denver", "UTC"])
def test_times_are_utc_wherever_this_runs(
    server: NcmecServer, exchange: Exchange, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        before = int(time.time())
        next(exchange.fetch(None))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert "from=1970-01-01T00%3A00%3A00Z" in server.requests[0]
    to = datetime.datetime.fromisoformat(server.requests[0].split("to=")[1].replace("%3A", ":"))
    assert 0 <= to.timestamp() - (before - 5) <= 2


def test_the_next_fetch_goes_back_an_hour(server: NcmecServer, exchange: Exchange) -> None:
    store = Store()
    store.fetch(exchange)
    # What the exchange entered while its clock was behind ours.
    server.put(Stored(42, "late", int(time.time()) - 3_000, f"<md5>{digest('late')}</md5>"))
    store.fetch(exchange)
    assert set(store.live) == {"42-late"}


def stopped_inside_a_range(server: NcmecServer, exchange: Exchange) -> Store:
    server.put(*(Stored(42, f"n{each}", AT + each // 4, f"<md5>{digest(str(each))}</md5>") for each in range(8)))
    store = Store()
    for delta in exchange.fetch(None):
        store.apply(delta)
        if "cursor" in json.loads(delta.checkpoint):
            return store
    raise AssertionError("no range had two pages")


@pytest.mark.parametrize("refusal", [400, 404, 410])
def test_a_forgotten_cursor_begins_its_range_again(server: NcmecServer, exchange: Exchange, refusal: int) -> None:
    store = stopped_inside_a_range(server, exchange)
    server.planned.append(Answer(refusal))
    store.fetch(exchange)
    assert len(store.live) == 8


def test_an_old_cursor_is_not_used(server: NcmecServer, exchange: Exchange) -> None:
    store = stopped_inside_a_range(server, exchange)
    state = json.loads(store.checkpoint or b"")
    store.checkpoint = json.dumps(state | {"asked": state["asked"] - 12 * 3600 - 1}).encode()
    server.requests.clear()
    store.fetch(exchange)
    assert "start=" not in server.requests[0]
    assert len(store.live) == 8


def test_a_cursor_of_this_second_is_used(server: NcmecServer, exchange: Exchange) -> None:
    """The package would fail with an AssertionError: the range ends where the newest range ends."""
    until = int(time.time()) - 5
    state = {"v": 1, "exchange": "ncmec", "at": server.url, "since": AT, "until": until, "asked": int(time.time())}
    checkpoint = json.dumps(state | {"cursor": "/v2/entries?from=2023-11-14T22%3A13%3A20Z&to=2099-01-01T00%3A00%3A00Z"})
    server.put(Stored(42, "a", AT + 1, f"<md5>{digest('a')}</md5>"))
    assert next(exchange.fetch(checkpoint.encode())).entries[0].key == "42-a"


@pytest.mark.parametrize(
    "link", ["@other.example/", "99/", "//other.example/", "https://other.example/", "/v2/ entries", "/" + "a" * 5_000]
)
def test_a_link_to_the_next_page_stays_where_it_is(server: NcmecServer, exchange: Exchange, link: str) -> None:
    server.planned.append(Answer(body=page([], link)))
    # Two slashes are a path behind an address, whatever they look like.
    with pytest.raises(BadInput, match=r"its link to the next page is none|status 404"):
        for _ in exchange.fetch(None):
            server.planned.append(Answer(404))


def test_pages_without_end_are_given_up(server: NcmecServer, exchange: Exchange) -> None:
    always = page([Stored(42, "a", int(time.time()), f"<md5>{digest('a')}</md5>")], "/v2/entries?start=1")
    server.planned.extend([Answer(body=always)] * 1_000)
    with pytest.raises(BadInput, match="no end"):
        list(exchange.fetch(None))


WRONG = {
    "no id": (b"<id>a</id>", b""),
    "two ids": (b"<id>a</id>", b"<id>a</id><id>b</id>"),
    "empty id": (b"<id>a</id>", b"<id/>"),
    "blank id": (b"<id>a</id>", b"<id>&#9;</id>x"),
    "no member": (b'<member id="42">', b"<member>"),
    "word for a number": (b'id="42"', b'id="forty"'),
    "huge number": (b'id="42"', b'id="' + b"9" * 5_000 + b'"'),
    "long number": (b'id="42"', b'id="' + b"9" * 300 + b'"'),
    "unknown kind": (b"<image>", b"<picture>"),
    "no time": (b'maxTimestamp="2023-11-14T22:13:20Z"', b""),
    "no such time": (b"2023-11-14T22:13:20Z", b"2023-14-11T22:13:20Z"),
    "other feedback": (b"<feedback/>", b"<feedback><affirmativeFeedback/></feedback>"),
}


@pytest.mark.parametrize("name", WRONG)
def test_an_entry_of_another_form_is_refused(server: NcmecServer, exchange: Exchange, name: str) -> None:
    old, new = WRONG[name]
    good = page([Stored(42, "a", AT, f"<md5>{digest('a')}</md5>")])
    bad = good.replace(old, new)
    if name == "unknown kind":
        bad = bad.replace(b"</image>", b"</picture>")
    assert bad != good
    server.planned.append(Answer(body=bad))
    with pytest.raises(BadInput):
        next(exchange.fetch(None))
