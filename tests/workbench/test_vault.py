"""The Vault in the browser: asked for, given by another person, fetched; released pictures; never another case's."""

import uuid
from pathlib import Path

import pytest
from casework.installations import actions
from casework.pictures import picture
from workbench.staff import client, member, new_case, person

from amparo.accounts.permissions import Role
from amparo.casework import imagery
from amparo.casework.export.portable_sealed import seal_portable
from amparo.casework.installation import Installation
from amparo.casework.scan import scan
from amparo.casework.vault import custodians, objects, openings
from amparo.catalogue.models import Case, CustodianKey, ImageryRelease, Item, VaultOpening

pytestmark = pytest.mark.django_db(transaction=True)
PASSPHRASE = "seven green bottles on a wall"
REASON = "The laboratory asked for the file again."


@pytest.fixture
def case(installation: Installation) -> Case:
    return new_case(installation, "W-1")


@pytest.fixture
def scanned(installation: Installation, case: Case, tmp_path: Path) -> Item:
    """The Item of a picture."""
    (tmp_path / "tree").mkdir()
    picture(1).save(tmp_path / "tree" / "picture.png")
    scan(installation, str(tmp_path / "tree"), case.reference)
    return Item.objects.get(case=case, media_type="image/png")


def test_from_the_first_key_to_the_fetched_bytes(installation: Installation, case: Case) -> None:
    keeper, asking = person(Role.CUSTODIAN, name="Keeper"), person(Role.EXAMINER, name="Asking")
    member(installation, case, asking, Role.EXAMINER)
    keeping, mine = client(keeper), client(asking)
    wrong = keeping.post("/vault/key/", {"passphrase": "short", "again": "short"})
    assert wrong.status_code == 422
    assert "error-summary" in wrong.content.decode()
    assert keeping.post("/vault/key/", {"passphrase": PASSPHRASE, "again": PASSPHRASE}).status_code == 302
    row = objects.put(installation, case, [b"neutral"], objects.CONTENT, "a b.txt")
    where = f"/cases/{case.uuid}/vault/"
    assert "a b.txt" in mine.get(where).content.decode()
    short = mine.post(f"{where}{row.uuid}/ask/", {"reason": "short"})
    assert short.status_code == 422
    assert ">short</textarea>" in short.content.decode()
    assert mine.post(f"{where}{row.uuid}/ask/", {"reason": REASON}).status_code == 302
    opening = VaultOpening.objects.get()
    assert mine.post(f"{where}requests/{opening.pk}/fetch/").status_code == 422
    page = keeping.get("/vault/").content.decode()
    assert all(each in page for each in ("W-1", "a b.txt", "Asking", REASON, "Somebody asks for a sealed object."))
    wrong = keeping.post(f"/vault/requests/{opening.pk}/", {"passphrase": "not this one at all"})
    assert wrong.status_code == 422
    assert "not this one" not in wrong.content.decode()
    assert keeping.post(f"/vault/requests/{opening.pk}/", {"passphrase": PASSPHRASE}).status_code == 302
    assert "was opened for you" in mine.get(where).content.decode()
    answer = mine.post(f"{where}requests/{opening.pk}/fetch/")
    assert b"".join(answer.streaming_content) == b"neutral"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="a-b.txt"'
    assert actions(installation, case)[-1] == "vault.fetched"


def test_what_is_another_persons_or_cases_is_not_there(installation: Installation, case: Case) -> None:
    keeper, one, two = person(Role.CUSTODIAN), person(Role.EXAMINER), person(Role.EXAMINER)
    custodians.make_key(installation, keeper, PASSPHRASE, PASSPHRASE)
    other = new_case(installation, "OTHER")
    for each in (case, other):
        member(installation, each, one, Role.EXAMINER)
        member(installation, each, two, Role.EXAMINER)
    row = objects.put(installation, case, [b"neutral"], objects.CONTENT, "n")
    opening = openings.ask(installation.acting(one.actor), one, row, REASON)
    openings.give(installation, keeper, opening, PASSPHRASE)
    assert client(one).post(f"/cases/{other.uuid}/vault/{row.uuid}/ask/", {"reason": REASON}).status_code == 404
    assert client(one).post(f"/cases/{other.uuid}/vault/requests/{opening.pk}/fetch/").status_code == 404
    assert client(two).post(f"/cases/{case.uuid}/vault/requests/{opening.pk}/fetch/").status_code == 404
    assert client(one).post(f"/cases/{case.uuid}/vault/{uuid.uuid4()}/ask/", {"reason": REASON}).status_code == 404
    row.erased = row.made
    row.save()
    assert client(one).post(f"/cases/{case.uuid}/vault/{row.uuid}/ask/", {"reason": REASON}).status_code == 404
    assert client(keeper).get(f"/vault/requests/{opening.pk}/").status_code == 404


def test_a_custodian_refuses_ends_the_key_and_shares(installation: Installation, case: Case) -> None:
    keeper, new, asking = person(Role.CUSTODIAN), person(Role.CUSTODIAN, name="New one"), person(Role.EXAMINER)
    member(installation, case, asking, Role.EXAMINER)
    custodians.make_key(installation, keeper, PASSPHRASE, PASSPHRASE)
    row = objects.put(installation, case, [b"neutral"], objects.CONTENT, "n")
    browser = client(keeper)
    assert "Custodians without a key" in browser.get("/vault/").content.decode()
    key = custodians.make_key(installation, new, PASSPHRASE, PASSPHRASE)
    assert "New one" in browser.get("/vault/").content.decode()
    given = {"passphrase": PASSPHRASE, "key": [str(key.pk)]}
    assert browser.post("/vault/renewal/", given | {"passphrase": "not this one at all"}).status_code == 422
    assert browser.post("/vault/renewal/", given | {"key": ["999999"]}).status_code == 422
    assert browser.post("/vault/renewal/", given).status_code == 302
    assert key.shares.count() == 1
    opening = openings.ask(installation, asking, row, REASON)
    assert browser.post(f"/vault/requests/{opening.pk}/", {"refuse": "1"}).status_code == 302
    assert "Refused by" in client(asking).get(f"/cases/{case.uuid}/vault/").content.decode()
    assert browser.post("/vault/key/end/").status_code == 302
    assert browser.post("/vault/key/end/").status_code == 422
    assert not CustodianKey.objects.filter(user=keeper, ended=None).exists()
    page = client(new).get("/vault/").content.decode()
    assert "a key that counts no more" in page


