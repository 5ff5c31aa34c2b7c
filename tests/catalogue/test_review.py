"""The order of review, its queues, and where judging stands."""

import dataclasses
import hashlib
import itertools

import pytest
from catalogue.sources import new_case
from django.db import connection
from django.utils import timezone
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.catalogue.models import Case, Category, Content, Decision, Review
from amparo.catalogue.pages import LOWEST
from amparo.catalogue.review import Queue, category, queue, queue_page, queue_sizes, strongest
from amparo.catalogue.standing import seen, stand

database = [pytest.mark.django_db, pytest.mark.database]
LABELS = {
    Category.BASELINE: ["material-abuse-material", "child-real", "age-under-13"],
    Category.NATIONAL: ["material-abuse-material", "child-real", "age-13-to-17"],
    Category.OTHER: ["material-undetermined"],
    Category.NOT_RELEVANT: ["material-not-pertinent"],
}
_numbers = itertools.count()


@dataclasses.dataclass
class Act:
    """As much of a Decision as counts."""

    operator: str
    labels: list[str]


def acts(told: str) -> list[Act]:
    """``a1 b0``: who, and which category. ``o`` works on the command line, the others have an account."""
    kinds = {"1": Category.BASELINE, "2": Category.NATIONAL, "3": Category.OTHER, "0": Category.NOT_RELEVANT}
    return [Act(who(each[0]), LABELS[kinds[each[1]]]) for each in told.split()]


def who(letter: str) -> str:
    return "os:o" if letter == "o" else f"account:{letter}"


def content(case: Case, rank: int = 100, **more: object) -> Content:
    digest = hashlib.sha256(b"%d" % next(_numbers)).digest()
    return Content.objects.create(
        case=case, sha256=digest, sha1=digest[:20], md5=digest[:16], size=1, rank=rank, **more
    )


@pytest.mark.parametrize(
    ("told", "review", "shown"),
    [
        ("", Review.OPEN, Category.OPEN),
        ("a1", Review.SECOND, Category.OPEN),
        ("a1 a0", Review.SECOND, Category.OPEN),
        ("a1 b1", Review.DONE, Category.BASELINE),
        ("a1 b0", Review.DISAGREED, Category.OPEN),
        ("a1 b0 a0", Review.DONE, Category.NOT_RELEVANT),
        ("a1 b0 b2", Review.DISAGREED, Category.OPEN),
        ("a1 b0 c2", Review.DONE, Category.NATIONAL),
        ("a1 b0 c2 c3", Review.DONE, Category.OTHER),
        ("a1 b0 c2 a3", Review.DISAGREED, Category.OPEN),
        ("a1 b0 c2 a2", Review.DONE, Category.NATIONAL),
        ("a1 b0 c2 a0", Review.DONE, Category.NOT_RELEVANT),
        ("a1 b1 c0", Review.DISAGREED, Category.OPEN),
        ("o1", Review.SECOND, Category.OPEN),
        ("o1 a1", Review.SECOND, Category.OPEN),
        ("a1 o1", Review.SECOND, Category.OPEN),
        ("a1 b1 o0", Review.DONE, Category.BASELINE),
        ("a1 b0 o0", Review.DISAGREED, Category.OPEN),
    ],
)
def test_where_two_people_judge(told: str, review: Review, shown: Category) -> None:
    found = stand(acts(told), two=True)
    assert (found.review, found.category) == (review, shown), told


def test_who_would_settle() -> None:
    apart = stand(acts("a1 b0"), two=True)
    assert [apart.would_settle(who(each)) for each in "abc"] == [False, False, True]
    settled = stand(acts("a1 b0 c2"), two=True)
    assert [settled.would_settle(who(each)) for each in "abcd"] == [False, False, True, False]


def test_where_one_person_is_enough_the_newest_counts() -> None:
    for told, shown in (("a1", Category.BASELINE), ("a1 b0", Category.NOT_RELEVANT), ("a1 b0 c3", Category.OTHER)):
        assert stand(acts(told), two=False).category is shown
        assert stand(acts(told), two=False).review is Review.DONE


