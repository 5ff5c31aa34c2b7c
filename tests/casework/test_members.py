"""Who comes to a Case, and how they leave it."""

from pathlib import Path

import pytest
from casework.installations import actions, make
from django.db import transaction
from django.utils import timezone
from workbench.staff import client, new_case, person

from amparo.accounts.models import RoleGrant, User
from amparo.accounts.permissions import Role
from amparo.casework import members
from amparo.casework.cases import NewAuthority
from amparo.casework.installation import Installation
from amparo.casework.notices import about, read_notice, tell
from amparo.catalogue.models import Case, Content, Member, Notice, OutboxEvent, Review
from amparo.catalogue.outbox import chain_path
from amparo.evidence.custody import verify
from amparo.evidence.errors import BadInput

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
REASON = "Somebody may be in danger tonight."


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return make(tmp_path / "home")


def content(case: Case, review: Review) -> Content:
    return Content.objects.create(
        case=case, sha256=bytes([review]) * 32, sha1=bytes(20), md5=bytes(16), size=1, media_type="image/png",
        review=review,
    )  # fmt: skip


def led(installation: Installation, reference: str = "W-1") -> tuple[User, Case]:
    """Somebody, and a Case that they opened."""
    user = person(Role.INVESTIGATOR)
    acting = installation.acting(user.actor)
    return user, members.open_case(acting, user, Role.INVESTIGATOR, reference, NewAuthority("Order 1"))


def test_who_opens_a_case_leads_it(installation: Installation) -> None:
    user, case = led(installation)
    (row,) = Member.objects.all()
    assert (row.case, row.user, row.role, row.owner, row.given_by) == (case, user, "investigator", True, user.actor)
    assert actions(installation, case) == ["case.created", "authority.added", "member.added"]


@pytest.mark.parametrize("role", [Role.EXAMINER, Role.HOTLINE_ANALYST, Role.ADMINISTRATOR])
def test_a_case_is_opened_in_no_role_that_is_not_held_or_may_not(role: Role, installation: Installation) -> None:
    user = person(Role.EXAMINER, Role.ADMINISTRATOR)
    with pytest.raises(BadInput, match="cannot open"):
        members.open_case(installation, user, role, "W-1", NewAuthority("Order 1"))
    assert Case.objects.count() == 0


def test_a_case_that_cannot_be_opened_leaves_nothing_and_no_custody_entry(installation: Installation) -> None:
    user, _ = led(installation)
    before = chain_path(installation.settings.home, None).read_bytes()
    for reference in ("W-1", "W-2"):
        with pytest.raises(BadInput, match="Authority"):
            members.open_case(installation, user, Role.INVESTIGATOR, reference, NewAuthority(" "))
    assert (Case.objects.count(), Member.objects.count(), OutboxEvent.objects.count()) == (1, 1, 0)
    assert chain_path(installation.settings.home, None).read_bytes() == before


def test_whoever_learns_that_a_reference_is_taken_is_on_record(installation: Installation) -> None:
    user, _ = led(installation)
    before = actions(installation, None)
    with pytest.raises(BadInput, match="exists already"):
        members.open_case(installation, user, Role.INVESTIGATOR, "W-1", NewAuthority("Order 1"))
    assert actions(installation, None) == [*before, "case.refused"]
    assert (Case.objects.count(), Member.objects.count(), OutboxEvent.objects.count()) == (1, 1, 0)


def test_only_who_leads_may_change_members(installation: Installation) -> None:
    _, case = led(installation)
    other = members.add_member(installation, case, person(Role.INVESTIGATOR), Role.INVESTIGATOR)
    taken = members.break_glass(installation, person(Role.INVESTIGATOR), "W-1", Role.INVESTIGATOR, REASON)
    for row in (other, taken, None):
        with pytest.raises(BadInput, match="Only who leads"):
            members.check_leads(row)
    members.check_leads(Member.objects.get(owner=True))


def test_the_last_who_leads_stays_also_if_another_was_deactivated(installation: Installation) -> None:
    user, case = led(installation)
    other = person(Role.INVESTIGATOR)
    second = members.add_member(installation, case, other, Role.INVESTIGATOR, owner=True)
    other.is_active = False
    other.save()
    first = Member.objects.get(user=user)
    with pytest.raises(BadInput, match="Nobody else leads"):
        members.end_member(installation, first)
    members.end_member(installation, second)
    with pytest.raises(BadInput, match="ended already"):
        members.end_member(installation, second)
    assert list(Member.objects.filter(ended=None)) == [first]