def test_a_picture_is_released_by_two_people(installation: Installation, case: Case, scanned: Item) -> None:
    one, two = person(Role.EXAMINER, name="One"), person(Role.INVESTIGATOR, name="Two")
    member(installation, case, one, Role.EXAMINER)
    member(installation, case, two, Role.INVESTIGATOR)
    first, second = client(one), client(two)
    page, where = f"/cases/{case.uuid}/items/{scanned.pk}/", f"/cases/{case.uuid}/released/"
    assert "leaves in no export" in first.get(page).content.decode()
    wrong = first.post(f"{page}release/", {"reason": "short", "recipient": "Court 4"})
    assert wrong.status_code == 422
    assert "Court 4" in wrong.content.decode()
    assert first.post(f"{page}release/", {"reason": REASON, "recipient": "Court 4"}).status_code == 302
    release = ImageryRelease.objects.get()
    assert "nobody has agreed" in first.get(page).content.decode()
    assert first.post(f"{where}{release.pk}/agree/").status_code == 422
    assert second.post(f"{where}{release.pk}/agree/").status_code == 302
    said = first.get(page).content.decode()
    assert "One asked, Two agreed" in said
    assert "May leave" in second.get(where).content.decode()
    assert first.post(f"{where}{release.pk}/end/").status_code == 302
    assert second.post(f"{where}{release.pk}/end/").status_code == 422
    assert "Withdrawn" in second.get(where).content.decode()


def test_that_a_package_stays_sealed_is_said_to_custodian_and_members(
    installation: Installation, case: Case, scanned: Item
) -> None:
    one, two, lead, keeper = (person(Role.EXAMINER), person(Role.EXAMINER), person(Role.INVESTIGATOR, name="Lead"),
                              person(Role.CUSTODIAN))  # fmt: skip
    custodians.make_key(installation, keeper, PASSPHRASE, PASSPHRASE)
    for each in (one, two):
        member(installation, case, each, Role.EXAMINER)
    member(installation, case, lead, Role.INVESTIGATOR, owner=True)
    release = imagery.ask(installation.acting(one.actor), scanned, REASON, "Court 4")
    imagery.agree(installation.acting(two.actor), release)
    assert "Two people released a picture of the case W-1" in client(lead).get("/").content.decode()
    sealed = seal_portable(installation, case.reference, "Court 4")
    opening = openings.ask(installation.acting(one.actor), one, sealed, REASON)
    where, answer = f"/cases/{case.uuid}/vault/", f"/vault/requests/{opening.pk}/"
    assert "stays sealed" not in client(keeper).get(answer).content.decode()
    imagery.withdraw(installation.acting(two.actor), release)
    page = client(keeper).get(answer).content.decode()
    assert "stays sealed" in page
    assert 'type="password"' not in page
    refused = client(keeper).post(answer, {"passphrase": PASSPHRASE})
    assert refused.status_code == 422
    assert "Stays sealed" in client(one).get(where).content.decode()
    assert client(keeper).post(answer, {"refuse": "1"}).status_code == 302


def test_a_release_of_another_case_is_not_there(installation: Installation, case: Case, scanned: Item) -> None:
    other, user = new_case(installation, "OTHER"), person(Role.INVESTIGATOR)
    for each in (case, other):
        member(installation, each, user, Role.INVESTIGATOR)
    browser = client(user)
    given = {"reason": REASON, "recipient": "Court 4"}
    assert browser.post(f"/cases/{other.uuid}/items/{scanned.pk}/release/", given).status_code == 404
    browser.post(f"/cases/{case.uuid}/items/{scanned.pk}/release/", given)
    release = ImageryRelease.objects.get()
    for act in ("agree", "end"):
        assert browser.post(f"/cases/{other.uuid}/released/{release.pk}/{act}/").status_code == 404


@pytest.mark.database
def test_pages_take_the_same_queries_whatever_there_is(
    installation: Installation, case: Case, scanned: Item, django_assert_max_num_queries: object
) -> None:
    keeper, user = person(Role.CUSTODIAN), person(Role.INVESTIGATOR)
    custodians.make_key(installation, keeper, PASSPHRASE, PASSPHRASE)
    member(installation, case, user, Role.INVESTIGATOR)
    for number in range(6):
        row = objects.put(installation, case, [b"n"], objects.CONTENT, str(number))
        openings.ask(installation, user, row, REASON)
        made = ImageryRelease(case=case, content=scanned.content, reason=REASON, recipient="r", asked=row.made)
        made.asked_by, made.withdrawn, made.withdrawn_by = "os:a", row.made, "os:b"
        made.save()
    for browser, where, most in (
        (client(keeper), "/vault/", 22),
        (client(user), f"/cases/{case.uuid}/vault/", 22),
        (client(user), f"/cases/{case.uuid}/released/", 22),
    ):
        with django_assert_max_num_queries(most):  # type: ignore[operator]
            assert browser.get(where).status_code == 200
