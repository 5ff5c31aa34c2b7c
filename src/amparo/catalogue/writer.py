"""Writer: the rows of one chunk. Everything here runs inside the caller's transaction.

Storing the same result twice changes nothing: a subject whose done marks are there already is passed over, and an
Item is unique by its parent and tail. Takes time linear in the chunk.
"""

import collections
import hashlib
import json
import operator
from collections.abc import Iterator, Sequence

from amparo.catalogue import search
from amparo.catalogue.counters import Before, Counts, add
from amparo.catalogue.marks import Marks
from amparo.catalogue.models import Content, Finding, Item, Lane, PictureHash, Shortfall, Source, State
from amparo.catalogue.models.items import NORMAL_RANK
from amparo.catalogue.queue import lane_of
from amparo.catalogue.review import RANKING, first_rank, rerank
from amparo.catalogue.sql import insert_many, insert_new, update_many
from amparo.catalogue.stages import StageRegistry
from amparo.evidence.finding import Finding as Evidence
from amparo.evidence.item import Child, Locator, Step, item_id
from amparo.evidence.outcome import Failed
from amparo.media.exif import EXIF
from amparo.pipeline.record import PICTURE, REASON, Record
from amparo.pipeline.stage import Visit, canonical_json

_dumps = json.JSONEncoder(separators=(",", ":")).encode
AHEAD = 2_000  # children written in one transaction; keeps each below 200 ms

ITEM_COLUMNS = (
    ("case_id", "bigint"), ("source_id", "bigint"), ("parent_id", "bigint"), ("tail", "bytea"), ("locator", "bytea"),
    ("entry", "text"), ("origin", "text"), ("lane", "smallint"), ("size", "bigint"), ("budget", "bigint"),
    ("moments", "text"), ("media_type", "text"), ("state", "smallint"), ("reason", "text"), ("rank", "smallint"),
)  # fmt: skip
_CONTENT_COLUMNS = (
    ("case_id", "bigint"), ("sha256", "bytea"), ("sha1", "bytea"), ("md5", "bytea"), ("size", "bigint"),
    ("media_type", "text"), ("state", "smallint"), ("reason", "text"), ("rank", "smallint"),
)  # fmt: skip
_FINDING_COLUMNS = (
    ("case_id", "bigint"), ("item_id", "bigint"), ("content_id", "bigint"), ("stage_id", "bigint"),
    ("kind", "text"), ("facts", "jsonb"), ("score", "float8"), ("current", "boolean"), ("given", "boolean"),
)  # fmt: skip
_ITEM_DONE = (
    ("content_id", "bigint"), ("media_type", "text"), ("size", "bigint"), ("stages_id", "bigint"),
    ("state", "smallint"), ("reason", "text"),
)  # fmt: skip
_PICTURE_COLUMNS = (
    ("content_id", "bigint"), ("pdq", "bytea"), ("quality", "smallint"), ("pdq_512", "bytea"), ("views", "bytea"),
)  # fmt: skip
_CONTENT_DONE = (("stages_id", "bigint"), ("state", "smallint"), ("reason", "text"))

Family = tuple[Record, Sequence[tuple[int, Child]]]  # children with the stage that told of each


