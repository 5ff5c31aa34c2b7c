"""Opening a Case, by an Authority or by breaking glass, and its overview: what it shows to whom."""

import datetime
import re
from pathlib import Path

import pytest
from casework.installations import actions
from pytest_django import DjangoAssertNumQueries
from workbench.reading import evidence, text, worker
from workbench.staff import client, new_case, person

from amparo.accounts.permissions import Role
from amparo.casework.cases import NewAuthority, create_case
from amparo.casework.installation import Installation
from amparo.casework.notes import write_note
from amparo.catalogue.models import Authority, Case, Item, Member, Source
from amparo.catalogue.outbox import chain_path
from amparo.evidence.authority import Scope

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
REASON = "Somebody may be in danger tonight."


def test_a_case_is_opened_on_a_page_and_led_by_who_does(installation: Installation, tmp_path: Path) -> None:
    user = person(Role.INVESTIGATOR, Role.EXAMINER)
    browser = client(user)
    form = {
        "reference": "NEW-1",
        "role": "investigator",
        "text": "Order 9",
        "until": "2099-03-31",
        "paths": f"{tmp_path}\n",
    }
    answer = browser.post("/new-case/", form)
    case = Case.objects.get(reference="NEW-1")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/cases/{case.uuid}/")
    row = Authority.objects.get(case=case)
    assert row.until == datetime.datetime(2099, 4, 1, tzinfo=datetime.UTC), "the last day counts"
    assert row.scope == {"paths": [str(tmp_path.resolve()).encode().hex()]}
    assert Member.objects.get(case=case).owner


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"reference": ""}, "Reference: nothing is written here."),
        ({"reference": "a\0\x07b"}, "Reference: character number 2 (U+0007)"),
        ({"text": " "}, "Authority: nothing is written"),
        ({"text": "x" * 5_001}, "at most 5,000"),
        ({"until": "31/03/2027"}, "not a date"),
        ({"until": "9999-12-31"}, "not a date"),
        ({"until": "2020-01-01"}, "passed already"),
        ({"paths": ""}, "needs the folders"),
        ({"paths": "/no/such/folder"}, "not a folder"),
        ({"paths": "evidence"}, "not a full path"),
        ({"paths": "/tmp\n" * 101}, "at most 100"),
        ({"role": "examiner"}, "cannot open a case in this role"),
        ({"role": "emperor"}, "Choose a role"),
    ],
)
def test_a_refused_case_says_why_and_keeps_what_was_typed(
    wrong: dict[str, str], said: str, installation: Installation
) -> None:
    form = {
        "reference": "NEW-1",
        "role": "investigator",
        "text": "Order nine of the court",
        "until": "",
        "paths": "/tmp",
    }
    answer = client(person(Role.INVESTIGATOR, Role.EXAMINER)).post("/new-case/", form | wrong)
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert said in shown
    kept = form["reference"] if "text" in wrong else form["text"]
    assert kept in shown
    assert Case.objects.count() == 0


def test_a_reference_of_others_is_told_to_a_whole_form_only_and_on_record(installation: Installation) -> None:
    new_case(installation, "SECRET-7")
    browser = client(person(Role.INVESTIGATOR))
    form = {"reference": "SECRET-7", "role": "investigator", "text": "Order nine", "until": "", "paths": "/tmp"}
    for _ in range(7):
        for half in ({"text": " "}, {"paths": "/no/such/folder"}):
            answer = browser.post("/new-case/", form | half)
            assert answer.status_code == 422
            assert "exists already" not in answer.content.decode()
    assert "case.refused" not in actions(installation, None)
    answer = browser.post("/new-case/", form)
    assert answer.status_code == 409
    assert "The attempt was recorded" in answer.content.decode()
    assert actions(installation, None)[-1] == "case.refused"
    assert "SECRET-7" not in chain_path(installation.settings.home, None).read_text()
    assert Case.objects.count() == 1


def test_references_cannot_be_guessed_by_opening_cases_either(installation: Installation) -> None:
    new_case(installation, "SECRET-7")
    browser = client(person(Role.INVESTIGATOR))
    form = {"role": "investigator", "text": "Order nine", "until": "", "paths": "/tmp"}
    opened = [browser.post("/new-case/", form | {"reference": f"NEW-{n}"}).status_code for n in range(7)]
    assert opened == [302] * 7, "who opens cases is not hindered"
    taken = [browser.post("/new-case/", form | {"reference": "SECRET-7"}).status_code for _ in range(6)]
    assert taken == [409] * 5 + [429]
    assert browser.post("/new-case/", form | {"reference": "ABSENT-1"}).status_code == 429


def test_glass_is_broken_on_a_page_and_who_leads_reads_the_reason(installation: Installation) -> None:
    case = new_case(installation)
    _, owner, _ = worker(installation, case, owner=True)
    user = person(Role.EXAMINER, name="Ben")
    browser = client(user)
    assert "told your name and your reason" in text(browser, "/open-case/")
    answer = browser.post("/open-case/", {"reference": "W-1", "role": "examiner", "reason": REASON})
    assert answer.headers["Location"] == f"/cases/{case.uuid}/"
    assert "Your access ends" in text(browser, f"/cases/{case.uuid}/")
    shown = text(owner, f"/cases/{case.uuid}/")
    assert REASON in shown.partition("<main")[2]
    assert "Ben" in shown


