"""Items in the browser: pages without imagery, objects of one's own cases only, and looks that are written down."""

import io
import json
import re
from pathlib import Path

import pytest
from casework.seen import item, scanned
from django.test import Client
from django.utils import timezone
from PIL import Image
from workbench.staff import client, member, new_case, person

from amparo.accounts.models import User
from amparo.accounts.permissions import Role
from amparo.casework import browse
from amparo.casework.exhibits import Described, add_exhibit
from amparo.casework.installation import Installation
from amparo.casework.pauses import begin_pause
from amparo.catalogue.models import Case, Decision, Note, Reveal
from amparo.catalogue.outbox import chain_path

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
SCRIPT = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def matter(installation: Installation, tmp_path: Path) -> Case:
    return scanned(installation, new_case(installation), tmp_path / "tree")


@pytest.fixture
def user(installation: Installation, matter: Case) -> User:
    user = person(Role.EXAMINER, name="Ana")
    member(installation, matter, user, Role.EXAMINER)
    return user


@pytest.fixture
def browser(user: User) -> Client:
    return client(user)


def at(matter: Case, path: str = "", more: str = "") -> str:
    below = f"{item(matter, path).pk}/" if path else ""
    return f"/cases/{matter.uuid}/items/{below}{more}"


def test_the_list_shows_facts_and_no_imagery(browser: Client, matter: Case) -> None:
    page = browser.get(at(matter)).content.decode()
    assert "copies/copy1-0.jpg" in page
    assert "An altered copy, by its looks" in page
    assert "<img" not in page


def test_filters_stay_in_the_address_and_can_be_cleared(browser: Client, matter: Case) -> None:
    page = browser.get(at(matter), {"type": "image/png", "q": "nothing like it"}).content.decode()
    assert "No item of this case is left by these filters" in page
    assert re.search(r'href="\?q=nothing\+like\+it"', page)
    assert re.search(r'href="\?type=image%2Fpng"', page)
    assert 'value="nothing like it"' in page


def test_what_evidence_states_narrows_the_list(installation: Installation, browser: Client, matter: Case) -> None:
    add_exhibit(installation, matter, Described("E/7", "A disk"), [matter.sources.get().pk])
    page = browser.get(at(matter), {"modified": "2020-02"}).content.decode()
    assert "Maker Model 1" in page
    assert 'href="?modified=2020-02&amp;device=E%2F7"' in page
    folder = item(matter, "copies").pk
    assert f'href="?modified=2020-02&amp;folder={folder}"' in page
    page = browser.get(at(matter), {"folder": str(folder)}).content.decode()
    assert "copies/copy1-0.jpg" in page
    assert "camera2.jpg" not in page
    assert re.search(r'class="chip".*Folder: .*copies', page)
    assert "One folder up" in page
    assert f'href="/cases/{matter.uuid}/items/?folder={folder}"' in browser.get(at(matter, "copies")).content.decode()
    assert "?folder=" not in browser.get(at(matter, "camera2.jpg")).content.decode()
    assert "E/7" in browser.get(at(matter), {"device": "E/7"}).content.decode()


def test_pages_go_on_with_the_filters(browser: Client, matter: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browse.pages, "SIZE", 3)
    page = browser.get(at(matter), {"type": "image/jpeg"}).content.decode()
    found = re.search(r'rel="next" href="(\?type=image%2Fjpeg&amp;after=[0-9.-]+)"', page)
    assert found
    rest = browser.get(at(matter) + found[1].replace("&amp;", "&")).content.decode()
    assert rest.count('class="where"') == 2
    for after in ("x", "1", "99999999.1", "1.99999999999999999999", "\u0661.\u0661"):
        assert browser.get(at(matter), {"after": after}).status_code == 200


def test_a_case_without_items_says_what_to_do(installation: Installation, user: User, browser: Client) -> None:
    empty = new_case(installation, "EMPTY")
    member(installation, empty, user, Role.EXAMINER)
    assert "Nothing was scanned into this case yet" in browser.get(at(empty)).content.decode()


def test_the_list_asks_a_bounded_number_of_questions(
    browser: Client, matter: Case, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: object
) -> None:
    browser.get(at(matter))  # the first request of a session writes it
    numbers = []
    for size in (2, 60):
        monkeypatch.setattr(browse.pages, "SIZE", size)
        with django_assert_max_num_queries(30) as told:  # type: ignore[operator]
            browser.get(at(matter), {"lead": "match.near"})
        numbers.append(len(told.captured_queries))
    assert abs(numbers[0] - numbers[1]) <= 1  # pages that fill up in the first of two ranges save one


