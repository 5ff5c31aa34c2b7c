"""Timeline, map, statistics and related items: what pages say, of one's own case only, in few queries."""

from pathlib import Path

import pytest
from casework.stated import stating
from django.test import Client
from workbench.staff import client, member, new_case, person

from amparo.accounts.permissions import Role
from amparo.casework import marked
from amparo.casework.installation import Installation
from amparo.casework.scan import scan
from amparo.catalogue.models import Case, Item

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture
def matter(installation: Installation, tmp_path: Path) -> Case:
    made = new_case(installation)
    scan(installation, str(stating(tmp_path / "tree")), made.reference)
    return made


@pytest.fixture
def browser(installation: Installation, matter: Case) -> Client:
    user = person(Role.EXAMINER)
    member(installation, matter, user, Role.EXAMINER)
    return client(user)


def text(browser: Client, matter: Case, more: str = "", **given: str) -> str:
    answer = browser.get(f"/cases/{matter.uuid}/timeline/{more}", given)
    assert answer.status_code == 200
    return answer.content.decode()


def test_local_times_stand_apart_and_every_time_says_what_it_counts_from(browser: Client, matter: Case) -> None:
    page = text(browser, matter, field="taken", span="2020-05")
    assert page.index("<h2>UTC</h2>") < page.index("<h2>Local time, zone unknown</h2>")
    assert "13:22:10" not in page
    assert "2020-05-18 11:22:11 UTC" in page  # the offset was applied
    page = text(browser, matter, field="taken", span="2020-05", local="1")
    assert "2020-05-17 13:22:10 (local, zone unknown)" in page
    assert "11:22:11" not in page


def test_the_first_field_with_something_is_shown_and_bad_addresses_are_all_of_time(
    browser: Client, matter: Case
) -> None:
    for given in (
        {},
        {"field": "x", "span": "2020-13"},
        {"span": "9999"},
        {"after": "9" * 19 + ".1"},
        {"span": "\u0662\u0660\u0662\u0660"},
    ):
        page = text(browser, matter, **given)
        assert 'aria-current="true">Changed last' in page
        assert "Choose a year" in page


def test_lists_go_on_where_they_stopped(browser: Client, matter: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("amparo.casework.timeline.SIZE", 2)
    monkeypatch.setattr(marked, "SIZE", 2)
    monkeypatch.setattr("amparo.casework.marked.page_of.__defaults__", (2,))
    seen: list[str] = []
    more = "?field=modified&span=2020-09"
    while more:
        page = browser.get(f"/cases/{matter.uuid}/timeline/{more.split('#')[0]}").content.decode()
        seen += [f"IMG_{n}" for n in range(5) if f"IMG_{n}.jpg" in page]
        assert '<span title="image/jpeg">Picture (JPEG)</span>' in page
        more = page.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert seen == [f"IMG_{n}" for n in range(5)]


def test_the_map_names_cells_and_pictures(browser: Client, matter: Case) -> None:
    page = text(browser, matter, "places/")
    assert "40° N, 4° W to 41° N, 3° W" in page
    assert "a statement of the file" in page
    assert "Pictures here: 5." in page
    cell = page.partition('href="?cell=')[2].partition('"')[0]
    page = text(browser, matter, "places/", cell=cell)
    assert "40.4168° N, 3.7038° W, within 5.0 m as stated" in page
    assert "IMG_2.jpg" not in page
    for wrong in ("9.1", "0.648", "x", "1", "-1.5", "0.\u0661"):
        assert browser.get(f"/cases/{matter.uuid}/timeline/places/", {"cell": wrong}).status_code == 404


def test_statistics_have_a_table_for_each_chart(browser: Client, matter: Case) -> None:
    page = text(browser, matter, "statistics/")
    assert page.count("<figure") == page.count("<table") >= 6
    for words in ("State of the work", "Media types", "Grades", "Taken (stated in the picture) (UTC)"):
        assert words in page
    assert 'Picture (JPEG) <bdi class="mono quiet small" dir="ltr">image/jpeg</bdi>' in page
    assert "style=" not in page


def test_an_empty_case_says_so(installation: Installation, browser: Client, matter: Case) -> None:
    empty = new_case(installation, "EMPTY")
    member(installation, empty, matter.members.exclude(user=None).last().user, Role.EXAMINER)  # type: ignore[union-attr]
    assert "No times are known" in text(browser, empty)
    assert "No picture of this case states a place" in text(browser, empty, "places/")
    assert "Nothing was scanned" in text(browser, empty, "statistics/")


def test_related_items_lead_on_and_stay_in_the_case(
    installation: Installation, browser: Client, matter: Case, tmp_path: Path
) -> None:
    row = Item.objects.get(case=matter, tail=b"IMG_0.jpg")
    page = browser.get(f"/cases/{matter.uuid}/items/{row.pk}/").content.decode()
    assert "4 of the same camera (Maker Model 1)" in page
    assert "4 beside it in this folder" in page
    assert "4 of the same minute in this case" in page  # changed, not taken, within one minute
    assert "field=modified&amp;span=2020-09-13T12:27" in page
    for by in ("camera", "folder"):
        assert "IMG_4.jpg" in browser.get(f"/cases/{matter.uuid}/items/{row.pk}/related/{by}/").content.decode()
    assert browser.get(f"/cases/{matter.uuid}/items/{row.pk}/related/other/").status_code == 404
    other = new_case(installation, "OTHER")
    scan(installation, str(tmp_path / "tree"), other.reference)
    theirs = Item.objects.get(case=other, tail=b"IMG_0.jpg")
    assert browser.get(f"/cases/{matter.uuid}/items/{theirs.pk}/related/folder/").status_code == 404
    assert "4 of the same camera" in browser.get(f"/cases/{matter.uuid}/items/{row.pk}/").content.decode()


def test_queries_do_not_grow(
    installation: Installation, browser: Client, matter: Case, tmp_path: Path, django_assert_max_num_queries: object
) -> None:
    addresses = ["", "?field=modified&span=2020-09-13T12", "places/?cell=1.13113", "places/", "statistics/"]

    def queries() -> list[int]:
        numbers = []
        for each in addresses:
            with django_assert_max_num_queries(40) as told:  # type: ignore[operator]
                assert browser.get(f"/cases/{matter.uuid}/timeline/{each}").status_code == 200
            numbers.append(len(told.captured_queries))
        return numbers

    queries()
    before = queries()
    for number in range(40):
        (tmp_path / "tree" / f"more{number}.txt").write_text(str(number))
    scan(installation, str(tmp_path / "tree"), matter.reference, again=True)
    assert queries() == before
