"""Marks: what Items and Contents state about time, place and camera, as numbers in order that pages can go by."""

import enum

from django.db import models

from amparo.catalogue.models.cases import Case, Source


class Field(enum.IntEnum):
    """Which time a Mark holds. The first four are stated beside an Item, the others inside a Content."""

    MODIFIED = 1
    CREATED = 2
    ACCESSED = 3
    ENTRY_CHANGED = 4
    TAKEN = 5
    DIGITISED = 6
    EDITED = 7
    POSITIONED = 8

    @property
    def of_content(self) -> bool:
        """Whether the subject of its Marks is a Content."""
        return self >= Field.TAKEN


class Series(enum.IntEnum):
    """Marks that hold no time. The subject of both is a Content."""

    PLACE = 0  # a cell of amparo.catalogue.grid
    CAMERA = 1  # a digest of what a picture states about its camera


def series_of(field: Field, local: bool) -> int:
    """Times that count from UTC and wall clocks of an unknown zone are never in one series."""
    return 10 * field + local


class Mark(models.Model):
    """One statement. ``value`` is nanoseconds since 1970 of a time. ``subject`` is the key of an Item or a Content.

    No foreign key to the subject and no constraint on the Case: a row costs the scan as little as it can, and whoever
    erases a Case erases its Marks by ``case``.
    """

    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )  # part of the index below
    series = models.SmallIntegerField()
    value = models.BigIntegerField()
    subject = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "series", "value", "subject"], name="mark_identity")]


class Tally(models.Model):
    """How many Marks a month, a cell of one degree, or a camera has; kept in the transaction that changes it.

    ``key``: months since the year 0 for a time, the number of the cell for a place, the value of a camera's Marks.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", db_index=False)
    series = models.SmallIntegerField()
    key = models.BigIntegerField()
    value = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "series", "key"], name="tally_identity")]