def test_a_wrong_form_does_not_tell_whether_a_case_exists(installation: Installation) -> None:
    new_case(installation, "THERE")
    browser = client(person(Role.EXAMINER))
    said = []
    for reference in ("THERE", "ABSENT"):
        answer = browser.post("/open-case/", {"reference": reference, "role": "examiner", "reason": "too short"})
        assert answer.status_code == 422
        shown = re.sub(r'(csrfmiddlewaretoken" value="|nonce=")[^"]+', "", answer.content.decode())
        said.append(shown.replace(reference, "REFERENCE"))
    assert said[0] == said[1]
    answer = browser.post("/open-case/", {"reference": "ABSENT\0", "role": "examiner", "reason": REASON})
    assert answer.status_code == 404
    assert "The attempt was recorded" in answer.content.decode()


@pytest.mark.parametrize("role", [Role.SOCIAL_WORKER, Role.PROSECUTOR])
def test_who_may_not_read_items_sees_no_name_of_a_file(role: Role, installation: Installation, tmp_path: Path) -> None:
    folder = tmp_path / "box-from-the-garden"
    folder.mkdir()
    case = create_case(installation, "W-1", NewAuthority("Order 1", scope=Scope.parse({"path": (bytes(folder),)})))
    evidence(installation, folder)
    item = Item.objects.filter(case=case).order_by("pk").last()
    write_note(installation, case, "letter-to-a-neighbour.txt is his", item)
    write_note(installation, case, "The neighbour rings on Monday")
    _, reads, _ = worker(installation, case)
    assert "box-from-the-garden" in text(reads, f"/cases/{case.uuid}/")
    assert "letter-to-a-neighbour" in text(reads, f"/cases/{case.uuid}/notes/")
    _, browser, _ = worker(installation, case, role)
    pages = {
        "": 200,
        "notes/": 200 if role is Role.SOCIAL_WORKER else 403,
        "log/": 200 if role is Role.PROSECUTOR else 403,
    }
    for path, status in pages.items():
        shown = text(browser, f"/cases/{case.uuid}/{path}", status)
        assert "box-from-the-garden" not in shown
        assert "letter-to-a-neighbour" not in shown
    shown = text(browser, f"/cases/{case.uuid}/")
    assert "1 folder and what lies below it" in shown
    assert "Source 1" in shown
    assert ("/triage/" in shown, "/items/" in shown, "/jobs/" in shown) == (False, False, False)
    assert ("/notes/" in shown) == (role is Role.SOCIAL_WORKER)


def test_an_authority_warns_from_fourteen_days_before_its_end(installation: Installation) -> None:
    case = new_case(installation)
    _, browser, _ = worker(installation, case)
    now = datetime.datetime.now(datetime.UTC)
    for left, said in ((13.5, "ends in 14 days"), (14.5, "valid for 15 days"), (-1.0, "No authority holds now")):
        past = now - datetime.timedelta(days=20)
        Authority.objects.update(valid_from=past, until=now + datetime.timedelta(days=left))
        shown = text(browser, f"/cases/{case.uuid}/")
        assert said in shown
        assert ("The newest authority" in shown) == (left < 14)


def test_an_authority_is_added_on_a_page_by_who_leads(installation: Installation) -> None:
    case = new_case(installation)
    _, browser, _ = worker(installation, case, owner=True)
    _, other, _ = worker(installation, case)
    form = {"text": "Order 3", "until": "", "paths": "/tmp"}
    assert other.post(f"/cases/{case.uuid}/authorities/", form).status_code == 422
    assert case.authorities.count() == 1
    assert other.get(f"/cases/{case.uuid}/exposure/").status_code == 403
    form = {"text": "Order 2, renewed", "until": "2099-01-01", "paths": "/tmp"}
    assert browser.post(f"/cases/{case.uuid}/authorities/", form | {"until": "soon"}).status_code == 422
    assert browser.post(f"/cases/{case.uuid}/authorities/", form).status_code == 302
    assert "Order 2, renewed" in text(browser, f"/cases/{case.uuid}/")
    assert actions(installation, case)[-1] == "authority.added"


def test_the_overview_takes_as_many_queries_for_a_large_case(
    installation: Installation, tmp_path: Path, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    case = new_case(installation)
    _, browser, _ = worker(installation, case, owner=True)
    evidence(installation, tmp_path / "one")
    text(browser, f"/cases/{case.uuid}/")
    first = Source.objects.get()
    for n in range(27):
        Source.objects.create(
            case=case, authority=first.authority, opener="folder", root=b"/box-%d" % n, created=first.created
        )
        write_note(installation, case, f"Note {n}")
    with django_assert_max_num_queries(35):
        shown = text(browser, f"/cases/{case.uuid}/")
    (more,) = re.findall(r'href="(\?sources=\d+)', shown)
    assert "Source 28" in shown
    assert "Source 1<" in text(browser, f"/cases/{case.uuid}/{more}")
