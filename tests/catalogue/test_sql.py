"""The hand-written statements do the same on both databases."""

from pathlib import Path

import pytest
from catalogue.sources import new_case, new_source

from amparo.catalogue.models import Content, Counter
from amparo.catalogue.sql import count_each, delete_many, insert_many, insert_new, update_many

pytestmark = [pytest.mark.django_db, pytest.mark.database]
CONTENT = (
    ("case_id", "bigint"), ("sha256", "bytea"), ("sha1", "bytea"), ("md5", "bytea"), ("size", "bigint"),
    ("media_type", "text"), ("state", "smallint"), ("reason", "text"),
)  # fmt: skip


def row(case: int, n: int) -> tuple[object, ...]:
    return case, n.to_bytes(32, "big"), b"\0" * 20, b"\xff" * 16, 2**50 + n, 'a/"b\\%s{}é', 0, ""


def test_insert_new_tells_only_what_was_new() -> None:
    case, other = new_case().pk, new_case().pk
    rows = [row(case, n) for n in range(501)]  # more than one statement on SQLite
    first = insert_new("catalogue_content", CONTENT, rows, "case_id, sha256", "sha256")
    assert sorted(bytes(sha256) for _, sha256 in first) == [each[1] for each in rows]
    again = [row(case, n) for n in (500, 501)] + [row(other, 0)]
    new = insert_new("catalogue_content", CONTENT, again, "case_id, sha256", "sha256")
    assert sorted(bytes(sha256) for _, sha256 in new) == sorted([row(0, 501)[1], row(0, 0)[1]])  # type: ignore[type-var]
    stored = Content.objects.get(pk=first[0][0])
    assert (stored.media_type, bytes(stored.md5), stored.size >= 2**50) == ('a/"b\\%s{}é', b"\xff" * 16, True)
    assert insert_new("catalogue_content", CONTENT, [], "case_id, sha256", "sha256") == []


def test_update_many_by_id() -> None:
    case = new_case().pk
    keys = [
        key
        for key, _ in insert_new(
            "catalogue_content", CONTENT, [row(case, n) for n in range(4)], "case_id, sha256", "sha256"
        )
    ]
    columns = (("size", "bigint"), ("stages_id", "bigint"), ("reason", "text"))
    update_many("catalogue_content", columns, [(7, None, "x", keys[0]), (8, None, "", keys[2])])
    update_many("catalogue_content", columns, [])
    found = {each.pk: (each.size, each.reason) for each in Content.objects.filter(case=case)}
    assert (found[keys[0]], found[keys[2]]) == ((7, "x"), (8, ""))
    assert found[keys[1]][0] > 2**50


def test_insert_many_with_conflict(tmp_path: Path) -> None:
    source = new_source(tmp_path).pk
    columns = (("source_id", "bigint"), ("name", "text"), ("key", "text"), ("value", "bigint"))
    conflict = "(source_id, name, key) DO UPDATE SET value = catalogue_counter.value + excluded.value"
    for _ in range(3):
        insert_many("catalogue_counter", columns, [(source, "test", "k", 5), (source, "test", "j", -1)], conflict)
    insert_many("catalogue_counter", columns, [])
    found = Counter.objects.filter(source=source, name="test").values_list("key", "value")
    assert dict(found) == {"k": 15, "j": -3}


def test_delete_many_takes_the_rows_with_these_values_only(tmp_path: Path) -> None:
    source = new_source(tmp_path).pk
    columns = (("source_id", "bigint"), ("name", "text"), ("key", "text"), ("value", "bigint"))
    insert_many("catalogue_counter", columns, [(source, "test", key, 5) for key in "abc"])
    delete_many(
        "catalogue_counter", columns[:3], [(source, "test", "a"), (source, "other", "b"), (source, "test", "c")]
    )
    delete_many("catalogue_counter", columns, [])
    assert list(Counter.objects.filter(source=source, name="test").values_list("key", flat=True)) == ["b"]


def test_count_each_stops_at_its_limit(tmp_path: Path) -> None:
    source = new_source(tmp_path).pk
    columns = (("source_id", "bigint"), ("name", "text"), ("key", "text"), ("value", "bigint"))
    insert_many("catalogue_counter", columns, [(source, "test", str(n), n) for n in range(9)])
    asked = [(source, "test", 0), (source, "test", 7), (source, "none", 0)]
    assert count_each("catalogue_counter", "source_id = %s AND name = %s AND value >= %s", asked, 5) == [5, 2, 0]
    assert count_each("catalogue_counter", "value = %s", [], 5) == []