def test_broken_glass_lasts_a_day_and_is_told_to_who_leads(installation: Installation) -> None:
    owner, case = led(installation)
    user = person(Role.EXAMINER, name="Ben")
    row = members.break_glass(installation.acting(user.actor), user, " W-1 ", Role.EXAMINER, f"  {REASON} ")
    assert row.until is not None
    assert row.until - row.since == members.BROKEN
    assert (row.reason, row.owner) == (REASON, False)
    (notice,) = Notice.objects.filter(user=owner)
    assert notice.kind == "glass.broken"
    told = {"person": "Ben", "role": "examiner", "reason": REASON, "uuid": str(user.uuid), "times": 1}
    assert notice.facts == told
    assert actions(installation, case)[-1] == "glass.broken"
    assert REASON not in chain_path(installation.settings.home, case.uuid).read_text()


def test_what_is_wrong_with_the_form_is_said_before_a_case_is_looked_for(installation: Installation) -> None:
    led(installation)
    user = person(Role.EXAMINER, Role.PROSECUTOR)
    said = []
    for reference in ("W-1", "W-none"):
        for role, reason in ((Role.EXAMINER, "too short"), (Role.INVESTIGATOR, REASON), (Role.PROSECUTOR, REASON)):
            with pytest.raises(BadInput) as refused:
                members.break_glass(installation, user, reference, role, reason)
            said.append(refused.value.message)
    assert said[:3] == said[3:]
    assert not Member.objects.filter(user=user).exists()


def test_guessing_a_reference_leaves_a_trace_without_the_words(installation: Installation) -> None:
    user = person(Role.EXAMINER)
    with pytest.raises(BadInput, match="No case has this reference"):
        members.break_glass(installation.acting(user.actor), user, "W-none", Role.EXAMINER, REASON)
    assert actions(installation, None)[-1] == "glass.refused"
    assert "W-none" not in chain_path(installation.settings.home, None).read_text()


def test_a_member_does_not_break_glass_and_a_second_time_begins_anew(installation: Installation) -> None:
    owner, _ = led(installation)
    with pytest.raises(BadInput, match="member of this case already"):
        members.break_glass(installation, owner, "W-1", Role.INVESTIGATOR, REASON)
    user = person(Role.EXAMINER)
    first = members.break_glass(installation, user, "W-1", Role.EXAMINER, REASON)
    second = members.break_glass(installation, user, "W-1", Role.EXAMINER, REASON)
    first.refresh_from_db()
    assert first.ended is not None
    assert list(Member.objects.filter(user=user, ended=None)) == [second]


def test_membership_takes_the_place_of_broken_glass(installation: Installation) -> None:
    _, case = led(installation)
    user = person(Role.EXAMINER)
    members.break_glass(installation, user, "W-1", Role.EXAMINER, REASON)
    row = members.add_member(installation, case, user, Role.EXAMINER)
    assert list(Member.objects.filter(user=user, ended=None)) == [row]
    assert row.until is None


@pytest.mark.parametrize("review", [Review.SECOND, Review.DISAGREED])
def test_two_people_stay_asked_for_while_one_is_waited_for(review: Review, installation: Installation) -> None:
    _, case = led(installation)
    members.set_two_people(installation, case, True)
    waiting = content(case, review)
    with pytest.raises(BadInput, match="wait for a second"):
        members.set_two_people(installation, case, False)
    waiting.review = Review.DONE
    waiting.save()
    members.set_two_people(installation, case, False)
    members.set_two_people(installation, case, False)
    assert not Case.objects.get().two_people
    assert actions(installation, case)[-2:] == ["two_people.set", "two_people.set"], "a change each, no more"
    verify(chain_path(installation.settings.home, case.uuid))


def test_a_person_is_found_by_user_name_while_active(installation: Installation) -> None:
    user = person(Role.EXAMINER)
    assert members.find_person(f" {user.username} ") == user
    user.is_active = False
    user.save()
    for name in (user.username, "", "nobody"):
        with pytest.raises(BadInput, match="Nobody here"):
            members.find_person(name)


