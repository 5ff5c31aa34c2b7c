"""Marks and tallies: what Items and Contents state, no more and no less, after rework, crashes and migration."""

import collections
import importlib
import json
import uuid
from pathlib import Path

import pytest
from casework.installations import case, make
from casework.stated import stating
from django.apps import apps
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from media.test_exif import block
from media.test_exif import found as facts_in

from amparo.casework.scan import scan
from amparo.catalogue.marks import Marks, camera_key, count_ranges, exif_pairs, item_pairs, page, tallies, tally_key
from amparo.catalogue.models import Case, Finding, Item, Mark, Source, Tally
from amparo.catalogue.models.marks import Field, Series, series_of
from amparo.catalogue.review import MOST
from amparo.media.picture import Picture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture
def matter(tmp_path: Path) -> Case:
    installation = make(tmp_path / "home")
    made = case(installation)
    scan(installation, str(stating(tmp_path / "tree")), made.reference)
    return made


def wanted(matter: Case) -> set[tuple[int, int, int]]:
    """What the rows of Items and Findings state."""
    found = set()
    for row in Item.objects.filter(case=matter):
        found |= {(*pair, row.pk) for pair in item_pairs((m[0], m[1], m[2]) for m in json.loads(row.moments))}
    for made in Finding.objects.filter(case=matter, kind="picture.exif", current=True):
        found |= {(*pair, made.content_id or 0) for pair in exif_pairs(made.facts)}
    return found


def stored(matter: Case) -> set[tuple[int, int, int]]:
    return set(Mark.objects.filter(case=matter).values_list("series", "value", "subject"))


def check(matter: Case) -> None:
    assert stored(matter) == wanted(matter)
    numbers: dict[int, dict[int, int]] = collections.defaultdict(lambda: collections.defaultdict(int))
    for series, value, _ in stored(matter):
        numbers[series][tally_key(series, value)] += 1
    assert tallies(matter, numbers) == numbers


def test_a_scan_marks_all_that_is_stated(matter: Case) -> None:
    check(matter)
    held = {series for series, _, _ in stored(matter)}
    assert held >= {Series.PLACE, Series.CAMERA, series_of(Field.TAKEN, True), series_of(Field.TAKEN, False)}
    assert held >= {series_of(Field.MODIFIED, False), series_of(Field.ENTRY_CHANGED, False)}


def test_rework_takes_back_what_is_no_longer_stated(
    matter: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Picture, "version", "2.1")
    old = Marks(matter.pk)
    for made in Finding.objects.filter(case=matter, kind="picture.exif"):  # as an older version might have read them
        old.exif_gone(made.content_id or 0, made.facts)
        made.facts = {"model": "Other", "taken_ns": 0, "taken_basis": "utc", "gps_latitude": 1.5, "gps_longitude": 2}
        old.exif(made.content_id or 0, made.facts)
        made.save()
    old.save(Source.objects.get(case=matter).pk)
    check(matter)
    before = stored(matter)
    scan(make(tmp_path / "home"), str(tmp_path / "tree"), matter.reference)
    assert Finding.objects.filter(case=matter, kind="picture.exif", current=False).exists()
    check(matter)
    assert len([row for row in before - stored(matter) if row[0] == Series.CAMERA]) == 5


def test_the_same_bytes_again_are_one_content(matter: Case, tmp_path: Path) -> None:
    before = {row for row in stored(matter) if row[0] in (Series.PLACE, Series.CAMERA)}
    scan(make(tmp_path / "home"), str(tmp_path / "tree"), matter.reference, again=True)
    check(matter)
    assert {row for row in stored(matter) if row[0] in (Series.PLACE, Series.CAMERA)} == before


@pytest.mark.parametrize("kept", [0, 7])
def test_old_cases_get_theirs_and_none_twice(matter: Case, kept: int) -> None:
    fill = importlib.import_module("amparo.catalogue.migrations.0006_marks_backfill")
    cameras = importlib.import_module("amparo.catalogue.migrations.0008_facets")
    source = Source.objects.get(case=matter)
    rows = sorted(stored(matter))[:kept]
    Mark.objects.all().delete()
    Tally.objects.all().delete()
    again = Marks(matter.pk)
    for series, value, subject in rows:  # as far as a run got that was stopped
        again._put(subject, {(series, value)})
    again.save(source.pk)
    for _ in range(2):
        fill.fill(apps, None)
        with connection.schema_editor() as editor:
            cameras.count(apps, editor)
        check(matter)


def test_pages_follow_each_other_without_gap(matter: Case) -> None:
    series = series_of(Field.MODIFIED, False)
    every = sorted((value, subject) for each, value, subject in stored(matter) if each == series)
    seen: list[tuple[int, int]] = []
    while rows := page(matter, (series, -(2**63), 2**63 - 1), seen[-1] if seen else None, 2):
        seen += rows
    assert seen == every


def test_ranges_are_counted_to_a_limit(matter: Case) -> None:
    rows = [Mark(case=matter, series=Series.CAMERA, value=5, subject=each) for each in range(10**6, 10**6 + MOST + 9)]
    Mark.objects.bulk_create(rows, batch_size=5_000)
    assert count_ranges(matter, [(Series.CAMERA, 5, 6), (Series.CAMERA, 6, 7)]) == [MOST + 1, 0]
    assert count_ranges(matter, []) == []


json_values = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
names = st.sampled_from(["taken_ns", "taken_basis", "gps_latitude", "gps_longitude", "model", "serial", "gps_time_ns"])


@given(st.dictionaries(names, json_values))
def test_whatever_facts_say_both_databases_can_hold_it(facts: dict[str, object]) -> None:
    for series, value in exif_pairs(facts):
        assert -(2**63) <= value < 2**63
        assert abs(tally_key(series, value)) < 2**63


@given(st.lists(st.tuples(st.text(max_size=8) | st.sampled_from(["modified", "tar.mtime"]), st.integers(), st.text())))
def test_times_beyond_what_a_column_holds_are_passed_over(moments: list[tuple[str, int, str]]) -> None:
    for series, value in item_pairs(moments):
        assert -(2**63) <= value < 2**63
        assert abs(tally_key(series, value)) < 2**31


def test_years_that_no_column_holds_are_passed_over() -> None:
    for year in ("0001", "1500", "9999"):
        facts, _ = facts_in(block({}, {0x9003: f"{year}:05:17 13:22:10"}))
        assert facts["taken_ns"]
        assert exif_pairs(facts) == set()


@pytest.mark.parametrize("elsewhere", [False, True])
def test_nothing_says_which_camera_it_was_once_its_last_picture_is_gone(matter: Case, elsewhere: bool) -> None:
    """A key is a digest of what a camera states: who has a camera could compare it."""
    made = Finding.objects.filter(case=matter, kind="picture.exif", current=True)
    stated = [(row.content_id or 0, row.facts) for row in made if camera_key(row.facts) is not None]
    assert Tally.objects.filter(series=Series.CAMERA).exists()
    source = Source.objects.get(case=matter)
    if elsewhere:  # numbers of Contents say where the work was done
        source.pk = None
        source.uuid = uuid.uuid4()
        source.save()
    for content, facts in stated:
        marks = Marks(matter.pk)
        marks.exif_gone(content, facts)
        marks.save(source.pk)
    assert not Tally.objects.filter(series=Series.CAMERA).exists()
    assert not Mark.objects.filter(series=Series.CAMERA).exists()
    assert Tally.objects.filter(series=series_of(Field.TAKEN, True)).exists(), "months say nothing"