class Writer:
    """Writes what was recorded of one Source's subjects."""

    def __init__(self, source: Source, registry: StageRegistry) -> None:
        self._source = source
        self._case = source.case_id
        self._registry = registry

    def ahead(self, records: Sequence[Record]) -> Iterator[list[Family]]:
        """Children beyond AHEAD, in slices that go before the chunk's own transaction."""
        for each in records:
            for start in range(0, _ahead(each), AHEAD):
                yield [(each, each.children[start : start + AHEAD])]

    def write_children(self, families: Sequence[Family]) -> None:
        """Insert children that are not there yet, with counters and Findings."""
        families = [family for family in families if family[1]]
        if not families:
            return
        parents = [each.task.key for each, _ in families]
        ends = {tail(child.step) for _, children in families for _, child in children}
        here = Item.objects.filter(parent__in=parents, tail__in=ends) if _begun(parents) else Item.objects.none()
        present = {(parent, bytes(end)) for parent, end in here.values_list("parent_id", "tail")}
        rows, counts = [], Counts()
        told: list[tuple[int, bytes, int, Child]] = []
        dated: list[tuple[int, bytes, Child]] = []
        new: list[tuple[tuple[int, bytes], bytes]] = []
        for each, children in families:
            for stage, child in children:
                key = each.task.key, tail(child.step)
                if key in present:
                    continue
                present.add(key)
                row, path, state, reason = item_row(self._source, each.task.key, each.task.locator, child, key[1])
                rows.append(row)
                new.append((key, path))
                counts.item(child.entry, child.entry.media_type, state, reason, child.size)
                if child.findings:
                    told.append((*key, stage, child))
                if child.moments:
                    dated.append((*key, child))
        insert_many(Item._meta.db_table, ITEM_COLUMNS, rows)
        keys = _keys({key for key, _ in new})
        search.add_new(self._case, ((keys[key], path) for key, path in new))
        self._child_findings(told, keys, counts)
        add(self._source.pk, counts)
        marks = Marks(self._case)
        for parent, end, child in dated:
            marks.item(keys[parent, end], ((m.field, m.ns, m.basis) for m in child.moments))
        marks.save(self._source.pk)

    def write(self, records: Sequence[Record]) -> dict[str, str | int] | None:
        """Store a chunk; returns the facts of its custody event, None if all of it was stored before."""
        items = [each for each in records if each.task.visit is not Visit.SECOND]
        contents = [each for each in records if each.task.visit is Visit.SECOND]
        counts, marks = Counts(), Marks(self._case)
        trace: list[list[object]] = []
        done = self._items(items, counts, marks, trace) + self._contents(contents, counts, marks, trace)
        if not done:
            return None
        self.write_children([(each, each.children[_ahead(each) :]) for each in done])
        add(self._source.pk, counts)
        marks.save(self._source.pk)
        return {
            "source": str(self._source.uuid),
            "subjects": len(done),
            "items": sum(len(each.children) for each in done),
            "findings": sum(len(each.findings) for each in done),
            "failed": sum(any(s.failed for s in each.shortfalls) for each in done),
            "digest": hashlib.sha256(canonical_json(sorted(trace, key=operator.itemgetter(0)))).hexdigest(),
        }

    def _items(
        self, records: Sequence[Record], counts: Counts, marks: Marks, trace: list[list[object]]
    ) -> list[Record]:
        keys = [each.task.key for each in records]
        rows = {row.pk: row for row in map(Before._make, Item.objects.filter(pk__in=keys).values_list(*Before._fields))}
        fresh = [each for each in records if self._lacks(each, rows[each.task.key].stages_id)]
        again = [each for each in fresh if rows[each.task.key].stages_id is not None]
        left = self._forget(again, "item", counts, marks)
        ids, known_before = self._content_ids([each for each in fresh if each.content], counts)
        updates = []
        for each in fresh:
            row = rows[each.task.key]
            state, reason = _worst(each, left.get(row.pk, ()))
            content, named, size = row.content_id, row.media_type, row.size
            if each.content is not None:
                content, named, size = ids[each.content.sha256], each.content.media_type, each.content.size
            elif each.media_type is not None:
                named = each.media_type
            counts.change(row, content, named, state, reason, size)
            stages = self._registry.with_done(row.stages_id, each.task.due)
            updates.append((content, named, size, stages, state, reason, row.pk))
            sha256 = each.content.sha256.hex() if each.content else None
            where = item_id(self._source.uuid, each.task.locator.encode()).hex
            trace.append([where, sha256, state, reason, _told(each), _listed(each)])
        update_many(Item._meta.db_table, _ITEM_DONE, updates)
        self._findings(fresh, "item", counts, marks)
        worded = search.with_texts(known_before)
        search.renew(
            [key for content, *_, key in updates if content in worded or rows[key].content_id not in (None, content)]
        )
        return fresh

    def _contents(
        self, records: Sequence[Record], counts: Counts, marks: Marks, trace: list[list[object]]
    ) -> list[Record]:
        keys = [each.task.key for each in records]
        columns = ("pk", "stages_id", "state", "reason")
        rows = {key: row for key, *row in Content.objects.filter(pk__in=keys).values_list(*columns)}
        fresh = [each for each in records if self._lacks(each, rows[each.task.key][0])]
        again = [each for each in fresh if rows[each.task.key][0] is not None]
        left = self._forget(again, "content", counts, marks)
        updates = []
        for each in fresh:
            key, known = each.task.key, each.task.content
            stages, old, why = rows[key]
            state, reason = _worst(each, left.get(key, ()))
            counts.content(State(old), -1, why)
            counts.content(state, 1, reason)
            updates.append((self._registry.with_done(stages, each.task.due), state, reason, key))
            trace.append([known.sha256.hex() if known else "", state, reason, _told(each)])
        update_many(Content._meta.db_table, _CONTENT_DONE, updates)
        insert_many(
            PictureHash._meta.db_table,
            _PICTURE_COLUMNS,
            [
                (each.task.key, each.picture.pdq, each.picture.quality, each.picture.pdq_512, each.picture.views)
                for each in fresh
                if each.picture is not None
            ],
            "(content_id) DO UPDATE SET pdq = excluded.pdq, quality = excluded.quality, pdq_512 = excluded.pdq_512,"
            " views = excluded.views, group_id = NULL",
        )
        self._findings(fresh, "content", counts, marks)
        told = {each.task.key for each in fresh if any(found.kind in RANKING for _, found in each.findings)}
        rerank(told.union(each.task.key for each in again))
        worded = {each.task.key for each in fresh if any(found.kind in search.TEXTS for _, found in each.findings)}
        search.renew_contents(worded.union(each.task.key for each in again))
        return fresh

    def _lacks(self, each: Record, stages: int | None) -> bool:
        members = self._registry.members(stages)
        return any(self._registry.keys[index] not in members for index in each.task.due)

    def _forget(
        self, records: Sequence[Record], subject: str, counts: Counts, marks: Marks
    ) -> dict[int, list[tuple[bool, str]]]:
        """Retire what the stages run again had said before; returns the shortfalls of other stages by subject."""
        if not records:
            return {}
        names = {self._registry.plan.stages[index].analyser for each in records for index in each.task.due}
        keys = [each.task.key for each in records]
        mine = {f"{subject}__in": keys}
        old = Finding.objects.filter(**mine, stage__analyser__in=names, current=True, given=False)
        for kind, number in collections.Counter(old.values_list("kind", flat=True)).items():
            counts.finding(kind, -number)
        for key, facts in old.filter(kind=EXIF, content__isnull=False).values_list("content_id", "facts"):
            marks.exif_gone(key, facts)
        old.update(current=False)
        Shortfall.objects.filter(**mine, stage__analyser__in=names).delete()
        left = collections.defaultdict(list)
        for key, failed, reason in Shortfall.objects.filter(**mine).values_list(f"{subject}_id", "failed", "reason"):
            left[key].append((failed, reason))
        return left

    def _content_ids(self, records: Sequence[Record], counts: Counts) -> tuple[dict[bytes, int], set[int]]:
        """Keys by SHA-256, and which of them others may have said something about already."""
        known = {each.content.sha256: each.content for each in records if each.content}
        here = Content.objects.filter(case=self._case, sha256__in=list(known))
        ids = {bytes(sha256): key for key, sha256 in here.values_list("pk", "sha256")}
        # Sorted, so that two drivers of one Case on PostgreSQL never wait for each other in a circle.
        rows = [
            (self._case, c.sha256, c.sha1, c.md5, c.size, c.media_type, State.PENDING, "", first_rank(c.media_type))
            for sha256, c in sorted(known.items())
            if sha256 not in ids
        ]
        new = insert_new(Content._meta.db_table, _CONTENT_COLUMNS, rows, "case_id, sha256", "sha256")
        for key, sha256 in new:
            ids[bytes(sha256)] = key
            counts.content(State.PENDING, 1, "")
            counts.bytes(known[bytes(sha256)].size)
        if len(ids) < len(known):
            ids.update((bytes(sha256), key) for key, sha256 in here.all().values_list("pk", "sha256"))
        return ids, set(ids.values()).difference(key for key, _ in new)

    def _findings(self, records: Sequence[Record], subject: str, counts: Counts, marks: Marks) -> None:
        rows, short = [], []
        for each in records:
            item, content = (each.task.key, None) if subject == "item" else (None, each.task.key)
            for index, finding in each.findings:
                counts.finding(finding.kind, 1)
                rows.append(self._finding_row(item, content, index, finding))
                if finding.kind == EXIF and content is not None:
                    marks.exif(content, finding.facts)
            for fall in each.shortfalls:
                stage = self._registry.keys[fall.stage]
                short.append(
                    Shortfall(item_id=item, content_id=content, stage_id=stage, failed=fall.failed, reason=fall.reason)
                )
        insert_many(Finding._meta.db_table, _FINDING_COLUMNS, rows)
        Shortfall.objects.bulk_create(short)

    def _finding_row(
        self, item: int | None, content: int | None, index: int, finding: Evidence, given: bool = False
    ) -> tuple[object, ...]:
        facts = _dumps(dict(finding.facts))
        return self._case, item, content, self._registry.keys[index], finding.kind, facts, finding.score, True, given

    def _child_findings(
        self, told: Sequence[tuple[int, bytes, int, Child]], keys: dict[tuple[int, bytes], int], counts: Counts
    ) -> None:
        rows = []
        for parent, end, stage, child in told:
            for finding in child.findings:
                counts.finding(finding.kind, 1)
                rows.append(self._finding_row(keys[parent, end], None, stage, finding, given=True))
        insert_many(Finding._meta.db_table, _FINDING_COLUMNS, rows)


