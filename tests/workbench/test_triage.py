"""The triage page: queues and tiles, acts with and without script, and what the second person may not see."""

import hashlib
import os
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from workbench.staff import client, member, new_case, person

from amparo.accounts.models import User
from amparo.accounts.permissions import Role
from amparo.casework.grading import grade
from amparo.casework.installation import Installation
from amparo.catalogue.models import Case, Content, Decision, Item, Pause, PictureHash, Reveal, Review, Source
from amparo.catalogue.models.items import Lane
from amparo.evidence.item import Locator, Step

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
PART = {"X-Amparo-Part": "1"}


def contents(case: Case, number: int, group: bool = False) -> list[Content]:
    """So many pictures without a file; with ``group`` the first stands for all."""
    made = []
    for each in range(number):
        digest = hashlib.sha256(f"{case.pk} {each}".encode()).digest()
        row = Content.objects.create(
            case=case, sha256=digest, sha1=digest[:20], md5=digest[:16], size=1000 + each, media_type="image/jpeg",
            leader=made[0] if group and made else None,
        )  # fmt: skip
        PictureHash.objects.create(
            content=row, pdq=bytes(32), quality=100, views=b"", group=made[0] if group and made else row
        )
        made.append(row)
    return made


@pytest.fixture
def case(installation: Installation) -> Case:
    return new_case(installation)


@pytest.fixture
def staff(installation: Installation, case: Case) -> Callable[..., User]:
    def make(role: Role = Role.INVESTIGATOR, owner: bool = False, name: str = "") -> User:
        user = person(role, name=name)
        member(installation, case, user, role, owner)
        return user

    return make


def item_of(case: Case) -> Item:
    """A new one at each call, in a Source of its own."""
    digest = os.urandom(32)
    content = Content.objects.create(case=case, sha256=digest, sha1=digest[:20], md5=digest[:16], size=1)
    source = Source.objects.create(
        case=case, authority=case.authorities.get(), opener="folder", root=b"/", created=timezone.now()
    )
    return Item.objects.create(
        case=case, source=source, tail=b"", locator=Locator((Step("file", b"one.jpg"),)).encode(), entry="file",
        origin="allocated", lane=Lane.NONE, size=1, moments="[]", media_type="image/jpeg", content=content,
    )  # fmt: skip


def triage(browser: Client, case: Case, **query: object) -> Any:
    return browser.get(f"/cases/{case.uuid}/triage/", query)


def act(browser: Client, case: Case, content: Content, name: str, part: bool = True, **more: object) -> Any:
    data = {"content": content.pk, "act": name, "queue": "open", **more}
    return browser.post(f"/cases/{case.uuid}/triage/act/", data, headers=PART if part else {})


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_pages_follow_each_other_without_gap_or_repeat(staff: Callable[..., User], case: Case) -> None:
    made = contents(case, 130)
    browser = client(staff())
    after, seen = "", []
    for size in (60, 60, 10):
        page = text(triage(browser, case, queue="all", after=after))
        keys = re.findall(r'id="tile-(\d+)"', page)
        assert len(keys) == size
        seen += keys
        found = re.search(r"after=([-\d]+)\">Next page", page.replace("&amp;", "&"))
        after = found[1] if found else ""
    assert sorted(map(int, seen)) == [row.pk for row in made]
    assert after == ""


@pytest.mark.parametrize("number", [5, 60])
def test_the_number_of_queries_does_not_grow_with_the_tiles(
    number: int, staff: Callable[..., User], case: Case, installation: Installation, django_assert_max_num_queries: Any
) -> None:
    user, other = staff(), staff()
    for row in contents(case, number):
        grade(installation, other, case, row, ["material-undetermined"])
    browser = client(user)
    triage(browser, case, queue="all")
    with django_assert_max_num_queries(34):
        assert text(triage(browser, case, queue="all")).count("<article") == number


@pytest.mark.parametrize("query", [{"queue": "none"}, {"after": "x"}, {"after": "1"}, {"after": "9" * 30 + "-1"}])
def test_addresses_that_are_no_good_are_not_there(
    query: dict[str, str], staff: Callable[..., User], case: Case
) -> None:
    assert triage(client(staff()), case, **query).status_code == 404


def test_a_key_records_labels_and_the_tile_changes(staff: Callable[..., User], case: Case) -> None:
    first, *_ = contents(case, 14, group=True)
    user = staff()
    said = text(act(client(user), case, first, "2"))
    assert "National law, 14 items." in said
    assert "Undo: U." in said
    assert f'id="tile-{first.pk}"' in said
    assert Decision.objects.filter(operator=user.actor).count() == 14
    assert set(Content.objects.values_list("review", flat=True)) == {Review.DONE}
    assert "taken back, 14 items" in text(act(client(user), case, first, "undo"))
    assert set(Content.objects.values_list("review", flat=True)) == {Review.OPEN}


def test_without_script_the_next_one_is_chosen(staff: Callable[..., User], case: Case) -> None:
    first, second = contents(case, 2)
    browser = client(staff())
    page = text(triage(browser, case))
    assert f'name="next" value="{second.pk}"' in page
    answer = act(browser, case, first, "0", part=False, next=second.pk)
    assert answer.status_code == 302
    page = text(browser.get(answer.headers["Location"]))
    assert "Not relevant, 1 item." in page
    assert f'id="tile-{first.pk}"' not in page, "it left the queue"


