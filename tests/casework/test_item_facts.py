"""What is said of one Item: all of it, of this Case only, to this person, in a bounded number of queries."""

from pathlib import Path

import pytest
from casework.installations import case, make
from casework.seen import item, scanned
from workbench.staff import person

from amparo.accounts.permissions import Role
from amparo.casework.grading import grade
from amparo.casework.installation import Installation
from amparo.casework.item_facts import MOST, Facts, facts_of
from amparo.casework.notes import write_note
from amparo.casework.scan import scan
from amparo.catalogue.models import Case

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
NOT_PERTINENT = ["material-not-pertinent"]


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return make(tmp_path / "home")


@pytest.fixture
def matter(installation: Installation, tmp_path: Path) -> Case:
    return scanned(installation, case(installation), tmp_path / "tree")


def of(matter: Case, path: str, actor: str = "os:test") -> Facts:
    found = facts_of(matter, item(matter, path).pk, actor)
    assert found is not None
    return found


def test_leads_are_in_words_with_what_they_rest_on(matter: Case) -> None:
    lead = of(matter, "copies/copy1-0.jpg").leads[0]
    assert lead.finding.kind == "match.near"
    assert "of 256" in lead.words.compared
    assert lead.words.false_if
    assert (lead.finding.stage.analyser, lead.finding.facts["bank_name"]) == ("near_match", "Looks")


def test_other_places_and_alike_pictures(matter: Case) -> None:
    assert [place.path.decode() for place in of(matter, "text.txt").other_places] == ["Ordner/Größe again.txt"]
    group = {f"copies/copy1-{each}.jpg" for each in range(3)}
    for path in group:
        alike = of(matter, path).alike
        assert {each.item for each in alike} == {item(matter, other).pk for other in group - {path}}
        assert sum(each.leads for each in alike) == (of(matter, path).item.content.leader_id is not None)  # type: ignore[union-attr]


def test_what_lies_around_it(matter: Case) -> None:
    assert [place.name for place in of(matter, "more.zip!/inner.png").ancestors] == [b".", b"more.zip"]


def test_times_say_what_they_are_relative_to(matter: Case) -> None:
    for path in ("camera2.jpg", "more.zip!/inner.png"):
        for time in of(matter, path).times:
            assert time.text.endswith(("UTC", "(local, zone unknown)")), time


def test_damage_and_what_was_not_finished_are_there(matter: Case) -> None:
    facts = of(matter, "damaged.png")
    assert ("problem", "truncated") in {each.kind: pairs for each, pairs in facts.findings}["picture.damaged"]


def test_the_second_person_does_not_see_the_first_grade(installation: Installation, matter: Case) -> None:
    Case.objects.filter(pk=matter.pk).update(two_people=True)
    matter.refresh_from_db()
    one, two = person(Role.EXAMINER, name="One"), person(Role.EXAMINER, name="Two")
    content = item(matter, "camera2.jpg").content
    assert content is not None
    grade(installation, one, matter, content, NOT_PERTINENT, "what I think")
    mine, theirs = (of(matter, "camera2.jpg", each.actor) for each in (one, two))
    assert (len(mine.decisions), mine.names[one.actor]) == (1, "One")
    assert (theirs.decisions, theirs.item.content.category) == ([], 0)  # type: ignore[union-attr]
    grade(installation, two, matter, content, NOT_PERTINENT)
    assert len(of(matter, "camera2.jpg", two.actor).decisions) == 2


def test_another_case_has_no_such_item(installation: Installation, matter: Case, tmp_path: Path) -> None:
    other = scanned(installation, case(installation, "R-2"), tmp_path / "other")
    assert facts_of(other, item(matter, "text.txt").pk, "os:test") is None
    facts = of(other, "text.txt")
    assert {place.item.case_id for place in facts.other_places} == {other.pk}


def test_queries_do_not_grow_with_the_case(
    installation: Installation,
    matter: Case,
    tmp_path: Path,
    django_assert_max_num_queries: object,
) -> None:
    def queries() -> int:
        with django_assert_max_num_queries(30) as told:  # type: ignore[operator]
            of(matter, "camera2.jpg")
        return len(told.captured_queries)

    before = queries()
    for number in range(3 * MOST):
        (tmp_path / "tree" / f"more{number}.txt").write_text(str(number))
    for _ in range(3):
        write_note(installation, matter, "a note", item(matter, "camera2.jpg"))
    scan(installation, str(tmp_path / "tree"), matter.reference, again=True)
    item(matter, "camera2.jpg")
    assert abs(queries() - before) <= 3  # the second source has the same bytes at more places
