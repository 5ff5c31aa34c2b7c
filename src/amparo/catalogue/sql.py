"""The few statements that the writer repeats millions of times, in the form each database runs fastest.

SQLite prepares a statement once and runs it per row; PostgreSQL is given one array per column, bound in binary to a
prepared statement that stays the same however many rows there are. Everything else goes through the ORM. Columns are
(name, PostgreSQL type); names come from this package, never from outside.
"""

import json
from collections.abc import Collection, Sequence
from typing import Any, cast

from django.db import connection
from django.db.models import IntegerField, Subquery
from django.db.models.expressions import RawSQL

Columns = Sequence[tuple[str, str]]
Rows = Sequence[Sequence[Any]]

_SUBQUERIES = 1_000  # in one statement; SQLite takes 2,000 columns, PostgreSQL 1,664
_RETURNED = 200  # rows of an INSERT ... RETURNING on SQLite, which executemany() cannot give


def insert_many(table: str, columns: Columns, rows: Rows, conflict: str = "") -> None:
    """INSERT rows; ``conflict`` is what follows ``ON CONFLICT``."""
    head = f"INSERT INTO {table} ({_names(columns)})"
    tail = f" ON CONFLICT {conflict}" if conflict else ""
    if connection.vendor == "sqlite":
        _each(f"{head} VALUES {_marks(columns)}{tail}", rows)
    else:
        _arrays(f"{head} SELECT * FROM {_unnest(columns)}{tail}", rows)


def update_many(table: str, columns: Columns, rows: Rows, key: str = "id") -> None:
    """UPDATE rows by ``key``, a bigint: the last value of each row."""
    if connection.vendor == "sqlite":
        assignments = ", ".join(f"{name} = %s" for name, _ in columns)
        _each(f"UPDATE {table} SET {assignments} WHERE {key} = %s", rows)
    else:
        assignments = ", ".join(f"{name} = new.{name}" for name, _ in columns)
        columns = (*columns, (key, "bigint"))
        new = f"{_unnest(columns)} AS new ({_names(columns)})"
        _arrays(f"UPDATE {table} SET {assignments} FROM {new} WHERE {table}.{key} = new.{key}", rows)


def delete_many(table: str, columns: Columns, rows: Rows) -> None:
    """DELETE the rows that hold these values; an index has to begin with the columns."""
    if connection.vendor == "sqlite":
        _each(f"DELETE FROM {table} WHERE " + " AND ".join(f"{name} = %s" for name, _ in columns), rows)
    else:
        matches = " AND ".join(f"{table}.{name} = old.{name}" for name, _ in columns)
        _arrays(f"DELETE FROM {table} USING {_unnest(columns)} AS old ({_names(columns)}) WHERE {matches}", rows)


def among(keys: Collection[int]) -> RawSQL:
    """What ``pk__in`` takes instead of many keys: one parameter, where thousands cost more than the query."""
    statement, given = keys_sql(keys)
    return RawSQL(statement, given)  # noqa: S611 - one of the two texts below


def keys_sql(keys: Collection[int]) -> tuple[str, list[Any]]:
    """A SELECT of these keys and its one parameter."""
    if connection.vendor == "sqlite":
        return "SELECT value FROM json_each(%s)", [json.dumps(list(keys))]
    return "SELECT unnest(%s::bigint[])", [list(keys)]


def insert_new(table: str, columns: Columns, rows: Rows, conflict: str, returning: str) -> list[Any]:
    """INSERT rows that are not there yet; returns (id, ``returning``) of those that were new."""
    head = f"INSERT INTO {table} ({_names(columns)})"
    tail = f" ON CONFLICT ({conflict}) DO NOTHING RETURNING id, {returning}"
    if connection.vendor != "sqlite":
        return _arrays(f"{head} SELECT * FROM {_unnest(columns)}{tail}", rows)
    found: list[Any] = []
    with connection.cursor() as cursor:
        for start in range(0, len(rows), _RETURNED):
            part = rows[start : start + _RETURNED]
            marks = ", ".join([_marks(columns)] * len(part))
            cursor.execute(f"{head} VALUES {marks}{tail}", [value for row in part for value in row])
            found.extend(cursor.fetchall())
    return found


def count_each(table: str, conditions: str, asked: Rows, most: int) -> list[int]:
    """How many rows meet the conditions with the values of each row of ``asked``, each counted to ``most``.

    One statement; the ORM takes longer to write a hundred of these subqueries than a database to answer them.
    """
    found = _one_row(
        f"SELECT COUNT(*) FROM (SELECT 1 FROM {table} WHERE {conditions} LIMIT {most:d}) AS counted", asked
    )
    return [int(number) for number in found]


def lowest_each(table: str, column: str, conditions: str, asked: Rows) -> Sequence[int | None]:
    """The lowest value of a column among the rows that meet the conditions with each row of ``asked``; None: no row."""
    return _one_row(f"SELECT MIN({column}) FROM {table} WHERE {conditions}", asked)


def highest_each(table: str, column: str, conditions: str, asked: Rows) -> Sequence[int | None]:
    """The highest, likewise."""
    return _one_row(f"SELECT MAX({column}) FROM {table} WHERE {conditions}", asked)


def _one_row(subquery: str, asked: Rows) -> Sequence[Any]:
    found: list[Any] = []
    with connection.cursor() as cursor:
        for start in range(0, len(asked), _SUBQUERIES):
            part = asked[start : start + _SUBQUERIES]
            columns = ", ".join([f"({subquery})"] * len(part))
            cursor.execute(f"SELECT {columns}", [value for row in part for value in row])
            found.extend(cursor.fetchone())
    return found


class RowCount(Subquery):
    """How many rows a query gives, each row of the outer one for itself."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


def _each(statement: str, rows: Rows) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(statement, rows)


def _arrays(statement: str, rows: Rows) -> list[Any]:
    """Run a PostgreSQL statement with one array per column.

    Django's own cursor writes parameters into the text of the statement, which for arrays cost more than the server
    took to store them; so this one binds on the server.
    """
    import psycopg  # the adapter for PostgreSQL: needed by nobody who uses SQLite

    if not rows:
        return []
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(cast(Any, connection.connection)) as cursor:
        columns = [list(column) for column in zip(*rows, strict=True)]
        cursor.execute(statement, columns, prepare=True)
        return cursor.fetchall() if cursor.description else []


def _names(columns: Columns) -> str:
    return ", ".join(name for name, _ in columns)


def _marks(columns: Columns) -> str:
    return f"({', '.join(['%s'] * len(columns))})"


def _unnest(columns: Columns) -> str:
    return f"unnest({', '.join(f'%b::{kind}[]' for _, kind in columns)})"
