"""Narrowing and searching: right, in pages, and never more than it says."""

from pathlib import Path

import pytest
from casework.installations import case, make
from casework.listed import every, total, walks_through_nothing
from casework.seen import item, scanned
from django.db import connection
from django.test.utils import CaptureQueriesContext

from amparo.casework import browse
from amparo.casework.browse import Filters, facets, listing, notes_with
from amparo.casework.installation import Installation
from amparo.casework.notes import write_note
from amparo.catalogue.models import Case, Category, Content, Item

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return make(tmp_path / "home")


@pytest.fixture
def matter(installation: Installation, tmp_path: Path) -> Case:
    return scanned(installation, case(installation), tmp_path / "tree")


def test_each_facet_narrows_to_what_its_number_says(matter: Case) -> None:
    held = facets(matter)
    assert held.items == Item.objects.filter(case=matter).count() == total(matter, Filters())
    for name, number in held.types:
        assert total(matter, Filters(type=name)) == number
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
    assert every(matter, Filters(lead="picture.damaged", type="image/png", q="dama")) == ["damaged.png"]
    assert total(matter, Filters(lead="match.bank", q="again", outcome="ok", grade="open")) == 1
    assert total(matter, Filters(lead="match.bank", q="again", outcome="failed")) == 0
    source = str(matter.sources.get().uuid)
    assert total(matter, Filters(lead="match.near", type="image/jpeg", source=source)) == 3
    assert total(matter, Filters(type="image/jpeg", source=source)) == total(matter, Filters(type="image/jpeg"))


