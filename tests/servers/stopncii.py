"""A stand-in for the hash API v1 of StopNCII.org: what threatexchange's client asks of it, with made-up hashes."""

import json
from collections.abc import Mapping
from typing import Any

from servers.loopback import Answer, LoopbackServer


def record(value: str, at: int, status: str = "Active", kind: str = "ImagePDQ", **more: Any) -> dict[str, Any]:
    """The present state of one record; ``at`` in seconds since 1970."""
    fields = {"lastModtimestamp": at, "signalType": kind, "hashValue": value, "hashStatus": status}
    return fields | {"caseNumbers": {"case-1": status}, "CSPFeedbacks": []} | more


def place(each: dict[str, Any]) -> str:
    """Where a record stands in the order."""
    return f"{each['lastModtimestamp']:012}-{each['hashValue']}"


class StopNciiServer(LoopbackServer):
    """Pages of ``size`` records changed at or after a time, oldest first; a token names the last record given."""

    function_key, subscription_key = "pomegranate-41", "quince-42"

    def __init__(self, size: int = 3) -> None:
        super().__init__("/v1")
        self.records: dict[tuple[str, str], dict[str, Any]] = {}
        self.size = size
        self.forgotten: set[str] = set()

    @property
    def secret(self) -> str:
        """As it is stored."""
        return f"{self.function_key},{self.subscription_key}"

    def put(self, *records: dict[str, Any]) -> None:
        """Add or change."""
        self.records |= {(each["signalType"], each["hashValue"]): each for each in records}

    def answer(self, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """/FetchHashes with startTimestamp and nextPageToken."""
        given = {name.lower(): value for name, value in headers.items()}
        keys = (given.get("x-functions-key"), given.get("ocp-apim-subscription-key"))
        if keys != (self.function_key, self.subscription_key):
            return Answer(401)
        if path != "/FetchHashes":
            return Answer(404)
        start, token = int(query["startTimestamp"]), query.get("nextPageToken", "")
        if token in self.forgotten:
            self.forgotten.remove(token)
            return Answer(400, b"the token has expired")
        found = sorted((each for each in self.records.values() if each["lastModtimestamp"] >= start), key=place)
        rest = [each for each in found if place(each) > token]
        given_now = rest[: self.size]
        return Answer(body=self.page(given_now, place(given_now[-1]) if len(rest) > self.size else None))

    def page(self, records: list[dict[str, Any]], following: str | None = None, **more: Any) -> bytes:
        """One page as JSON."""
        newest = max((each["lastModtimestamp"] for each in records), default=10)
        fields = {
            "count": len(records),
            "nextPageToken": following,
            "nextSetTimestamp": newest,
            "hasMoreRecords": bool(following),
            "hashRecords": records,
        }
        return json.dumps(fields | more).encode()
