"""A stand-in for NCMEC's Hash Sharing API v2: what threatexchange's client asks of it, with made-up hashes."""

import base64
import dataclasses
import datetime
import urllib.parse
from collections.abc import Mapping
from xml.sax.saxutils import escape

from servers.loopback import Answer, LoopbackServer

_FORM = "%Y-%m-%dT%H:%M:%SZ"


@dataclasses.dataclass(slots=True)
class Stored:
    """The present state of one entry. ``at``: seconds since 1970. ``fingerprints``: XML inside that element."""

    member: int
    id: str
    at: int
    fingerprints: str = ""
    kind: str = "image"
    classification: str = "A1"
    deleted: bool = False
    name: str = "Orchard & Sons"

    def xml(self) -> str:
        """The element."""
        tag = f"deleted{self.kind.title()}" if self.deleted else self.kind
        rest = (
            ""
            if self.deleted
            else f"<classification>{escape(self.classification)}</classification>"
            f"<fingerprints>{self.fingerprints}</fingerprints><feedback/>"
        )
        return (
            f'<{tag}><member id="{self.member}">{escape(self.name)}</member>'
            f"<timestamp>{text(self.at)}</timestamp><id>{escape(self.id)}</id>{rest}</{tag}>"
        )


class NcmecServer(LoopbackServer):
    """Pages of ``size`` entries of a range of time, in the order they first came in and not of their times."""

    user, password = "orchard", "pomegranate:ñ-41"

    def __init__(self, size: int = 3) -> None:
        super().__init__("/hashsharing")
        self.entries: dict[str, Stored] = {}
        self.size = size

    @property
    def secret(self) -> str:
        """As it is stored."""
        return f"{self.user}:{self.password}"

    def put(self, *entries: Stored) -> None:
        """Add or change."""
        self.entries |= {f"{each.member}-{each.id}": each for each in entries}

    def answer(self, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """/v2/entries with from, to, and start in links."""
        expected = "Basic " + base64.b64encode(self.secret.encode()).decode()
        if headers.get("Authorization") != expected:
            return Answer(401)
        if path != "/v2/entries":
            return Answer(404)
        after, before = (int(_time(query[name]).timestamp()) for name in ("from", "to"))
        numbered = enumerate(self.entries.values())  # a change does not move an entry
        found = [(number, each) for number, each in numbered if after <= each.at < before]
        start = int(query.get("start", "0"))
        rest = [(number, each) for number, each in found if number >= start]
        following = ""
        if len(rest) > self.size:
            link = {"from": query["from"], "to": query["to"], "start": rest[self.size][0], "size": self.size}
            following = "/v2/entries?" + urllib.parse.urlencode(link | {"max": found[-1][0]})
        return Answer(body=page([each for _, each in rest[: self.size]], following))


def page(entries: list[Stored], following: str = "") -> bytes:
    """One page as XML; ``following`` is the link to the next."""
    lists = ""
    for kind in ("image", "video"):
        of_kind = [each for each in entries if each.kind == kind]
        newest = max((each.at for each in of_kind), default=0)
        elements = "".join(each.xml() for each in of_kind)
        lists += f'<{kind}s count="{len(of_kind)}" maxTimestamp="{text(newest)}">{elements}</{kind}s>' * bool(of_kind)
    paging = f"<paging><next>{escape(following)}</next></paging>" * bool(following)
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<queryResult xmlns="https://hashsharing.ncmec.org/hashsharing/v2">{lists}{paging}</queryResult>'
    ).encode()


def text(at: int) -> str:
    """A time as the API writes it."""
    return datetime.datetime.fromtimestamp(at, datetime.UTC).strftime(_FORM)


def _time(written: str) -> datetime.datetime:
    return datetime.datetime.strptime(written, _FORM).replace(tzinfo=datetime.UTC)