def _keys(wanted: set[tuple[int, bytes]]) -> dict[tuple[int, bytes], int]:
    """Keys of Items by parent and tail."""
    if not wanted:
        return {}
    found = Item.objects.filter(parent__in={parent for parent, _ in wanted}, tail__in=[end for _, end in wanted])
    return {(parent, bytes(end)): key for key, parent, end in found.values_list("pk", "parent_id", "tail")}


def _begun(parents: Sequence[int]) -> bool:
    """Whether any of these has children already: after a crash, or beyond AHEAD."""
    return Item.objects.filter(parent__in=parents).exists()


def item_row(
    source: Source, parent: int | None, above: Locator | None, child: Child, end: bytes
) -> tuple[tuple[object, ...], bytes, State, str]:
    """The columns of a new Item, its raw path, state and reason. ``above``: where its container lies, if in one."""
    nested = above is not None and child.step.record is not None
    locator = above.child(child.step) if nested and above is not None else Locator((child.step,))
    lane, state, reason = Lane.NONE, State.OK, ""
    if child.outcome is not None:
        state = State.FAILED if isinstance(child.outcome, Failed) else State.SKIPPED
        reason = child.outcome.reason[:REASON]
    else:
        lane = lane_of(child.entry, child.size, locator.depth)
        state = State.OK if lane is Lane.NONE else State.PENDING
    moments = [[m.field, m.ns, m.basis.value, m.precision, m.offset_minutes] for m in child.moments]
    row = (
        source.case_id, source.pk, parent, end, locator.encode(), child.entry.value, child.origin.value, lane,
        child.size, child.budget, _dumps(moments), child.entry.media_type or "",
        state, reason, NORMAL_RANK,
    )  # fmt: skip
    return row, locator.path, state, reason