def test_who_leads_the_case_comes_from_an_item_to_the_erasure_of_its_content(
    browser: Client, matter: Case, installation: Installation
) -> None:
    content = item(matter, "copies/copy1-0.jpg").content
    assert content is not None
    digest = bytes(content.sha256).hex()
    where = f"/cases/{matter.uuid}/retention/?content={digest}#ask"
    other, leader = person(Role.INVESTIGATOR), person(Role.INVESTIGATOR)
    member(installation, matter, other, Role.INVESTIGATOR)
    member(installation, matter, leader, Role.INVESTIGATOR, owner=True)
    for each in (browser, client(other)):
        assert "/retention/?content=" not in each.get(at(matter, "copies/copy1-0.jpg")).content.decode()
    for more in ("", "panel/"):
        assert f'href="{where}"' in client(leader).get(at(matter, "copies/copy1-0.jpg", more)).content.decode()
    form = client(leader).get(where).content.decode().partition('id="ask"')[2]
    assert f'value="{digest}"' in form
    assert 'value="content" required checked' in form
    assert "/retention/?content=" not in client(leader).get(at(matter, "copies")).content.decode()


def test_the_item_page_and_the_panel_say_the_same_without_imagery(browser: Client, matter: Case) -> None:
    for more in ("", "panel/"):
        page = browser.get(at(matter, "copies/copy1-0.jpg", more)).content.decode()
        for words in ("Not graded", "image/jpeg", "SHA-256", "copies/copy1-0.jpg", " of 256 features", "would make it"):
            assert words in page, (more, words)
        assert "<img" not in page
        assert ("<html" in page) is (more == "")


def test_an_item_with_very_much_written_on_it_shows_the_newest_and_says_so(
    browser: Client, user: User, matter: Case
) -> None:
    row = item(matter, "text.txt")
    now = timezone.now()
    acts = {"case": matter, "labels": ["material-undetermined"], "grades": [], "operator": user.actor, "made": now}
    Note.objects.bulk_create(
        [Note(case=matter, item=row, text=f"Note-{n:03}", author="", made=now) for n in range(160)]
    )
    Decision.objects.bulk_create([Decision(content=row.content, note=f"Act-{n:03}", **acts) for n in range(112)])
    Note.objects.create(case=matter, item=item(matter, "camera2.jpg"), text="Elsewhere", author="", made=now)
    for more in ("", "panel/"):
        page = browser.get(at(matter, "text.txt", more)).content.decode()
        assert re.findall(r"Note-(\d+)", page) == [f"{n:03}" for n in range(60, 160)]
        assert re.findall(r"Act-(\d+)", page) == [f"{n:03}" for n in range(111, 11, -1)]
        assert "Older ones that are not listed: 12" in page
    (older,) = set(re.findall(rf'href="(/cases/{matter.uuid}/notes/\?item=\d+)"', page))
    seen, query = [], ""
    while True:
        page = browser.get(older.partition("?")[0] + (query or f"?{older.partition('?')[2]}")).content.decode()
        seen += re.findall(r"Note-(\d+)", page)
        assert "Elsewhere" not in page
        following = re.search(r'href="(\?item=\d+&amp;before=\d+)"', page)
        if following is None:
            break
        query = following[1].replace("&amp;", "&")
    assert seen == [f"{n:03}" for n in range(159, -1, -1)]
    few = browser.get(at(matter, "camera2.jpg")).content.decode()
    assert "newest 100" not in few
    assert "not listed" not in few


def test_notes_are_written_and_kept_when_refused(browser: Client, matter: Case) -> None:
    where = at(matter, "camera2.jpg", "notes/")
    answer = browser.post(where, {"text": "Seen before in R-7"})
    assert answer.status_code == 302
    assert "Seen before in R-7" in browser.get(answer.headers["Location"]).content.decode()
    refused = browser.post(where, {"text": "long " * 1_001})
    assert refused.status_code == 422
    assert "long long" in refused.content.decode()
    assert Note.objects.count() == 1


def test_who_may_write_notes_and_not_read_items_finds_no_item(installation: Installation, matter: Case) -> None:
    social = person(Role.SOCIAL_WORKER)
    member(installation, matter, social, Role.SOCIAL_WORKER)
    assert client(social).post(at(matter, "camera2.jpg", "notes/"), {"text": "x"}).status_code == 404
    assert not Note.objects.exists()


def shown(browser: Client, matter: Case, path: str = "camera2.jpg") -> dict[str, str]:
    answer = browser.post(at(matter, path, "reveal/"), {"reason": "grade"}, **SCRIPT)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.content
    told: dict[str, str] = json.loads(answer.content)
    return told


