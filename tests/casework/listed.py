"""Lists of Items as a person pages through them, and the plans of what they ask the database."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from amparo.casework.browse import Filters, Listing, listing
from amparo.catalogue.models import Case


def paths(found: Listing) -> list[str]:
    return [row.path.decode() for row in found.rows]


def every(matter: Case, filters: Filters) -> list[str]:
    """Of all pages."""
    found = listing(matter, filters)
    said = paths(found)
    while found.after is not None:
        found = listing(matter, filters, found.after)
        said += paths(found)
    return said


def total(matter: Case, filters: Filters) -> int:
    return len(every(matter, filters))


def walks_through_nothing(captured: CaptureQueriesContext) -> None:
    """No statement reads a whole table, by SQLite's plans."""
    for query in captured.captured_queries:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}".replace("%", "%%"))
            for *_, step in cursor.fetchall():
                for table in ("item", "content", "finding", "mark"):
                    assert f"SCAN catalogue_{table}" not in step, (step, query["sql"])
                assert "PRIMARY KEY (rowid>" not in step, query["sql"]
