"""Facets of what evidence states and of where it lies: dates, cameras, folders, devices."""

import os
import zipfile
from pathlib import Path

import pytest
from casework.installations import case, make
from casework.listed import every, total, walks_through_nothing
from casework.pictures import picture
from casework.seen import item
from casework.stated import exif, stating
from django.db import connection
from django.test.utils import CaptureQueriesContext

from amparo.casework import browse
from amparo.casework.browse import Filters, Within, facets, listing
from amparo.casework.exhibits import Described, add_exhibit
from amparo.casework.installation import Installation
from amparo.casework.scan import scan
from amparo.catalogue.models import Case, Source

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return make(tmp_path / "home")


@pytest.fixture
def matter(installation: Installation, tmp_path: Path) -> Case:
    """``disk``: five dated pictures, two folders in one another and an archive; ``phone``: one of another camera."""
    made, disk, phone = case(installation), stating(tmp_path / "disk"), tmp_path / "phone"
    (disk / "outer" / "inner").mkdir(parents=True)
    (disk / "outer-2").mkdir()
    for name in ("outer/a.txt", "outer/inner/b.txt", "outer/inner/c.txt", "outer-2/d.txt"):
        (disk / name).write_text(name)
        os.utime(disk / name, (1_700_000_000, 1_700_000_000))
    with zipfile.ZipFile(disk / "outer" / "held.zip", "w") as archive:
        archive.writestr("deep/e.txt", "e")
    phone.mkdir()
    picture(9).save(phone / "p.jpg", exif=exif(None, "2019:02:03 04:05:06", serial="S-1"))
    picture(9).save(phone / "q.jpg", exif=exif(None, "2019:02:03 04:05:06", serial="S-1"))  # the same bytes
    for folder in (disk, phone):
        scan(installation, str(folder), made.reference)
    return made


def named(matter: Case, name: str) -> Source:
    return next(each for each in Source.objects.filter(case=matter) if bytes(each.root).endswith(name.encode()))


def within(matter: Case, filters: Filters) -> Within:
    found = facets(matter, filters).within
    assert found is not None
    return found


def test_dates_taken_are_years_and_then_months(matter: Case) -> None:
    assert facets(matter).taken == [("2022", 1), ("2021", 2), ("2020", 2), ("2019", 1)]
    assert (
        facets(matter, Filters(taken="2021")).taken
        == [("2021-05", 2)]
        == facets(matter, Filters(taken="2021-05")).taken
    )
    assert every(matter, Filters(taken="2021")) == every(matter, Filters(taken="2021-05")) == ["IMG_2.jpg", "IMG_3.jpg"]
    assert every(matter, Filters(taken="2021-05-19")) == ["IMG_2.jpg"]  # of an unknown zone; the others state theirs
    assert every(matter, Filters(taken="2019")) == ["p.jpg", "q.jpg"]  # one number, two places
    assert total(matter, Filters(taken="2018")) == 0


def test_dates_of_files_count_places(matter: Case) -> None:
    held = dict(facets(matter).modified)
    assert held["2020"] == 5 == total(matter, Filters(modified="2020"))
    assert held["2023"] == 4 == total(matter, Filters(modified="2023-11"))
    assert facets(matter, Filters(modified="2023-11")).modified == [("2023-11", 4)]


def test_cameras_are_told_apart_by_their_serial_number(matter: Case) -> None:
    one, other = facets(matter).cameras
    assert [(each.words, each.serial, each.number) for each in (one, other)] == [
        ("Maker Model 1", "", 5),
        ("Maker Model 1", "S-1", 1),
    ]
    assert total(matter, Filters(camera=one.value)) == 5
    assert every(matter, Filters(camera=other.value)) == ["p.jpg", "q.jpg"]
    assert every(matter, Filters(camera=one.value, taken="2020-05", q="img 0")) == ["IMG_0.jpg"]