def test_a_look_with_script(browser: Client, installation: Installation, matter: Case, user: User) -> None:
    told = shown(browser, matter)
    assert "content.revealed" in chain_path(installation.settings.home, matter.uuid).read_text()
    answer = browser.get(told["picture"])
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Cache-Control"] == "no-store"
    image = Image.open(io.BytesIO(answer.content))
    assert (image.mode, max(image.size) <= 240) == ("L", True)
    assert browser.get(told["picture"]).status_code == 404
    Reveal.objects.update(at="2026-01-01T00:00:00Z")
    assert browser.post(told["seconds"], {"seconds": "4.5"}).status_code == 204
    assert Reveal.objects.get().seconds == 4.5
    for wrong in ("x", "nan", "inf", ""):
        assert browser.post(told["seconds"], {"seconds": wrong}).status_code == 404


def test_a_look_without_script(browser: Client, matter: Case) -> None:
    answer = browser.post(at(matter, "camera2.jpg", "reveal/"), {"reason": "person", "sharp": "1"})
    assert answer.status_code == 302
    page = browser.get(answer.headers["Location"]).content.decode()
    picture = re.search(r'<img src="([^"]+)"', page)
    assert picture
    image = Image.open(io.BytesIO(browser.get(picture[1]).content))
    assert (image.mode, max(image.size) > 240) == ("L", True)
    assert "<img" not in browser.get(answer.headers["Location"]).content.decode()  # it was handed out


def test_what_stands_in_the_way_is_on_the_page(browser: Client, matter: Case, tmp_path: Path) -> None:
    where = at(matter, "damaged.png", "reveal/")
    answer = browser.post(where, {"reason": "lead"})
    assert answer.status_code == 422
    assert "The file is damaged" in answer.content.decode()
    assert '<option value="lead" selected>' in answer.content.decode()
    assert Reveal.objects.count() == 1
    (tmp_path / "tree").rename(tmp_path / "away")
    answer = browser.post(where, {"reason": "lead"}, **SCRIPT)  # type: ignore[arg-type]
    assert answer.status_code == 422
    assert "not connected" in json.loads(answer.content)["message"]
    assert browser.post(where, {"reason": ""}).status_code == 422


def test_a_source_that_goes_away_in_between_is_said(
    browser: Client, installation: Installation, user: User, matter: Case, tmp_path: Path
) -> None:
    from amparo.casework.reveal import reveal

    row = item(matter, "camera2.jpg")
    made = reveal(installation.acting(user.actor), user, matter, row, "grade", False)
    (tmp_path / "tree").rename(tmp_path / "away")
    answer = browser.get(at(matter, "camera2.jpg", f"picture/{made.pk}/"))
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "text/plain; charset=utf-8")


def test_a_look_is_one_persons_in_one_case(
    browser: Client, installation: Installation, user: User, matter: Case, tmp_path: Path
) -> None:
    told = shown(browser, matter)
    colleague = person(Role.EXAMINER)
    member(installation, matter, colleague, Role.EXAMINER)
    assert client(colleague).get(told["picture"]).status_code == 404
    assert client(colleague).post(told["seconds"], {"seconds": "1"}).status_code == 404
    assert f"shown={Reveal.objects.get().pk}" not in told["picture"]
    page = client(colleague).get(at(matter, "camera2.jpg"), {"shown": str(Reveal.objects.get().pk)})
    assert "<img" not in page.content.decode()
    other = new_case(installation, "OTHER")
    member(installation, other, user, Role.EXAMINER)
    for address in (told["picture"], told["seconds"], at(matter, "camera2.jpg"), at(matter, "camera2.jpg", "panel/"),
                    at(matter, "camera2.jpg", "reveal/"), at(matter, "camera2.jpg", "notes/")):  # fmt: skip
        moved = address.replace(str(matter.uuid), str(other.uuid))
        method = browser.post if address.endswith(("reveal/", "notes/", "seconds/")) else browser.get
        assert method(moved, {"reason": "grade", "text": "x", "seconds": "1"}).status_code == 404, address
    assert browser.head(told["picture"]).status_code == 404  # asks for nothing to be handed out
    assert browser.get(told["picture"]).status_code == 200


def test_who_has_had_enough_is_not_shown_anything(
    browser: Client, installation: Installation, user: User, matter: Case
) -> None:
    begin_pause(installation, user, "not-today")
    answer = browser.post(at(matter, "camera2.jpg", "reveal/"), {"reason": "grade"})
    assert answer.status_code == 422
    assert "no more pictures today" in answer.content.decode()
    assert not Reveal.objects.exists()
