"""Numbers of the first pages: right, capped, and from a number of queries that does not grow."""

import datetime
from pathlib import Path

import pytest
from casework.installations import case, make
from pytest_django import DjangoAssertNumQueries

from amparo.casework import overview
from amparo.casework.scan import scan
from amparo.catalogue.models import Authority, Case, Category, Content, Member, Review
from amparo.catalogue.review import MOST

NOW = datetime.datetime(2026, 6, 1, 12, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)


def authority(until: datetime.timedelta | None, begun: datetime.timedelta = -DAY) -> Authority:
    return Authority(text="Order", valid_from=NOW + begun, until=None if until is None else NOW + until)


def fill(row: Case, number: int, review: Review, category: Category = Category.OPEN) -> None:
    start = Content.objects.count()
    Content.objects.bulk_create(
        Content(
            case=row, sha256=n.to_bytes(32, "big"), sha1=bytes(20), md5=bytes(16), size=1, media_type="image/png",
            review=review, category=category,
        )
        for n in range(start, start + number)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("untils", "holds", "days", "soon"),
    [
        ([], False, 0, False),
        ([-DAY], False, 0, False),
        ([DAY / 2], True, 1, True),
        ([14 * DAY], True, 14, True),
        ([14 * DAY + DAY / 24], True, 15, False),
        ([DAY, 40 * DAY, -DAY], True, 40, False),
        ([DAY, None], True, 0, False),
    ],
)
def test_the_authority_that_holds_longest_counts(
    untils: list[datetime.timedelta | None], holds: bool, days: int, soon: bool
) -> None:
    found = overview.standing([authority(each) for each in untils], NOW)
    assert (found.holds, found.days, found.soon) == (holds, days, soon)


def test_an_authority_that_has_not_begun_does_not_hold() -> None:
    assert overview.standing([authority(9 * DAY, begun=DAY)], NOW) == overview.Standing(False, None, 0)


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_numbers_are_those_of_the_scans(tmp_path: Path) -> None:
    installation = make(tmp_path / "home")
    row = case(installation)
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "same.txt").write_text("Dear neighbour")
        (folder / f"{name}.txt").write_text(name)
        scan(installation, str(folder), "R-1")
    found = overview.numbers_of(row)
    assert (found.states.ok, found.states.total, found.contents) == (6, 6, 3)
    assert dict(found.types)["text/plain"] == 4
    lines = overview.source_lines(row, None, 9)
    assert [(each.number, each.items, each.contents, each.failed) for each in lines] == [(2, 3, 1, 0), (1, 3, 2, 0)]
    assert overview.source_lines(row, lines[0].row.pk, 9) == lines[1:]
    assert [each.number for each in overview.source_lines(row, None, 1)] == [2]


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_judging_tells_no_category_of_what_waits_for_a_second_person(tmp_path: Path) -> None:
    row = case(make(tmp_path))
    fill(row, 2, Review.DONE, Category.NATIONAL)
    fill(row, 3, Review.SECOND, Category.BASELINE)
    fill(row, 1, Review.DISAGREED, Category.OTHER)
    fill(row, 4, Review.OPEN)
    found = overview.judging_of(row)
    assert found == overview.Judging(done={Category.NATIONAL: 2}, second=3, disagreed=1, open=4, flagged=0)


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_counts_stop_and_lists_take_three_queries(
    tmp_path: Path, django_assert_num_queries: DjangoAssertNumQueries, django_user_model: type
) -> None:
    installation = make(tmp_path)
    rows = [case(installation, f"R-{n}") for n in range(4)]
    fill(rows[1], MOST + 5, Review.OPEN)
    fill(rows[2], 2, Review.OPEN)
    fill(rows[2], 2, Review.DONE)
    user = django_user_model.objects.create(username="ana")  # type: ignore[attr-defined]
    members = [Member(case=each, user=user, role="examiner", since=NOW) for each in rows]
    with django_assert_num_queries(3):
        lines = overview.case_lines(members, NOW)
    assert [line.open for line in lines] == [0, MOST + 1, 2, 0]
