"""Narrowing and searching: right, in pages, and never more than it says."""

from pathlib import Path

import pytest
from casework.installations import case, make
from casework.seen import item, scanned

from amparo.casework import browse
from amparo.casework.browse import Filters, Listing, facets, listing, narrowed, notes_with, total
from amparo.casework.installation import Installation
from amparo.casework.notes import write_note
from amparo.catalogue.models import Case, Item

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return make(tmp_path / "home")


@pytest.fixture
def matter(installation: Installation, tmp_path: Path) -> Case:
    return scanned(installation, case(installation), tmp_path / "tree")


def paths(found: Listing) -> list[str]:
    return [row.path.decode() for row in found.rows]


def every(matter: Case, filters: Filters) -> list[str]:
    """Of all pages."""
    found = listing(matter, filters)
    said = paths(found)
    while found.after is not None:
        found = listing(matter, filters, found.after)
        said += paths(found)
    return said


def test_each_facet_narrows_to_what_its_number_says(matter: Case) -> None:
    held = facets(matter)
    assert held.items == Item.objects.filter(case=matter).count() == total(matter, Filters())
    for name, number in held.types:
        assert total(matter, Filters(type=name)) == number == len(every(matter, Filters(type=name)))
    for source, number in held.sources:
        assert total(matter, Filters(source=str(source.uuid))) == number
    leads = dict(held.leads)
    assert leads["match.near"] == 3 == total(matter, Filters(lead="match.near"))
    assert leads["match.bank"] == 1  # the same bytes at two places
    assert sorted(every(matter, Filters(lead="match.bank"))) == ["Ordner/Größe again.txt", "text.txt"]
    assert [row.leads[0] for row in listing(matter, Filters(lead="match.bank")).rows] == [("match.bank", "Known")] * 2


def test_facets_combine(matter: Case) -> None:
    both = Filters(type="image/jpeg", lead="match.near")
    assert total(matter, both) == 3
    assert total(matter, Filters(type="image/png", lead="match.near")) == 0
    assert total(matter, Filters(lead="picture.damaged", type="image/png", q="x")) == 1  # words are looked at apart


def test_outcomes_count_bytes_and_places(matter: Case) -> None:
    Item.objects.filter(pk=item(matter, "camera2.jpg").pk).update(state=3, reason="limit-time")
    content = item(matter, "text.txt").content
    assert content is not None
    type(content).objects.filter(pk=content.pk).update(state=2, reason="encrypted")
    assert every(matter, Filters(outcome="failed")) == every(matter, Filters(outcome="failed:limit-time"))
    assert every(matter, Filters(outcome="failed")) == ["camera2.jpg"]
    assert len(every(matter, Filters(outcome="skipped:encrypted"))) == 2


@pytest.mark.parametrize(
    "filters",
    [{"outcome": "lost"}, {"source": "x"}, {"source": "00000000-0000-4000-8000-000000000001"}, {"lead": "x"}],
)
def test_unknown_values_leave_nothing(matter: Case, filters: dict[str, str]) -> None:
    assert total(matter, Filters.of(filters)) == 0
    assert listing(matter, Filters.of(filters)).rows == []


def test_a_source_of_another_case_narrows_nothing_in(installation: Installation, matter: Case, tmp_path: Path) -> None:
    other = scanned(installation, case(installation, "R-2"), tmp_path / "other")
    source = str(other.sources.get().uuid)
    assert total(matter, Filters(source=source)) == 0
    assert {row.case_id for row in narrowed(matter, Filters(lead="match.near"))} == {matter.pk}


def test_words_are_found_in_any_case_and_order(matter: Case) -> None:
    assert every(matter, Filters(q="AGAIN größe")) == ["Ordner/Größe again.txt"]
    assert every(matter, Filters(q="GRO\u0308ßE")) == ["Ordner/Größe again.txt"]  # as macOS writes it
    assert every(matter, Filters(q="camera", type="image/png")) == []
    assert every(matter, Filters(q="folder")) == []  # stands in every stored locator, and in no name
    assert sorted(every(matter, Filters(q="inner zip"))) == ["more.zip!/inner.png"]


def test_pages_follow_each_other_and_hold_everything_once(matter: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, found = every(matter, Filters()), every(matter, Filters(q="c"))
    assert len(whole) == Item.objects.count()
    monkeypatch.setattr(browse, "SIZE", 2)
    monkeypatch.setattr(browse, "_CHUNK", 3)
    assert every(matter, Filters()) == whole
    assert every(matter, Filters(q="c")) == found


def test_a_search_stops_says_so_and_goes_on(matter: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    found = every(matter, Filters(q="camera"))
    monkeypatch.setattr(browse, "LOOKED_AT", 3)
    first = listing(matter, Filters(q="camera"))
    assert (first.looked_at, first.stopped) == (3, True)
    assert every(matter, Filters(q="camera")) == found
    assert len(found) == 2


def test_numbers_stop(matter: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browse, "MOST", 3)
    assert total(matter, Filters(type="image/jpeg")) == 4


def test_notes_of_items_are_searched(installation: Installation, matter: Case) -> None:
    row = item(matter, "text.txt")
    write_note(installation, matter, "Looks like the Second letter", row)
    write_note(installation, matter, "second thought on the case")
    assert [note.item_id for note in notes_with(matter, "second")] == [row.pk]
    assert notes_with(matter, "") == []
    assert notes_with(case(installation, "R-2"), "second") == []


def test_filters_take_whatever_an_address_holds() -> None:
    found = Filters.of({"q": "\0 a " + "b" * 500, "type": "image/png", "other": "x"})
    assert found.set == {"type": "image/png", "q": "a " + "b" * 198}
