"""Pages are ORDER BY rank, key, read from the index, whatever the sizes and ranks."""

import functools
import operator
from pathlib import Path

import pytest
from catalogue.sources import WALKING, new_case, new_source, scan
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from amparo.catalogue.models import Case, Item
from amparo.catalogue.pages import LOWEST, page, pages

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def case(tmp_path: Path) -> Case:
    for number in range(40):
        (tmp_path / f"f{number}").touch()
    made = new_case()
    scan(new_source(tmp_path, made), WALKING)
    scan(new_source(tmp_path), WALKING)  # another case beside it
    ranks = (100, LOWEST, -1, 2**15 - 1, 100, 7)
    for place, item in enumerate(Item.objects.filter(case=made)):
        item.rank = ranks[place % len(ranks)]
        item.save()
    return made


@pytest.mark.parametrize("size", [1, 3, 7, 41, 100])
def test_pages_are_the_ordered_rows(case: Case, size: int) -> None:
    items = Item.objects.filter(case=case)
    found = [[row.pk for row in each] for each in pages(items, size)]
    assert functools.reduce(operator.iadd, found, []) == list(items.order_by("rank", "pk").values_list("pk", flat=True))
    assert all(len(each) == size for each in found[:-1])
    assert len(functools.reduce(operator.iadd, found, [])) == 41


def test_a_page_after_any_row(case: Case) -> None:
    items = Item.objects.filter(case=case)
    order = list(items.order_by("rank", "pk"))
    for place in range(len(order)):
        after = order[place].rank, order[place].pk
        assert list(page(items, after, 5)) == order[place + 1 : place + 6]


def test_pages_are_read_from_the_index(case: Case) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page(Item.objects.filter(case=case), (100, 0), 100)
    assert len(queries) == 2
    for query in queries:
        assert "item_page" in plan(query["sql"])


def plan(statement: str) -> str:
    """How the database would run it. PostgreSQL reads a table of 41 rows whole unless told not to."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
            return " ".join(row[3] for row in cursor.fetchall())
        for way in ("seqscan", "bitmapscan", "sort"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(f"EXPLAIN {statement}")
        return " ".join(row[0] for row in cursor.fetchall())
