"""What goes wrong on the way: one clear error each, no secret in it, and the last checkpoint still good."""

import gzip
import logging
import socket
import traceback
from collections.abc import Iterator

import pytest
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from media.exchanges.stores import Store, digest
from servers import ncmec
from servers.loopback import Answer, LoopbackServer
from servers.ncmec import NcmecServer, Stored
from servers.stopncii import StopNciiServer, record

from amparo.evidence.errors import AmparoError, BadInput, NotAuthorised
from amparo.media.exchanges import guarded_http, threatexchange_clients
from amparo.media.exchanges.guarded_http import check_xml
from amparo.media.exchanges.kinds import make_exchange
from amparo.media.exchanges.port import Exchange

AT = 1_700_000_000
BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;&b;">]><queryResult>&c;</queryResult>'
HTML = b"<!doctype html><html><body>Please sign in.</body></html>"


@pytest.fixture(params=["ncmec", "stopncii"])
def server(request: pytest.FixtureRequest) -> Iterator[NcmecServer | StopNciiServer]:
    with NcmecServer() if request.param == "ncmec" else StopNciiServer() as server:
        for number in range(7):
            name = f"n{number}"
            if isinstance(server, NcmecServer):
                server.put(Stored(42, name, AT + number, f"<md5>{digest(name)}</md5>"))
            else:
                server.put(record(digest(name, 32), AT + number))
        yield server


def exchange_of(server: NcmecServer | StopNciiServer) -> Exchange:
    kind = "ncmec" if isinstance(server, NcmecServer) else "stopncii"
    return make_exchange(kind, {"terms": "t", "url": server.url}, lambda: server.secret)


