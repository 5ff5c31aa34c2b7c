"""An Authority is enforced: in time, in place, and nothing in its scope is prose."""

import datetime
import os
import uuid
from pathlib import Path

import pytest

from amparo.evidence.authority import Authority, Scope, check_any
from amparo.evidence.errors import BadInput, NotAuthorised

NOW = datetime.datetime(2026, 5, 1, 12, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)


def authority(**fields: object) -> Authority:
    stated: dict[str, object] = {"id": uuid.uuid4(), "text": "Order 1", "valid_from": NOW, **fields}
    return Authority(**stated)  # type: ignore[arg-type]


def test_holds_from_its_start_until_before_its_end() -> None:
    held = authority(until=NOW + HOUR)
    held.check("scan", b"/x", NOW)
    held.check("scan", b"/x", NOW + HOUR - datetime.timedelta(microseconds=1))
    for at, word in ((NOW - HOUR, "only from"), (NOW + HOUR, "ended")):
        with pytest.raises(NotAuthorised, match=word) as refused:
            held.check("scan", b"/x", at)
        assert refused.value.exit_code == 5
        assert refused.value.hint


def test_times_are_told_in_utc() -> None:
    held = authority(until=datetime.datetime.fromisoformat("2026-05-01T15:00+02:00"))
    with pytest.raises(NotAuthorised, match="2026-05-01 13:00 UTC"):
        held.check("scan", b"/x", NOW + 2 * HOUR)


@pytest.mark.parametrize(
    ("path", "covered"),
    [(b"/e", True), (b"/e/a/b", True), (b"/e2", False), (b"/", False), (b"/E", False), (b"/e/\xff", True)],
)
def test_scope_covers_whole_folders_only(path: bytes, covered: bool) -> None:
    assert Scope((b"/e",)).covers_path(path) is covered
    assert Scope().covers_path(path)
    assert Scope((b"/",)).covers_path(path)
    if not covered:
        with pytest.raises(NotAuthorised, match="outside"):
            authority(scope=Scope((b"/e",))).check("open", path, NOW)


def test_scope_is_parsed_resolved_and_never_prose(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert Scope.parse({"path": (os.fsencode(tmp_path / "link"),)}).paths == (os.fsencode(tmp_path / "real"),)
    with pytest.raises(BadInput, match="'dates'"):
        Scope.parse({"dates": (b"2026",)})
    with pytest.raises(BadInput, match="not a folder"):
        Scope.parse({"path": (os.fsencode(tmp_path / "missing"),)})


@pytest.mark.parametrize("fields", [{"text": " "}, {"until": NOW}])
def test_what_is_no_authority(fields: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        authority(**fields)


def test_dates_carry_a_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        authority(valid_from=NOW.replace(tzinfo=None))


def test_any_authority_that_covers_will_do() -> None:
    narrow, ended = authority(scope=Scope((b"/a",))), authority(until=NOW + HOUR)
    assert check_any((ended, narrow), "open", b"/a/b", NOW + HOUR) is narrow
    with pytest.raises(NotAuthorised, match="outside"):
        check_any((ended, narrow), "open", b"/b", NOW + HOUR)
    with pytest.raises(NotAuthorised, match="no Authority"):
        check_any((), "open", b"/a", NOW)