@given(st.lists(st.tuples(st.sampled_from("abcdo"), st.sampled_from("1230")), max_size=8))
@settings(max_examples=examples(200))
def test_no_grade_of_one_person_alone_counts_or_shows(told: list[tuple[str, str]]) -> None:
    found = stand(acts(" ".join(map("".join, told))), two=True)
    if len({letter for letter, _ in told} - {"o"}) < 2:
        assert found.review in (Review.OPEN, Review.SECOND)
    assert (found.category is Category.OPEN) == (found.review is not Review.DONE)


def test_categories_of_labels() -> None:
    assert {kind: category(labels) for kind, labels in LABELS.items()} == {kind: kind for kind in LABELS}
    assert category(["material-abuse-material"]) is Category.NATIONAL
    assert category(["child-real", "age-under-13"]) is Category.OTHER


def test_the_strongest_of_several_kinds() -> None:
    assert strongest(["match.near", "match.bank", "picture.properties"]) == "match.bank"
    assert strongest(["match.known_good", "match.near_flat"]) == "match.near_flat"
    assert strongest(["picture.properties"]) is None


class TestQueues:
    pytestmark = database

    def test_pages_by_rank_then_age_without_gap_or_repeat(self) -> None:
        case = new_case()
        for rank in (100, 10, 80, 10, 100, -5, 200):
            content(case, rank)
        content(new_case(), 1)
        seen_rows, after = [], (LOWEST, 0)
        while page := queue_page(queue(case, Queue.ALL), after, 2):
            seen_rows += [(row.rank, row.pk) for row in page]
            after = seen_rows[-1]
        assert [rank for rank, _ in seen_rows] == [-5, 10, 10, 80, 100, 100, 200]
        assert seen_rows == sorted(set(seen_rows))

    def test_followers_stand_behind_their_leader_except_where_flagged(self) -> None:
        case = new_case()
        leader = content(case)
        follower = content(case, leader=leader, flagged=True)
        assert list(queue(case, Queue.ALL)) == [leader]
        assert list(queue(case, Queue.FLAGGED)) == [follower]

    def test_what_waits_for_a_second_person_is_listed_for_others(self) -> None:
        case = new_case()
        row = content(case, review=Review.SECOND)
        judged(row, "account:a")
        assert list(queue(case, Queue.SECOND, "account:a")) == []
        assert list(queue(case, Queue.SECOND, "account:b")) == [row]
        assert queue_sizes(case, "account:b")[Queue.SECOND] == 1
        assert queue_sizes(case, "account:a")[Queue.SECOND] == 0

    @pytest.mark.parametrize("review", Review)
    def test_the_blind_rule(self, review: Review) -> None:
        row = content(new_case(), review=review)
        mine, theirs = judged(row, "account:a"), judged(row, "account:b")
        taken_back = judged(row, "account:b", withdrawn=True)
        shown = list(seen(row.case, "account:a", [row.pk]).order_by("pk"))
        wanted = {
            Review.OPEN: [mine, theirs],
            Review.SECOND: [mine],
            Review.DISAGREED: [mine, theirs, taken_back],
            Review.DONE: [mine, theirs, taken_back],
        }
        assert shown == wanted[review]


def judged(row: Content, operator: str, withdrawn: bool = False) -> Decision:
    now = timezone.now()
    return Decision.objects.create(
        case=row.case, content=row, labels=["material-undetermined"], grades=[], operator=operator, made=now,
        withdrawn=now if withdrawn else None,
    )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.database
def test_the_blind_rule_looks_at_nothing_once_for_each_decision() -> None:
    """Else a group of ten thousand costs a hundred million look-ups."""
    if connection.vendor != "sqlite":
        pytest.skip("SQLite says so in its plans")
    row = content(new_case())
    for found in (seen(row.case, "account:a"), seen(row.case, "account:a", [row.pk])):
        assert "CORRELATED" not in found.explain()
