"""Erasure of rows: in short transactions, each of which asks again whether it may, and counts what it takes.

What was erased is in no row any more, so whoever goes on after a crash finds what is left by looking.
"""

import datetime
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Min, Model, QuerySet

from amparo.catalogue import lease, models, search
from amparo.catalogue.sql import delete_many
from amparo.catalogue.turns import give_way
from amparo.evidence.errors import AmparoError, NotAuthorised

Show = Callable[[Mapping[str, int]], None]
_FAST, _SLOW = 0.04, 0.1  # seconds of a transaction: below it takes more rows the next time, above fewer
_SPAN = (50, 200, 10_000)  # keys looked at in one transaction: least, at first, most
_PATIENCE = 60.0  # seconds to wait for readers until the write-ahead log can be emptied


class Chunks:
    """The transactions of one Erasure. ``me`` names this process, which holds the Sources of the Case meanwhile."""

    def __init__(self, erasure: models.Erasure, me: str, show: Show) -> None:
        self.erasure = erasure
        self._me = me
        self._show = show
        self._span = _SPAN[1]

    @contextmanager
    def one(self) -> Iterator["Counted"]:
        """One transaction. Raises NotAuthorised while a legal hold stands; placing one waits for this to end."""
        began = time.monotonic()
        with transaction.atomic():
            case = lock_case(self.erasure.case_id)
            if models.LegalHold.objects.filter(case=case, lifted=None).exists():
                raise NotAuthorised(
                    "A legal hold stands: nothing more of this case is erased.",
                    "What was erased before it was placed is gone. Go on once the hold is lifted.",
                )
            until = datetime.datetime.now(datetime.UTC) + lease.TERM
            models.Source.objects.filter(case=case, owner=self._me).update(owner_until=until)
            counted = Counted(self.erasure)
            yield counted
            counted.save()
        self.erasure.counts = counted.counts
        took = time.monotonic() - began
        if took < _FAST:
            self._span = min(self._span * 2, _SPAN[2])
        elif took > _SLOW:
            self._span = max(self._span // 2, _SPAN[0])
        self._show({"done": sum(counted.counts.values())})
        give_way(took)

    def each(self, rows: QuerySet[Any], act: Callable[["Counted", list[int]], None]) -> None:
        """Call ``act`` with the keys of the rows, highest first, so that what hangs on a row goes before it."""
        self._span = _SPAN[1]
        ends = rows.order_by().aggregate(low=Min("pk"), high=Max("pk"))
        high = ends["high"]
        while high is not None and high >= ends["low"]:
            span = self._span
            with self.one() as counted:
                window = rows.order_by().filter(pk__lte=high, pk__gt=high - span)
                if keys := sorted(set(window.values_list("pk", flat=True)), reverse=True):
                    act(counted, keys)
            high -= span

    def listed(self, keys: Sequence[int], act: Callable[["Counted", list[int]], None]) -> None:
        """Call ``act`` with these keys, some at a time, in this order."""
        at, self._span = 0, _SPAN[1]
        while at < len(keys):
            part = list(keys[at : at + self._span])
            with self.one() as counted:
                act(counted, part)
            at += len(part)

    def delete(self, rows: QuerySet[Any]) -> None:
        """Delete rows, counted by the name of their model."""
        self.each(rows, lambda counted, keys: counted.delete(rows.model, keys))


class Counted:
    """What one transaction takes, added to the counts of its Erasure."""

    def __init__(self, erasure: models.Erasure) -> None:
        self.erasure = erasure
        self.counts: dict[str, int] = dict(erasure.counts)

    def add(self, name: str, number: int) -> None:
        """So many more of something."""
        if number:
            self.counts[name] = self.counts.get(name, 0) + number

    def delete(self, model: type[Model], keys: Sequence[int]) -> None:
        """Delete rows by key."""
        column = str(model._meta.pk.column)
        delete_many(model._meta.db_table, ((column, "bigint"),), [(each,) for each in keys])
        self.add(str(model._meta.model_name), len(keys))

    def save(self) -> None:
        """Inside the transaction."""
        if self.counts != self.erasure.counts:
            models.Erasure.objects.filter(pk=self.erasure.pk).update(counts=self.counts)


def lock_case(key: int) -> models.Case:
    """Erasing and what forbids it come one after the other."""
    return models.Case.objects.select_for_update().get(pk=key)


def erase_rows(chunks: Chunks, case: models.Case) -> None:
    """Everything that belongs to a Case, but for its members, the Jobs that erase it and this Erasure."""
    led = models.Content.objects.filter(case=case, leader__isnull=False)
    chunks.each(led, lambda _, keys: _no_leader(keys))
    for rows in rows_of_case(case, chunks.erasure):
        chunks.delete(rows)


def rows_of_case(case: models.Case, erasure: models.Erasure) -> Iterator[QuerySet[Any]]:
    """The same as queries, in the order in which they can go."""
    yield models.Erasure.objects.filter(case=case).exclude(pk=erasure.pk)
    for model, path in OF_CASE:
        yield model._default_manager.filter(**{path: case})
    yield models.Job.objects.filter(case=case).exclude(kind="erasure")


def settle() -> None:
    """Leave nothing of what was erased beside the database. Raises AmparoError where others keep it open.

    SQLite overwrites deleted rows (secure_delete), but where it split a page, an older copy of a row can stay in the
    room between (seen: 106 copies after 20,000 deletions). VACUUM writes all pages anew, twice: into a temporary file
    beside the database, and from there into the write-ahead log (measured: 110 MB a second, twice the room of the
    database) while other writers wait. Then the write-ahead log is emptied.
    PostgreSQL is left to its administrator: VACUUM FULL.
    """
    if connection.vendor != "sqlite":
        return
    began = time.monotonic()
    while search.clean():
        give_way(time.monotonic() - began)
        began = time.monotonic()
    beside = os.path.dirname(os.fspath(connection.settings_dict["NAME"])).replace("'", "''")
    end = time.monotonic() + _PATIENCE
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA temp_store_directory = '{beside}'")
        cursor.execute("VACUUM")
        while True:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy = cursor.fetchone()[0]
            if not busy:
                return
            if time.monotonic() > end:
                raise AmparoError(
                    "Others read the database, so that its log could not be emptied.",
                    "Everything is erased but for copies in that log. Go on when less is done here.",
                )
            time.sleep(0.2)


def _no_leader(keys: list[int]) -> None:
    models.Content.objects.filter(pk__in=keys).update(leader=None)


OF_CASE: tuple[tuple[type[Model], str], ...] = (
    (models.VaultOpening, "object__case"),
    (models.ImageryRelease, "case"),
    (models.Export, "case"),
    (models.VaultObject, "case"),
    (models.VaultShare, "key__case"),
    (models.VaultKey, "case"),
    (models.Task, "case"),
    (models.SafeguardingAnswer, "enforcement__case"),
    (models.Enforcement, "case"),
    (models.HandOver, "exhibit__case"),
    (models.Exhibit.sources.through, "exhibit__case"),
    (models.Exhibit, "case"),
    (models.Statement, "person__case"),
    (models.Person, "case"),
    (models.Notice, "case"),
    (models.Reveal, "case"),
    (models.Note, "case"),
    (models.Decision, "case"),
    (models.Mark, "case"),
    (models.Tally, "source__case"),
    (models.Finding, "case"),
    (models.Shortfall, "item__case"),
    (models.Shortfall, "content__case"),
    (models.PictureHash, "content__case"),
    (models.SearchText, "item__case"),
    (models.SearchBacklog, "content__case"),
    (models.Item, "case"),
    (models.Content, "case"),
    (models.Counter, "source__case"),
    (models.Source, "case"),
    (models.Authority, "case"),
    (models.Retention, "case"),
    (models.LegalHold, "case"),
)