def test_what_is_refused_says_why_and_keeps_what_was_written(staff: Callable[..., User], case: Case) -> None:
    (row,) = contents(case, 1)
    browser = client(staff())
    answer = act(browser, case, row, "labels", part=False, note="a reason")
    assert answer.status_code == 422
    assert "A decision needs a label." in text(answer)
    assert 'value="a reason"' in text(answer)
    wrong = {"facet-child": "none", "facet-age": "under-13"}
    answer = act(browser, case, row, "labels", **wrong)
    assert (answer.status_code, "exclude each other" in text(answer)) == (422, True)
    assert act(browser, case, row, "nothing").status_code == 422
    assert Decision.objects.count() == 0


@pytest.mark.parametrize("name", ["1", "labels", "undo", "flag", "second", "out"])
def test_what_lies_in_another_case_is_not_there(
    name: str, staff: Callable[..., User], case: Case, installation: Installation
) -> None:
    (theirs,) = contents(new_case(installation, "W-2"), 1)
    browser = client(staff())
    assert act(browser, case, theirs, name).status_code == 404
    assert browser.get(f"/cases/{case.uuid}/triage/{theirs.pk}/").status_code == 404
    assert f'id="tile-{theirs.pk}"' not in text(triage(browser, case, queue="all", at=theirs.pk))
    assert (Decision.objects.count(), Content.objects.filter(flagged=True).count()) == (0, 0)


def test_the_second_person_sees_nothing_of_the_first_grade(
    staff: Callable[..., User], case: Case, installation: Installation
) -> None:
    Case.objects.update(two_people=True)
    case.refresh_from_db()
    rows = contents(case, 3, group=True)
    (alone,) = (Content.objects.create(case=case, sha256=bytes(32), sha1=bytes(20), md5=bytes(16), size=1),)
    first, second = staff(name="Ana First"), staff(name="Ben Second")
    unlike = {}
    for tokens in (["material-not-pertinent"], ["material-abuse-material", "child-real", "age-under-13"]):
        grade(installation, first, case, rows[0], tokens, "telling words")
        browser = client(second)
        pages = {
            **{queue: triage(browser, case, queue=queue) for queue in ("open", "second", "disagreed", "done", "all")},
            "panel": browser.get(f"/cases/{case.uuid}/triage/{rows[0].pk}/"),
            "follower": browser.get(f"/cases/{case.uuid}/triage/{rows[1].pk}/"),
            "part": act(browser, case, rows[0], "flag"),
            "again": act(browser, case, rows[0], "flag"),
        }
        shown = {name: told(text(page)) for name, page in pages.items()}
        for name, page in shown.items():
            assert "Ana First" not in page, name
            assert "telling words" not in page, name
        assert shown == unlike or not unlike, "whatever the first decided, the second sees the same"
        unlike = shown
    mine = told(text(triage(client(first), case, queue="all", at=rows[0].pk)))
    assert "Baseline" in mine
    assert "Waits for another person" in mine
    assert alone.review == Review.OPEN
    act(client(second), case, rows[0], "0")
    page = told(text(triage(client(second), case, queue="disagreed")))
    assert "Ana First" in page, "after one's own"
    assert "Two people differ" in page


def told(page: str) -> str:
    """Without what is new in every answer."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)


def test_who_may_only_read_gets_no_buttons(
    staff: Callable[..., User], case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    from amparo.accounts import permissions
    from amparo.casework import memberships

    reader = frozenset({permissions.Permission.ITEM_READ, permissions.Permission.OWN_ACCOUNT})
    monkeypatch.setattr(memberships, "GRANTS", {**memberships.GRANTS, Role.EXAMINER: reader})
    (row,) = contents(case, 1)
    browser = client(staff(Role.EXAMINER))
    page = text(triage(browser, case))
    assert f'id="tile-{row.pk}"' in page
    assert 'name="act"' not in page
    assert act(browser, case, row, "1").status_code == 403


def test_minutes_of_today_and_a_pause(staff: Callable[..., User], case: Case) -> None:
    user = staff()
    browser = client(user)
    assert "0 of 20 min" in text(triage(browser, case))
    assert browser.post("/pause/", {"kind": "not-today"}).status_code == 302
    assert "Not today" in text(browser.get("/pause/"))
    assert browser.post("/pause/", {"kind": "end"}).status_code == 302
    assert "Take a pause" in text(browser.get("/pause/"))
    assert browser.post("/pause/", {"kind": "for ever"}).status_code == 422
    row = Pause.objects.get(user=user)
    assert row.ended is not None


def test_sums_of_the_team_are_of_this_case_and_name_no_content(
    staff: Callable[..., User], case: Case, installation: Installation
) -> None:
    owner, other = staff(owner=True, name="Ana"), staff(name="Ben")
    elsewhere = new_case(installation, "W-2")
    for where, seconds in ((case, 61.0), (case, None), (elsewhere, 6000.0)):
        item = item_of(where)
        Reveal.objects.create(
            case=where, user=other, item=item, content=item.content, kind="picture", sharp=False, reason="r",
            at=timezone.now(), seconds=seconds,
        )  # fmt: skip
    page = text(client(owner).get(f"/cases/{case.uuid}/exposure/"))
    assert re.search(r"<td>Ben</td><td>2</td><td>2</td>", page)
    assert bytes(item.content.sha256).hex()[:4] not in page
    assert "102 of 20 min" in text(triage(client(other), case)), "one's own, in all cases"
