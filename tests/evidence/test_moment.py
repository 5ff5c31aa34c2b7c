"""Moments are kept as stated, and always say what they are relative to."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.evidence.moment import SECOND, Basis, Moment

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: datetime.timezone(datetime.timedelta(minutes=minutes)))


@given(st.integers(-(2**70), 2**70), st.sampled_from(Basis), st.integers(-840, 840))
def test_text_never_fails_and_is_never_bare(ns: int, basis: Basis, minutes: int) -> None:
    moment = Moment(ns, basis, "field", offset_minutes=minutes if basis is Basis.OFFSET else None)
    text = moment.text()
    assert text.endswith(("UTC", "(local, zone unknown)", f"({basis.value})")) or text[-6] in "+-"
    assert moment.as_json()["text"] == text


@given(st.datetimes(timezones=ZONES))
def test_wall_clock_with_offset_reads_as_written(when: datetime.datetime) -> None:
    moment = Moment.wall_clock(when, "f")
    assert moment.basis is Basis.OFFSET
    text = moment.text()
    assert text.startswith(f"{when:%Y-%m-%d %H:%M:%S} ") or "ns since 1970" in text


def test_unknown_zone_is_not_made_utc() -> None:
    moment = Moment.wall_clock(datetime.datetime.fromisoformat("1970-01-02"), "zip.dos.mtime")
    assert (moment.ns, moment.basis) == (86_400 * SECOND, Basis.LOCAL_UNKNOWN)
    assert moment.text() == "1970-01-02 00:00:00 (local, zone unknown)"
    assert "offset_minutes" not in moment.as_json()


def test_offset_is_applied_and_kept() -> None:
    moment = Moment.wall_clock(datetime.datetime.fromisoformat("2026-03-01T10:00:00-03:30"), "exif")
    assert (moment.ns // SECOND, moment.offset_minutes) == (1772371800, -210)
    assert moment.text() == "2026-03-01 10:00:00 -03:30"
    assert moment.as_json()["offset_minutes"] == -210


def test_before_1970() -> None:
    assert Moment.utc(-1, "f").text() == "1969-12-31 23:59:59 UTC"


@pytest.mark.parametrize("wrong", [{"basis": Basis.OFFSET}, {"basis": Basis.UTC, "offset_minutes": 0}])
def test_offset_goes_with_its_basis_only(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="offset_minutes"):
        Moment(ns=0, field="f", **wrong)  # type: ignore[arg-type]


def test_precision_is_positive() -> None:
    with pytest.raises(ValueError, match="precision"):
        Moment.utc(0, "f", 0)