ECHO = {"Location": "http://other.example/", "X-Said": "pomegranate"}
FAILURES = {
    "unauthorised": ([Answer(401, b"pomegranate quince")], NotAuthorised, "status 401"),
    "forbidden": ([Answer(403, b"pomegranate quince")], NotAuthorised, "status 403"),
    "limited": ([Answer(429, headers={"Retry-After": "86400"})] * 4, AmparoError, "429, 4 times"),
    "broken": ([Answer(500, b"pomegranate quince")] * 4, AmparoError, "500, 4 times"),
    "unknown": ([Answer(404)], BadInput, "status 404"),
    "no content": ([Answer(204)], BadInput, "status 204"),
    "elsewhere": ([Answer(302, headers=ECHO)], BadInput, "another address"),
    "html": ([Answer(body=HTML)], BadInput, "not whole XML|not JSON"),
    "xhtml": ([Answer(body=b"<html><body/></html>")], BadInput, "another kind|not JSON"),
    "empty": ([Answer()], BadInput, "not whole XML|not JSON"),
    "no text": ([Answer(body=b"\xff\xfe\x00\x01")], BadInput, "not whole XML|not JSON"),
    "bomb": ([Answer(body=BOMB)], BadInput, "DTD|not JSON"),
    "cut off": ([Answer(body=b"<queryResult>", cut=9)], AmparoError, "broke off"),
    "half": ([Answer(body=b'<queryResult><images maxTimestamp="')], BadInput, "not whole XML|not JSON"),
    "deep": ([Answer(body=b"<a>" * 100_000)], BadInput, "levels|not JSON"),
    "deep json": ([Answer(body=b"[" * 100_000)], BadInput, "not whole XML|not JSON"),
    "huge number": ([Answer(body=b'{"count":' + b"9" * 5_000 + b"}")], BadInput, "not whole XML|not JSON"),
    "not packed": ([Answer(body=b"not packed at all", headers={"Content-Encoding": "gzip"})], AmparoError, "broke off"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_is_one_clear_error_and_loses_nothing(
    server: NcmecServer | StopNciiServer, failure: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    exchange = exchange_of(server)
    store, whole = Store(), Store()
    whole.fetch(exchange)
    answers, kind, said = FAILURES[failure]
    deltas = exchange.fetch(None)
    while not store.live:
        store.apply(next(deltas))
    server.planned.extend(answers)
    with pytest.raises(kind, match=said) as caught:
        for delta in deltas:
            store.apply(delta)
    assert type(caught.value) in (kind, guarded_http.Refused)
    assert caught.value.hint
    text = "".join(traceback.format_exception(caught.value)) + caught.value.hint + repr(exchange) + caplog.text
    for secret in ("pomegranate", "quince", "b3JjaGFyZ"):  # the last: the beginning of orchard: in base64
        assert secret not in text
    assert "-n1" not in caplog.text
    assert digest("n1", 32) not in caplog.text
    assert len(store.live) < 7
    server.planned.clear()
    store.fetch(exchange)
    assert store.live == whole.live


def test_a_server_that_recovers_is_not_an_error(server: NcmecServer | StopNciiServer) -> None:
    server.planned.extend([Answer(503), Answer(429), None, Answer(500), Answer(502), Answer(504)])
    store = Store()
    store.fetch(exchange_of(server))
    assert len(store.live) == 7


def test_nobody_there(server: NcmecServer | StopNciiServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    kind = "ncmec" if isinstance(server, NcmecServer) else "stopncii"
    exchange = make_exchange(kind, {"terms": "t", "url": f"http://127.0.0.1:{port}/v"}, lambda: server.secret)
    with pytest.raises(AmparoError, match="cannot be reached") as caught:
        next(exchange.fetch(None))
    assert "last checkpoint" in caught.value.hint


def test_an_answer_that_never_ends_is_given_up(
    server: NcmecServer | StopNciiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guarded_http, "TIME", 0.3)
    server.planned.append(Answer(body=b" " * 1_000, wait=0.02))
    with pytest.raises(AmparoError, match="took longer"):
        next(exchange_of(server).fetch(None))


def test_silence_is_given_up(server: NcmecServer | StopNciiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded_http, "SILENCE", 0.1)
    server.planned.append(Answer(body=b"  ", wait=30))
    with pytest.raises(AmparoError, match="broke off"):
        next(exchange_of(server).fetch(None))


@pytest.mark.parametrize("packed", [False, True])
def test_a_long_answer_is_given_up(
    server: NcmecServer | StopNciiServer, packed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threatexchange_clients, "XML_BODY", 100_000)
    monkeypatch.setattr(threatexchange_clients, "JSON_BODY", 100_000)
    body = b" " * 10_000_000
    answer = Answer(body=gzip.compress(body), headers={"Content-Encoding": "gzip"}) if packed else Answer(body=body)
    server.planned.append(answer)
    with pytest.raises(BadInput, match="longer than 100000 bytes"):
        next(exchange_of(server).fetch(None))


def test_a_packed_answer_is_read(server: NcmecServer | StopNciiServer) -> None:
    entries = ncmec.page([]) if isinstance(server, NcmecServer) else server.page([])
    server.planned.append(Answer(body=gzip.compress(entries), headers={"Content-Encoding": "gzip"}))
    store = Store()
    assert store.fetch(exchange_of(server))[-1].done


def test_a_redirect_sends_nothing_elsewhere(server: NcmecServer | StopNciiServer) -> None:
    class Elsewhere(LoopbackServer):
        def answer(self, *_: object) -> Answer:
            return Answer()

    with Elsewhere("/") as elsewhere:
        for status in (301, 302, 307, 308):
            server.planned.append(Answer(status, headers={"Location": elsewhere.url}))
            with pytest.raises(BadInput, match="another address"):
                next(exchange_of(server).fetch(None))
        assert elsewhere.requests == []


def test_wrong_credentials(server: NcmecServer | StopNciiServer) -> None:
    kind = "ncmec" if isinstance(server, NcmecServer) else "stopncii"
    wrong = server.secret + "x"
    with pytest.raises(NotAuthorised) as caught:
        next(make_exchange(kind, {"terms": "t", "url": server.url}, lambda: wrong).fetch(None))
    assert "pomegranate" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "secret", ["", "pomegranate", ":", ",", "a:", ",b", "pome\ngranate:x,y\r", "pomegranate,b,c", "é\n,x"]
)
def test_a_secret_of_another_form_is_refused(server: NcmecServer | StopNciiServer, secret: str) -> None:
    kind = "ncmec" if isinstance(server, NcmecServer) else "stopncii"
    if kind == "ncmec" and secret == "pomegranate,b,c":
        secret = "pomegranate\x00:x"
    with pytest.raises(BadInput, match="secret of the exchange is not of the form") as caught:
        next(make_exchange(kind, {"terms": "t", "url": server.url}, lambda: secret).fetch(None))
    assert "granate" not in str(caught.value) + caught.value.hint
    assert server.requests == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp037", "utf-32", "utf-7"])
def test_no_encoding_hides_a_dtd(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>'
    with pytest.raises(BadInput, match=r"DTD|not whole XML"):
        check_xml("example.org", text.encode(encoding))


def test_many_elements_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded_http, "ELEMENTS", 100)
    check_xml("example.org", b"<a>" + b"<b/>" * 99 + b"</a>")
    with pytest.raises(BadInput, match="100 elements"):
        check_xml("example.org", b"<a>" + b"<b/>" * 100 + b"</a>")


@settings(max_examples=examples(200))
@given(st.binary(max_size=200) | st.text(alphabet="<>/a!?&;[]\"'= \x00DOCTYPE", max_size=60).map(str.encode))
def test_bytes_are_xml_or_refused(body: bytes) -> None:
    try:
        check_xml("example.org", body)
    except BadInput:
        return
    assert b"<" in body.replace(b"\x00", b"")
