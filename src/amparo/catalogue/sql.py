"""The few statements that the writer repeats millions of times, in the form each database runs fastest.

SQLite prepares a statement once and runs it per row; PostgreSQL is given one array per column, so that the statement
stays short however many rows there are. Everything else goes through the ORM. Columns are (name, PostgreSQL type).
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection

Columns = Sequence[tuple[str, str]]
Rows = Sequence[Sequence[Any]]

_RETURNED = 200  # rows of an INSERT ... RETURNING on SQLite, which executemany() cannot give


def insert_many(table: str, columns: Columns, rows: Rows, conflict: str = "") -> None:
    """INSERT rows; ``conflict`` is what follows ``ON CONFLICT``."""
    if not rows:
        return
    head = f"INSERT INTO {table} ({_names(columns)}) "  # names from this package
    tail = f" ON CONFLICT {conflict}" if conflict else ""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(f"{head}VALUES {_marks(columns)}{tail}", rows)
        else:
            cursor.execute(f"{head}SELECT * FROM {_unnest(columns)}{tail}", _by_column(rows))  # noqa: S608


def update_many(table: str, columns: Columns, rows: Rows) -> None:
    """UPDATE rows by ``id``, the last value of each row."""
    if not rows:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            assignments = ", ".join(f"{name} = %s" for name, _ in columns)
            cursor.executemany(f"UPDATE {table} SET {assignments} WHERE id = %s", rows)  # noqa: S608
            return
        assignments = ", ".join(f"{name} = new.{name}" for name, _ in columns)
        columns = (*columns, ("id", "bigint"))
        cursor.execute(
            f"UPDATE {table} SET {assignments} FROM {_unnest(columns)} AS new ({_names(columns)}) "  # noqa: S608
            f"WHERE {table}.id = new.id",
            _by_column(rows),
        )


def insert_new(table: str, columns: Columns, rows: Rows, conflict: str, returning: str) -> list[Any]:
    """INSERT rows that are not there yet; returns (id, ``returning``) of those that were new."""
    found: list[Any] = []
    head = f"INSERT INTO {table} ({_names(columns)}) "
    tail = f" ON CONFLICT ({conflict}) DO NOTHING RETURNING id, {returning}"
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for start in range(0, len(rows), _RETURNED):
                part = rows[start : start + _RETURNED]
                marks = ", ".join([_marks(columns)] * len(part))
                cursor.execute(f"{head}VALUES {marks}{tail}", [value for row in part for value in row])
                found.extend(cursor.fetchall())
        elif rows:
            cursor.execute(f"{head}SELECT * FROM {_unnest(columns)}{tail}", _by_column(rows))  # noqa: S608
            found.extend(cursor.fetchall())
    return found


def _names(columns: Columns) -> str:
    return ", ".join(name for name, _ in columns)


def _marks(columns: Columns) -> str:
    return f"({', '.join(['%s'] * len(columns))})"


def _unnest(columns: Columns) -> str:
    return f"unnest({', '.join(f'%s::{kind}[]' for _, kind in columns)})"


def _by_column(rows: Rows) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
