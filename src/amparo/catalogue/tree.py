"""What lies below an Item: in a folder, in its folders, in what they contain. By index, to a number."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import connection

from amparo.catalogue.sql import keys_sql

# Folder after folder, the nearest first: both databases stop the recursion where the reader stops.
_BELOW = """
    WITH RECURSIVE below (top, id) AS (
        SELECT id, id FROM catalogue_item WHERE id IN ({keys})
        UNION ALL
        SELECT below.top, inside.id FROM below JOIN catalogue_item AS inside ON inside.parent_id = below.id
    )
"""
_KEYS = _BELOW + "SELECT id FROM below LIMIT %s"
_NUMBERS = _BELOW + "SELECT top, COUNT(*) FROM (SELECT top FROM below LIMIT %s) AS few GROUP BY top"
_AROUND = """
    WITH RECURSIVE around (id, parent) AS (
        SELECT id, parent_id FROM catalogue_item WHERE id IN ({keys})
        UNION
        SELECT outside.id, outside.parent_id
        FROM around JOIN catalogue_item AS outside ON outside.id = around.parent WHERE around.parent > %s
    )
    SELECT id, parent FROM around
"""


def below(key: int, most: int) -> Sequence[int] | None:
    """Keys of the Items below one, in no order; None if they are more than ``most``."""
    found = [row[0] for row in _asked(_KEYS, [key], most + 2)]
    return None if len(found) > most + 1 else [each for each in found if each != key]


def count_below(keys: Collection[int], most: int) -> tuple[Mapping[int, int], bool]:
    """How many Items lie below each, and whether the numbers are whole: the walk stops at ``most`` for all together."""
    if not keys:
        return {}, True
    limit = most + len(keys)
    found = dict(_asked(_NUMBERS, keys, limit + 1))
    whole = sum(found.values()) <= limit
    return {key: max(0, found.get(key, 0) - 1) for key in keys}, whole


def those_below(key: int, keys: Collection[int]) -> set[int]:
    """Those of these Items that lie below one. What lies inside always has the higher key: the walk up ends there."""
    parents = dict(_asked(_AROUND, keys, key))
    known: dict[int, bool] = {key: True}
    for each in sorted(parents):  # parents before what they hold
        if each > key:
            known[each] = known.get(parents[each] or 0, False)
    return {each for each in keys if each != key and known.get(each, False)}


def _asked(statement: str, keys: Collection[int], last: int) -> list[Any]:
    """``last``: the parameter behind the keys."""
    inside, given = keys_sql(keys)
    with connection.cursor() as cursor:
        cursor.execute(statement.format(keys=inside), [*given, last])
        return list(cursor.fetchall())