def test_a_chosen_camera_is_named_though_others_have_more(matter: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = facets(matter).cameras
    monkeypatch.setattr(browse.choices, "_CAMERAS", 1)
    assert facets(matter).cameras == [one]
    assert facets(matter, Filters(camera=other.value)).cameras == [one, other]


def test_a_folder_holds_what_lies_in_it_at_any_depth(matter: Case) -> None:
    disk = Filters(source=str(named(matter, "disk").uuid))
    assert facets(matter).within is None  # two sources: which folders?
    top = within(matter, disk)
    assert (top.key, top.above, top.more) == ("", None, False)
    assert [(each.name, each.number, each.whole) for each in top.folders] == [
        (b"outer", 6, True),
        (b"outer-2", 1, True),
    ]
    outer = disk.but(folder=str(top.folders[0].key))
    assert total(matter, outer) == 6
    assert "outer/held.zip!/deep/e.txt" in every(matter, outer)
    assert "outer-2/d.txt" not in every(matter, outer)
    inside = within(matter, outer)
    assert (inside.path, inside.key, inside.above) == (b"outer", outer.folder, None)
    assert [(each.name, each.number) for each in inside.folders] == [(b"inner", 2)]
    inner = within(matter, outer.but(folder=str(inside.folders[0].key)))
    assert (inner.path, inner.above, inner.folders) == (b"outer/inner", top.folders[0].key, [])
    assert every(matter, Filters(folder=str(item(matter, "outer/held.zip").pk))) == ["outer/held.zip!/deep/e.txt"]


def test_numbers_of_folders_stop_and_say_so(matter: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Filters(source=str(named(matter, "disk").uuid))
    monkeypatch.setattr(browse.choices, "MOST", 7)
    assert all(each.whole for each in within(matter, disk).folders)
    monkeypatch.setattr(browse.choices, "MOST", 6)
    counted = within(matter, disk).folders
    assert not any(each.whole for each in counted)
    assert sum(each.number for each in counted) <= 7


def test_a_device_is_what_was_scanned_of_an_exhibit(installation: Installation, matter: Case) -> None:
    disk, phone = named(matter, "disk"), named(matter, "phone")
    add_exhibit(installation, matter, Described("E 1", "A phone"), [phone.pk])
    add_exhibit(installation, matter, Described("E 2", "A bag with all"), [disk.pk, phone.pk])
    add_exhibit(installation, matter, Described("E 3", "Paper"), [])
    held = dict(facets(matter).devices)
    assert list(held) == ["E 1", "E 2"]
    for number, items in held.items():
        assert items == total(matter, Filters(device=number)) > 0
    assert every(matter, Filters(device="E 1", type="image/jpeg")) == ["p.jpg", "q.jpg"]
    assert total(matter, Filters(device="E 3")) == 0


def chosen(installation: Installation, matter: Case) -> list[Filters]:
    """One of each facet."""
    add_exhibit(installation, matter, Described("E 1", "A disk"), [named(matter, "disk").pk])
    held = facets(matter)
    return [
        Filters(modified="2020"),
        Filters(taken="2020"),
        Filters(camera=held.cameras[0].value),
        Filters(folder=str(item(matter, "outer").pk)),
        Filters(device="E 1"),
        Filters(device="E 1", taken="2020", q="jpg"),
    ]


def test_pages_hold_everything_once(installation: Installation, matter: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    for filters in chosen(installation, matter):
        with monkeypatch.context() as patch:
            found = every(matter, filters)
            assert len(found) == len(set(found)) >= 2, filters
            patch.setattr(browse.pages, "SIZE", 2)
            assert every(matter, filters) == found
            for looked_at in (1, 2, 5):
                patch.setattr(browse.pages, "LOOKED_AT", looked_at)
                assert every(matter, filters) == found, (filters, looked_at)


def test_nothing_of_another_case_is_found_or_named(installation: Installation, matter: Case, tmp_path: Path) -> None:
    every_filter = chosen(installation, matter)
    other = case(installation, "R-2")
    (tmp_path / "other" / "folder").mkdir(parents=True)
    (tmp_path / "other" / "folder" / "x.txt").write_text("x")
    scan(installation, str(tmp_path / "other"), other.reference)
    for filters in every_filter:
        assert total(other, filters) == 0, filters
    held = facets(other, every_filter[3])
    assert (held.taken, held.devices) == ([], [])
    assert held.within is not None
    assert [each.name for each in held.within.folders] == [b"folder"]
    assert facets(other, every_filter[2]).cameras == []


def test_a_value_that_says_nothing_leaves_nothing(matter: Case) -> None:
    values = ("x", "0", "9" * 18, "9" * 200, "\u0663", "g" * 16, "f" * 16, "0" * 16, "2021-13", "0001")
    for name in ("taken", "modified", "camera", "folder", "device"):
        for value in values:
            filters = Filters.of({name: value})
            assert total(matter, filters) == total(matter, filters.but(q="jpg")) == 0, filters
            facets(matter, filters)


@pytest.mark.parametrize("looked_at", [2, 10_000])
def test_no_statement_walks_through_a_table(
    installation: Installation, matter: Case, monkeypatch: pytest.MonkeyPatch, looked_at: int
) -> None:
    """SQLite's plans without statistics, which is how it runs; PostgreSQL's depend on them."""
    if connection.vendor != "sqlite":
        pytest.skip("plans of a small table say nothing here")
    every_filter = chosen(installation, matter)
    monkeypatch.setattr(browse.pages, "LOOKED_AT", looked_at)
    with CaptureQueriesContext(connection) as captured:
        for filters in every_filter:
            listing(matter, filters)
            facets(matter, filters)
    assert len(captured) > 60
    walks_through_nothing(captured)


@pytest.mark.parametrize("value", ["7fffffffffffffff", "7ffffffffffffffe", "f" * 16, "0x7fffffffffffff", "A" * 16, "1"])
def test_what_is_no_camera_leaves_nothing_and_breaks_nothing(matter: Case, value: str) -> None:
    assert len(facets(matter, Filters(camera=value)).cameras) == 2
    assert every(matter, Filters(camera=value)) == []


def test_more_cameras_than_are_counted_are_not_listed_and_still_narrow(
    matter: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = facets(matter).cameras
    monkeypatch.setattr("amparo.catalogue.marks.MOST", 1)
    assert facets(matter).cameras == []
    assert [each.value for each in facets(matter, Filters(camera=other.value)).cameras] == [other.value]
    assert total(matter, Filters(camera=one.value)) == 5


def test_sources_and_devices_beyond_the_first_are_found_by_who_chose_them(
    installation: Installation, matter: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, phone = named(matter, "disk"), named(matter, "phone")
    add_exhibit(installation, matter, Described("E-1", "two media"), [disk.pk, phone.pk])
    whole = dict(facets(matter).devices)
    monkeypatch.setattr(browse.choices, "_SOURCES", 1)
    assert dict(facets(matter).devices) == whole, "the number of a device is whole"
    last = max(disk, phone, key=lambda each: each.pk)
    assert [each for each, _ in facets(matter, Filters(source=str(last.uuid))).sources][1:] == [last]
    assert within(matter, Filters(source=str(last.uuid))).folders is not None