def test_grades_are_counted_and_narrow(matter: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    shot = item(matter, "camera2.jpg").content
    text = item(matter, "text.txt").content
    assert shot is not None
    assert text is not None
    Content.objects.filter(pk=shot.pk).update(category=Category.OTHER)
    Content.objects.filter(pk=text.pk).update(category=Category.NOT_RELEVANT)
    number = Content.objects.filter(case=matter).count()
    assert facets(matter).grades == [("other", 1), ("not-relevant", 1), ("open", number - 2)]
    with monkeypatch.context() as patch:
        patch.setattr(browse.choices, "MOST", 0)
        assert facets(matter).grades == [("other", 1), ("not-relevant", 1), ("open", None)], "more than is counted"
    assert every(matter, Filters(grade="other")) == ["camera2.jpg"]
    assert len(every(matter, Filters(grade="not-relevant"))) == 2
    held = Item.objects.filter(case=matter, content__isnull=False).count()
    assert total(matter, Filters(grade="open")) == held - 3


def test_outcomes_count_bytes_and_places(matter: Case) -> None:
    Item.objects.filter(pk=item(matter, "camera2.jpg").pk).update(state=3, reason="limit-time")
    content = item(matter, "text.txt").content
    assert content is not None
    type(content).objects.filter(pk=content.pk).update(state=2, reason="encrypted")
    assert every(matter, Filters(outcome="failed")) == every(matter, Filters(outcome="failed:limit-time"))
    assert every(matter, Filters(outcome="failed")) == ["camera2.jpg"]
    assert len(every(matter, Filters(outcome="skipped:encrypted"))) == 2


def test_unknown_values_leave_nothing(matter: Case) -> None:
    wrong = ({"outcome": "lost"}, {"source": "x"}, {"source": "00000000-0000-4000-8000-000000000001"}, {"lead": "x"})
    among = ({"q": "jpg", name: "x"} for name in ("outcome", "source", "lead", "grade", "type"))
    for filters in (*wrong, {"grade": "x"}, {"type": "x"}, {"q": "."}, *among):
        assert total(matter, Filters.of(filters)) == 0, filters
        assert listing(matter, Filters.of(filters)).rows == []


def test_a_source_of_another_case_narrows_nothing_in(installation: Installation, matter: Case, tmp_path: Path) -> None:
    other = scanned(installation, case(installation, "R-2"), tmp_path / "other")
    source = str(other.sources.get().uuid)
    assert total(matter, Filters(source=source)) == 0
    for filters in (Filters(lead="match.near"), Filters(q="jpg"), Filters(grade="open"), Filters(type="image/jpeg")):
        assert {row.item.case_id for row in listing(matter, filters).rows} == {matter.pk}
        assert {row.item.case_id for row in listing(other, filters).rows} == {other.pk}
        assert every(matter, filters) == every(other, filters) != []


def test_words_are_found_in_any_case_and_order(matter: Case) -> None:
    assert every(matter, Filters(q="AGAIN größe")) == ["Ordner/Größe again.txt"]
    assert every(matter, Filters(q="GRO\u0308ßE")) == ["Ordner/Größe again.txt"]  # as macOS writes it
    assert every(matter, Filters(q="camera", type="image/png")) == []
    assert every(matter, Filters(q="folder")) == []  # stands in every stored locator, and in no name
    assert sorted(every(matter, Filters(q="inner zip"))) == ["more.zip!/inner.png"]
    assert sorted(every(matter, Filters(q="model 1"))) == ["camera2.jpg", "camera3.jpg"]  # as the files state
    assert sorted(every(matter, Filters(q="known text"))) == ["text.txt"]  # the name of a Bank


def test_pages_follow_each_other_and_hold_everything_once(matter: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    some = Filters(q="c"), Filters(lead="match.near"), Filters(grade="open"), Filters(type="image/jpeg")
    for filters in (Filters(), *some):
        with monkeypatch.context() as patch:
            found = every(matter, filters)
            assert len(found) == len(set(found)) > 2
            patch.setattr(browse.pages, "SIZE", 2)
            assert every(matter, filters) == found
            for looked_at in (2, 3, 5):
                patch.setattr(browse.pages, "LOOKED_AT", looked_at)
                assert every(matter, filters) == found, (filters, looked_at)


def test_a_search_stops_says_so_and_goes_on(matter: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    filters = Filters(q="jpg", lead="match.near")
    found = every(matter, filters)
    whole = listing(matter, filters)
    assert (whole.stopped, whole.found) == (False, len(found))
    monkeypatch.setattr(browse.pages, "LOOKED_AT", 1)
    first = listing(matter, filters)
    assert (first.looked_at, first.stopped, first.goes_on) == (1, True, True)
    assert every(matter, filters) == found
    assert len(found) == 3


@pytest.mark.parametrize("looked_at", [2, 10_000])
def test_no_statement_walks_through_a_table(matter: Case, monkeypatch: pytest.MonkeyPatch, looked_at: int) -> None:
    """SQLite's plans without statistics, which is how it runs; PostgreSQL's depend on them."""
    if connection.vendor != "sqlite":
        pytest.skip("plans of a small table say nothing here")
    monkeypatch.setattr(browse.pages, "LOOKED_AT", looked_at)
    with CaptureQueriesContext(connection) as captured:
        facets(matter)
        for filters in (
            *(Filters(), Filters(type="image/jpeg"), Filters(q="jpg"), Filters(q="jpg", lead="match.near")),
            *(Filters(lead="match.near"), Filters(lead="picture.properties", grade="open"), Filters(outcome="failed")),
            *(Filters(grade="other"), Filters(outcome="ok", q="camera")),
            Filters(source=str(matter.sources.get().uuid)),
        ):
            listing(matter, filters)
    assert len(captured) > 20
    walks_through_nothing(captured)


def test_notes_of_items_are_searched(installation: Installation, matter: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    row = item(matter, "text.txt")
    write_note(installation, matter, "Looks like the Second letter", row)
    write_note(installation, matter, "second thought on the case")
    assert [note.item_id for note in notes_with(matter, "second")] == [row.pk]
    assert [note.item_id for note in notes_with(matter, "LETTER sec")] == [row.pk]
    assert notes_with(matter, "second text") == []  # holds one of them; its path the other
    assert every(matter, Filters(q="second text")) == ["text.txt"]
    monkeypatch.setattr(browse.notes, "_READ", 1)  # more notes than are read at once: the index is asked
    assert [note.item_id for note in notes_with(matter, "letter")] == [row.pk]
    assert notes_with(matter, "") == []
    assert notes_with(case(installation, "R-2"), "second") == []


def test_filters_take_whatever_an_address_holds() -> None:
    found = Filters.of({"q": "\0 a " + "b" * 500, "type": "image/png", "other": "x"})
    assert found.set == {"type": "image/png", "q": "a " + "b" * 198}
