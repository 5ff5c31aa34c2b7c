"""Pages of a Case: what each shows to whom, and what they change."""

import datetime
import re
from pathlib import Path

import pytest
from casework.installations import actions
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from workbench.staff import client, member, new_case, person

from amparo.accounts.models import User
from amparo.accounts.permissions import Role
from amparo.casework.cases import NewAuthority, create_case
from amparo.casework.installation import Installation
from amparo.casework.notes import write_note
from amparo.casework.scan import scan
from amparo.catalogue.models import Authority, Case, Content, Item, Member, Note, Review, Source
from amparo.catalogue.outbox import chain_path
from amparo.evidence.authority import Scope

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
REASON = "Somebody may be in danger tonight."


def text(browser: Client, path: str, status: int = 200) -> str:
    answer = browser.get(path)
    assert answer.status_code == status
    return answer.content.decode()


def worker(
    installation: Installation, case: Case, role: Role = Role.INVESTIGATOR, owner: bool = False
) -> tuple[User, Client, Member]:
    user = person(role)
    return user, client(user), member(installation, case, user, role, owner)


def evidence(installation: Installation, folder: Path, reference: str = "W-1") -> None:
    folder.mkdir(exist_ok=True)
    (folder / "letter-to-a-neighbour.txt").write_text("Dear neighbour")
    scan(installation, str(folder), reference)


def test_home_lists_the_cases_one_is_a_member_of_newest_first(installation: Installation) -> None:
    cases = [new_case(installation, f"CASE-{n}") for n in range(3)]
    user, browser, _ = worker(installation, cases[0], owner=True)
    for row in cases[1:2]:
        member(installation, row, user, Role.INVESTIGATOR)
    shown = re.findall(r"CASE-\d", text(browser, "/").partition("<main")[2])
    assert shown == ["CASE-1", "CASE-0"]


def test_home_forgets_a_case_whose_role_or_membership_has_ended(installation: Installation) -> None:
    for n, end in enumerate(("role", "membership", "glass")):
        case = new_case(installation, f"CASE-{n}")
        user, browser, row = worker(installation, case)
        assert f"CASE-{n}" in text(browser, "/").partition("<main")[2]
        now = datetime.datetime.now(datetime.UTC)
        if end == "role":
            user.grants.update(ended=now)
            user.grants.create(role=Role.EXAMINER, given_by="tests")
        else:
            Member.objects.filter(pk=row.pk).update(**{"ended" if end == "membership" else "until": now})
        assert f"CASE-{n}" not in text(browser, "/").partition("<main")[2]


def test_home_takes_no_more_queries_for_more_cases_and_pages_join(
    installation: Installation, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    user = person(Role.EXAMINER)
    for n in range(27):
        member(installation, new_case(installation, f"CASE-{n:02}"), user, Role.EXAMINER)
    user.notices.update(read=datetime.datetime.now(datetime.UTC))
    browser = client(user)
    with django_assert_max_num_queries(24):
        first = text(browser, "/")
    (more,) = re.findall(r'href="(\?before=\d+)"', first)
    names = re.findall(r"<bdi>(CASE-\d\d)</bdi>", first) + re.findall(
        r"<bdi>(CASE-\d\d)</bdi>", text(browser, f"/{more}")
    )
    assert names == [f"CASE-{n:02}" for n in range(26, -1, -1)]
    assert "CASE-26" in text(browser, "/?before=x")


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR, Role.CUSTODIAN])
def test_who_works_on_no_case_is_told_what_the_role_is_for(role: Role, installation: Installation) -> None:
    new_case(installation, "CASE-0")
    shown = text(client(person(role)), "/")
    assert "This is what your roles are for" in shown
    assert "CASE-0" not in shown
    assert ("/logs/" in shown) == (role is Role.AUDITOR)


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
        ({"reference": ""}, "1 to 200"),
        ({"reference": "a\0\x07b"}, "1 to 200"),
        ({"text": " "}, "needs a text"),
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
    assert answer.status_code == 422
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


def test_members_come_and_go_by_the_hand_of_who_leads(installation: Installation) -> None:
    case = new_case(installation)
    lead, browser, own = worker(installation, case, owner=True)
    ben = person(Role.EXAMINER, name="Ben")
    where = f"/cases/{case.uuid}/members/"
    for username, role, said in (("nobody", "examiner", "Nobody here"), (ben.username, "prosecutor", "does not hold")):
        answer = browser.post(where, {"username": username, "role": role})
        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert username in answer.content.decode()
    assert browser.post(where, {"username": ben.username, "role": "examiner"}).status_code == 302
    row = Member.objects.get(user=ben)
    assert row.given_by == lead.actor
    assert browser.post(f"{where}{row.pk}/end/").status_code == 302
    assert client(ben).get(f"/cases/{case.uuid}/").status_code == 404
    answer = browser.post(f"{where}{own.pk}/end/")
    assert answer.status_code == 422
    assert "Nobody else leads this case" in answer.content.decode()


def test_who_does_not_lead_changes_nothing_also_after_breaking_glass(installation: Installation) -> None:
    case = new_case(installation)
    _, _, own = worker(installation, case, owner=True)
    _, member_browser, _ = worker(installation, case)
    user = person(Role.INVESTIGATOR)
    browser = client(user)
    browser.post("/open-case/", {"reference": "W-1", "role": "investigator", "reason": REASON})
    taken = Member.objects.get(user=user)
    for path, form in (
        ("members/", {"username": user.username, "role": "investigator", "owner": "1"}),
        (f"members/{own.pk}/end/", {}),
        (f"members/{taken.pk}/end/", {}),
        ("two-people/", {"on": "1"}),
    ):
        answer = member_browser.post(f"/cases/{case.uuid}/{path}", form)
        assert answer.status_code == 422, path
        assert "Only who leads this case" in answer.content.decode()
        assert browser.post(f"/cases/{case.uuid}/{path}", form).status_code == 403, path
    form = {"text": "Order", "until": "2030-01-01"}
    assert browser.post(f"/cases/{case.uuid}/authorities/", form).status_code in (403, 404)
    assert case.authorities.count() == 1
    assert Member.objects.filter(ended=None).count() == 3
    case.refresh_from_db()
    assert not case.two_people


def test_a_membership_of_another_case_is_not_ended_from_here(installation: Installation) -> None:
    case, other = new_case(installation), new_case(installation, "OTHER")
    _, browser, _ = worker(installation, case, owner=True)
    _, _, elsewhere = worker(installation, other)
    assert browser.post(f"/cases/{case.uuid}/members/{elsewhere.pk}/end/").status_code == 404
    elsewhere.refresh_from_db()
    assert elsewhere.ended is None


def test_two_people_are_switched_on_and_not_off_while_one_is_waited_for(installation: Installation) -> None:
    case = new_case(installation)
    _, browser, _ = worker(installation, case, owner=True)
    where = f"/cases/{case.uuid}/two-people/"
    assert browser.post(where, {"on": "1"}).status_code == 302
    assert "Two people grade" in text(browser, f"/cases/{case.uuid}/")
    Content.objects.create(
        case=case, sha256=bytes(32), sha1=bytes(20), md5=bytes(16), size=1, media_type="image/png", review=Review.SECOND
    )
    answer = browser.post(where, {"on": "0"})
    assert answer.status_code == 422
    assert "still wait for a second person" in answer.content.decode()


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
