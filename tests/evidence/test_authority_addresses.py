"""Addresses of an Authority: only hosts it names are connected to, and only while it holds."""

import datetime
import uuid

import pytest

from amparo.evidence.authority import Authority, Scope
from amparo.evidence.errors import BadInput, NotAuthorised

FROM = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
UNTIL = datetime.datetime(2027, 1, 1, tzinfo=datetime.UTC)
TICK = datetime.timedelta(microseconds=1)


def authority(*addresses: str) -> Authority:
    return Authority(uuid.UUID(int=1), "Agreement 7", FROM, UNTIL, Scope(addresses=addresses))


@pytest.mark.parametrize("host", ["a.example", "::1", ""])
def test_named_hosts_and_no_host_at_all_are_covered(host: str) -> None:
    authority("a.example", "::1").check_address("fetch", host, FROM)


@pytest.mark.parametrize("host", ["b.example", "sub.a.example", "A.example", "a.example.", "a.exampl", " "])
def test_others_are_refused(host: str) -> None:
    with pytest.raises(NotAuthorised, match="action: fetch") as refused:
        authority("a.example").check_address("fetch", host, FROM)
    assert host in refused.value.message
    assert refused.value.hint


def test_no_address_means_none() -> None:
    authority().check_address("fetch", "", FROM)
    with pytest.raises(NotAuthorised):
        authority().check_address("fetch", "a.example", FROM)


@pytest.mark.parametrize("at", [FROM - TICK, UNTIL, UNTIL + TICK])
@pytest.mark.parametrize("host", ["a.example", ""])
def test_only_while_it_holds(host: str, at: datetime.datetime) -> None:
    with pytest.raises(NotAuthorised):
        authority("a.example").check_address("fetch", host, at)
    authority("a.example").check_address("fetch", host, UNTIL - TICK)


def test_addresses_are_not_stated_with_a_case() -> None:
    """A Case opens evidence and connects nowhere: an address there would not be enforced."""
    with pytest.raises(BadInput, match="address"):
        Scope.parse({"address": (b"a.example",)})