def tail(step: Step) -> bytes:
    """What tells an Item from its siblings: the entry number, or in a folder the name."""
    return step.path.rsplit(b"/", 1)[-1] if step.record is None else step.record.to_bytes(8, "big")


def _ahead(each: Record) -> int:
    """How many of the children go before the chunk's own transaction."""
    return max(0, -(-(len(each.children) - AHEAD) // AHEAD)) * AHEAD


def _worst(each: Record, others: Sequence[tuple[bool, str]]) -> tuple[State, str]:
    falls = [(fall.failed, fall.reason) for fall in each.shortfalls] + list(others)
    for failed, reason in sorted(falls, key=lambda fall: not fall[0]):
        return (State.FAILED if failed else State.SKIPPED), reason
    return State.OK, ""


def _listed(each: Record) -> list[object]:
    """What this visit listed, with what is known at once, so that the custody event covers it."""
    return [
        [child.step.path.hex(), child.step.record, child.entry.value, child.size, str(child.outcome or "")]
        for _, child in each.children
    ]


def _told(each: Record) -> list[object]:
    told: list[object] = [[finding.kind, dict(finding.facts)] for _, finding in each.findings]
    if each.picture is not None:
        told.append([PICTURE, each.picture.pdq.hex(), each.picture.quality])
    return told