def test_nobody_becomes_member_in_a_role_without_cases_or_not_held(installation: Installation) -> None:
    case = new_case(installation)
    user = person(Role.EXAMINER, Role.AUDITOR)
    for role in (Role.AUDITOR, Role.INVESTIGATOR):
        with pytest.raises(BadInput):
            members.add_member(installation, case, user, role)
    assert not Member.objects.exists()


def test_glass_broken_again_and_again_is_one_notice_until_it_was_read(installation: Installation) -> None:
    owner, case = led(installation)
    user, namesake = person(Role.EXAMINER, name="Ben"), person(Role.EXAMINER, name="Ben")
    for n in range(3):
        members.break_glass(installation.acting(user.actor), user, "W-1", Role.EXAMINER, f"{REASON} {n}")
    members.break_glass(installation.acting(namesake.actor), namesake, "W-1", Role.EXAMINER, REASON)
    first, second = owner.notices.order_by("pk")
    assert (first.facts["reason"], first.facts["times"]) == (f"{REASON} 2", 3)
    assert (second.facts["uuid"], second.facts["times"]) == (str(namesake.uuid), 1)
    assert actions(installation, case).count("glass.broken") == 4, "each is on record"
    read_notice(owner, first.pk)
    members.break_glass(installation.acting(user.actor), user, "W-1", Role.EXAMINER, REASON)
    assert owner.notices.filter(read=None).count() == 2


def test_auditors_are_told_of_guesses_once_and_without_words(installation: Installation) -> None:
    auditor, user = person(Role.AUDITOR), person(Role.EXAMINER, name="Ben")
    for n in range(4):
        with pytest.raises(BadInput):
            members.break_glass(installation.acting(user.actor), user, f"W-{n}", Role.EXAMINER, REASON)
    (notice,) = auditor.notices.all()
    assert (notice.kind, notice.case) == ("glass.refused", None)
    assert notice.facts == {"person": "Ben", "uuid": str(user.uuid), "times": 4}


def test_auditors_are_told_of_broken_glass_by_the_identifier_of_the_case(installation: Installation) -> None:
    case = new_case(installation)
    auditor, user = person(Role.AUDITOR), person(Role.EXAMINER, name="Ben")
    members.break_glass(installation.acting(user.actor), user, "W-1", Role.EXAMINER, REASON)
    (notice,) = auditor.notices.all()
    assert notice.case is None
    assert notice.facts == {
        "person": "Ben", "uuid": str(user.uuid), "role": "examiner", "case": str(case.uuid), "times": 1
    }  # fmt: skip


def test_who_lost_the_role_does_not_lead(installation: Installation) -> None:
    """They cannot open the Case, so nothing may rest on them."""
    owner, case = led(installation)
    second, other = person(Role.INVESTIGATOR), person(Role.EXAMINER)
    members.add_member(installation, case, second, Role.INVESTIGATOR, owner=True)
    helper = members.add_member(installation, case, other, Role.EXAMINER)
    RoleGrant.objects.filter(user=second).update(ended=timezone.now())
    with pytest.raises(BadInput, match="Nobody else leads"):
        members.end_member(installation, Member.objects.get(user=owner))
    RoleGrant.objects.filter(user=owner).update(ended=timezone.now())
    guest = person(Role.EXAMINER)
    members.break_glass(installation.acting(guest.actor), guest, "W-1", Role.EXAMINER, REASON)
    told = Notice.objects.filter(kind="glass.broken").values_list("user", flat=True)
    assert list(told) == [helper.user_id], "members are, where nobody leads"
    RoleGrant.objects.filter(user=other).update(ended=timezone.now())
    auditor = person(Role.AUDITOR)
    members.break_glass(installation.acting(guest.actor), guest, "W-1", Role.EXAMINER, REASON)
    assert auditor.notices.count() == 1, "auditors are, where no member can open it"


def test_notices_of_one_thing_are_one_until_it_was_read(installation: Installation) -> None:
    reader, person_a, admin, namesake = (person(name=name) for name in ("Rea", "Ana", "Kim", "Kim"))
    now = timezone.now()
    for by in (admin, namesake, admin):
        with transaction.atomic():
            tell({reader.pk}, "account.reset", about(person_a, by.actor), now)
    assert [row.facts["times"] for row in reader.notices.order_by("pk")] == [2, 1], "two of one name are two"
    page = client(reader).get("/").content.decode()
    assert page.count("2 times since you last read this") == 1
