"""The few statements that the writer repeats millions of times, in the form each database runs fastest.

SQLite prepares a statement once and runs it per row; PostgreSQL wants many rows in one statement. Everything else
goes through the ORM.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

_SLICE = 200  # rows per PostgreSQL statement


def insert_many(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], conflict: str = "") -> None:
    """INSERT rows; ``conflict`` is what follows ``ON CONFLICT``."""
    if not rows:
        return
    head = f"INSERT INTO {table} ({', '.join(columns)}) VALUES "  # noqa: S608  # names from this package
    tail = f" ON CONFLICT {conflict}" if conflict else ""
    one = f"({', '.join(['%s'] * len(columns))})"
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(head + one + tail, rows)
            return
        for part in _slices(rows):
            cursor.execute(head + ", ".join([one] * len(part)) + tail, [value for row in part for value in row])


def update_many(table: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]]) -> None:
    """UPDATE rows by ``id``, the last value of each row; ``columns`` are (name, PostgreSQL type)."""
    if not rows:
        return
    names = [name for name, _ in columns]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            assignments = ", ".join(f"{name} = %s" for name in names)
            cursor.executemany(f"UPDATE {table} SET {assignments} WHERE id = %s", rows)  # noqa: S608
            return
        assignments = ", ".join(f"{name} = new.{name}" for name in names)
        one = f"({', '.join([f'%s::{kind}' for _, kind in columns] + ['%s::bigint'])})"
        head = f"UPDATE {table} SET {assignments} FROM (VALUES "  # noqa: S608
        tail = f") AS new ({', '.join(names)}, id) WHERE {table}.id = new.id"
        for part in _slices(rows):
            cursor.execute(head + ", ".join([one] * len(part)) + tail, [value for row in part for value in row])


def insert_new(
    table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], conflict: str, returning: str
) -> list[Any]:
    """INSERT rows that are not there yet; returns (id, ``returning``) of those that were new."""
    if not rows:
        return []
    one = f"({', '.join(['%s'] * len(columns))})"
    found: list[Any] = []
    with connection.cursor() as cursor:
        for part in _slices(rows):
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([one] * len(part))} "  # noqa: S608
                f"ON CONFLICT ({conflict}) DO NOTHING RETURNING id, {returning}",
                [value for row in part for value in row],
            )
            found.extend(cursor.fetchall())
    return found


def _slices(rows: Sequence[Sequence[Any]]) -> Iterable[Sequence[Sequence[Any]]]:
    return (rows[start : start + _SLICE] for start in range(0, len(rows), _SLICE))
