"""Notices: told in words, on every page, until the person they are for has read them."""

import pytest
from django.db import transaction
from django.utils import timezone
from workbench.staff import client, member, new_case, person

from amparo.accounts.permissions import Role
from amparo.casework.installation import Installation
from amparo.casework.members import break_glass
from amparo.casework.notices import tell
from amparo.catalogue.models import Notice
from amparo.evidence.errors import BadInput

pytestmark = pytest.mark.django_db(transaction=True)


def test_broken_glass_is_told_in_words_until_it_was_read(installation: Installation) -> None:
    owner, other = person(Role.INVESTIGATOR), person(Role.EXAMINER, name="Bela")
    case = new_case(installation, "W-7")
    member(installation, case, owner, Role.INVESTIGATOR, owner=True)
    break_glass(installation.acting(other.actor), other, "W-7", Role.EXAMINER, "The owner cannot be reached <tonight>")
    browser = client(owner)
    shown = " ".join(browser.get("/").content.decode().split())
    assert "You are now a member of the case W-7, as Investigator." in shown
    assert "Bela opened the case W-7 without being a member of it, as Examiner, for 24 hours." in shown
    assert "The owner cannot be reached &lt;tonight&gt;" in shown
    for notice in owner.notices.all():
        answer = browser.post(f"/notices/{notice.pk}/read/", {"back": "/account/second-factor/webauthn/"})
        assert answer.headers["Location"] == "/account/second-factor/webauthn/"
    assert "W-7, as" not in browser.get("/account/second-factor/webauthn/").content.decode()
    assert owner.notices.filter(read=None).count() == 0


def test_only_ones_own_notices_can_be_read(installation: Installation) -> None:
    owner = person(Role.INVESTIGATOR)
    member(installation, new_case(installation), owner, Role.INVESTIGATOR)
    notice = Notice.objects.get()
    assert client(person(Role.INVESTIGATOR)).post(f"/notices/{notice.pk}/read/").status_code == 404
    notice.refresh_from_db()
    assert notice.read is None


@pytest.mark.parametrize("back", ["https://other.example/", "//other.example/", "javascript:alert(1)", ""])
def test_the_way_back_stays_here(back: str, installation: Installation) -> None:
    owner = person(Role.INVESTIGATOR)
    member(installation, new_case(installation), owner, Role.INVESTIGATOR)
    answer = client(owner).post(f"/notices/{Notice.objects.get().pk}/read/", {"back": back})
    assert answer.headers["Location"] == "/"


def test_an_auditor_reads_neither_reference_nor_reason(installation: Installation) -> None:
    auditor, user = person(Role.AUDITOR), person(Role.EXAMINER, name="Bela")
    case = new_case(installation, "W-SECRET")
    for _ in range(2):
        break_glass(installation.acting(user.actor), user, "W-SECRET", Role.EXAMINER, "The owner cannot be reached")
    with pytest.raises(BadInput):
        break_glass(installation.acting(user.actor), user, "W-OTHER", Role.EXAMINER, "The owner cannot be reached")
    shown = " ".join(client(auditor).get("/").content.decode().split())
    assert f"Bela opened the case {case.uuid}" in shown
    assert "2 times" in shown
    assert "Bela tried to open a case by a reference that no case has" in shown
    for words in ("W-SECRET", "W-OTHER", "cannot be reached"):
        assert words not in shown


@pytest.mark.parametrize(
    "kind",
    [
        "glass.broken", "glass.refused", "administrator.ended", "member.added", "task.assigned", "erasure.asked",
        "erasure.done", "reset.asked", "reset.agreed", "account.reset", "vault.asked", "vault.given",
        "imagery.released", "export.disclosed",
    ],
)  # fmt: skip
def test_what_was_told_again_says_how_often(kind: str, installation: Installation) -> None:
    reader, case, now = person(Role.INVESTIGATOR), new_case(installation, "W-7"), timezone.now()
    facts: dict[str, str | int] = {"person": "Bela", "uuid": str(reader.uuid), "by": "Kim", "role": "examiner"}
    facts["number"] = 1
    for times in (1, 2):
        with transaction.atomic():
            tell([reader.pk], kind, facts, now, case)
        shown = client(reader).get("/").content.decode()
        assert kind not in shown, "it is told in words"
        assert ("2 times since you last read this" in shown) is (times == 2)
    assert reader.notices.count() == 1


def test_no_page_grows_with_the_number_of_notices(installation: Installation) -> None:
    user = person(Role.INVESTIGATOR)
    case = new_case(installation, "W-7")
    for n in range(30):
        Notice.objects.create(user=user, case=case, kind=f"kind-{n}.", facts={}, made=timezone.now())
    browser = client(user)
    shown = browser.get("/").content.decode()
    assert [f"kind-{n}." in shown for n in range(30)] == [False] * 20 + [True] * 10, "the newest"
    assert "Older notices wait" in shown
    for notice in user.notices.order_by("-pk")[:20]:
        browser.post(f"/notices/{notice.pk}/read/")
    shown = browser.get("/").content.decode()
    assert "kind-0." in shown
    assert "Older notices wait" not in shown
