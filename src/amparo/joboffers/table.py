"""Tables of job offers: CSV (RFC 4180) in UTF-8, with the columns of `offer.COLUMNS` by any of their names."""

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

from amparo.evidence.errors import BadInput
from amparo.joboffers.offer import COLUMNS, Offer

MAX_FIELD = 1_000_000  # characters
MAX_ROWS = 10_000_000
_KNOWN = frozenset(name for names in COLUMNS.values() for name in names)


def read_table(stream: BinaryIO) -> Iterator[tuple[dict[str, str], Offer]]:
    """Each row as it was given and as an Offer, in order. Memory holds one row.

    Raises BadInput with the number of the row for what is no such table: no UTF-8, no known column, a row of another
    length than the header, a field of more than a million characters.
    """
    lines = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    before = csv.field_size_limit(MAX_FIELD)
    number = 0
    try:
        reader = csv.reader(lines, strict=True)
        header = [name.strip().casefold() for name in next(reader, [])]
        if not _KNOWN & set(header):
            raise BadInput(
                "No column of this table is known.",
                "It needs a header with a column such as title, description or text.",
            )
        for number, cells in enumerate(reader, 1):
            if number > MAX_ROWS:
                raise BadInput("Too many rows: more than %(most)s.", "Split the table.", {"most": MAX_ROWS})
            if not cells:
                continue
            if len(cells) != len(header):
                raise BadInput(
                    "Row %(row)s has %(cells)s cells, the header %(columns)s.",
                    "Quote cells that hold commas or line ends (RFC 4180).",
                    {"row": number, "cells": len(cells), "columns": len(header)},
                )
            row = dict(zip(header, cells, strict=True))
            yield row, Offer.of(row)
    except UnicodeDecodeError as error:
        raise BadInput("The table is not UTF-8.", "Save it as CSV in UTF-8.") from error
    except csv.Error as error:
        raise BadInput(
            "Row %(row)s of the table cannot be read.",
            "It must be CSV with quotes closed and no cell of more than a million characters.",
            {"row": number + 1},
        ) from error
    finally:
        csv.field_size_limit(before)
        lines.detach()
