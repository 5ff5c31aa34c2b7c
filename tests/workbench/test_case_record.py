"""What a Case has to read: its notes, and its custody log in words."""

import re

import pytest
from workbench.reading import text, worker
from workbench.staff import client, member, new_case, person

from amparo.accounts.permissions import Role
from amparo.casework.installation import Installation
from amparo.catalogue.models import Note
from amparo.catalogue.outbox import chain_path

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def test_notes_are_written_by_name_newest_first_and_never_changed(installation: Installation) -> None:
    case = new_case(installation)
    user, browser, _ = worker(installation, case, Role.SOCIAL_WORKER)
    user.name = "Ana <Smith>"
    user.save()
    where = f"/cases/{case.uuid}/notes/"
    for n in range(52):
        assert browser.post(where, {"text": f"note {n:02}"}).status_code == 302
    shown = text(browser, where)
    assert "Ana &lt;Smith&gt;" in shown
    names = re.findall(r"note \d\d", shown)
    (more,) = re.findall(r'href="(\?before=\d+)"', shown)
    assert names + re.findall(r"note \d\d", text(browser, where + more)) == [f"note {n:02}" for n in range(51, -1, -1)]
    answer = browser.post(where, {"text": " "})
    assert answer.status_code == 422
    assert Note.objects.count() == 52


def test_the_log_names_people_and_says_what_they_did(installation: Installation) -> None:
    case = new_case(installation)
    user, browser, _ = worker(installation, case, Role.PROSECUTOR)
    user.name = "Ana Smith"
    user.save()
    member(installation.acting(user.actor), case, person(Role.EXAMINER, name="Ben"), Role.EXAMINER)
    installation.recorder(case).record("never.heard_of", {"labels": "0123456789abcdef"})
    shown = text(browser, f"/cases/{case.uuid}/log/")
    for words in ("Ana Smith", "Added a member: <bdi>Ben", "Created the case", "never.heard_of", "Order of a court"):
        assert words in shown
    assert "0123456789abcdef" not in shown, "a digest of labels tells a grade"


def test_pages_of_the_log_join(installation: Installation) -> None:
    case = new_case(installation)
    _, browser, _ = worker(installation, case)
    for n in range(120):
        installation.recorder(case).record("note.written", {"note": n})
    where, numbers = f"/cases/{case.uuid}/log/", []
    path = where
    while True:
        shown = text(browser, path)
        numbers += [int(each) for each in re.findall(r'scope="row"[^>]*>(\d+)</th>', shown)]
        more = re.findall(r'href="(\?before=\d+)"', shown)
        if not more:
            break
        path = where + more[0]
    assert numbers == list(range(123, 0, -1))


def test_verifying_says_intact_and_later_that_it_is_not(installation: Installation) -> None:
    case = new_case(installation)
    _, browser, _ = worker(installation, case)
    where = f"/cases/{case.uuid}/log/"
    assert browser.post(where + "verify/").status_code == 302
    shown = text(browser, where)
    assert "The log is intact." in shown
    assert installation.sealer.fingerprint in shown
    assert "Custody log intact, checked" in text(browser, f"/cases/{case.uuid}/"), "the bar remembers"
    path = chain_path(installation.settings.home, case.uuid)
    path.write_bytes(path.read_bytes().replace(b"member.added", b"member.ended"))
    browser.post(where + "verify/")
    shown = text(browser, where)
    assert "The log is not intact." in shown
    assert "Custody log not intact, checked" in shown
    _, other, _ = worker(installation, new_case(installation, "OTHER"))
    assert "checked" not in text(other, "/").partition("<main")[0]


def test_an_auditor_sees_every_chain_and_no_reference(installation: Installation) -> None:
    cases = [new_case(installation, f"NAMED-{n}") for n in range(52)]
    browser = client(person(Role.AUDITOR))
    shown = text(browser, "/logs/")
    (more,) = re.findall(r'href="(\?before=\d+)"', shown)
    both = shown + text(browser, f"/logs/{more}")
    assert all(str(each.uuid) in both for each in cases)
    assert "NAMED" not in both
    assert both.count("The installation<") == 1
    for chain, said in ((str(cases[-1].uuid), "Intact"), ("", "Intact")):
        assert browser.post("/logs/verify/", {"chain": chain}).status_code == 302
        assert said in text(browser, "/logs/")
    for chain in ("nonsense", "00000000-0000-4000-8000-000000000000"):
        assert browser.post("/logs/verify/", {"chain": chain}).status_code == 422
    assert browser.get(f"/cases/{cases[0].uuid}/log/").status_code == 404
