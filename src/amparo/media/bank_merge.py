"""Merging segments of a Bank into one: what can be asked of the Bank stays the same, asking gets cheaper."""

from collections.abc import Sequence
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from amparo.exchange.known import ALGORITHMS
from amparo.media.bank_segment import Segment, write_columns
from amparo.media.segment_texts import TextWriter

MIXED = "mixed"  # the frame of a segment whose entries come from lists with different ones
_RATIO = 2


def due(sizes: Sequence[int]) -> int:
    """How many of the newest segments should become one, given how many entries each holds; 0: none.

    Each segment is left at least twice as large as the next newer one, so there are O(log n) of them and an entry is
    written O(log n) times.
    """
    number, total = 1, sizes[-1] if sizes else 0
    for at in range(len(sizes) - 2, -1, -1):
        if sizes[at] >= _RATIO * total:
            break
        number, total = len(sizes) - at, total + sizes[at]
    return number if number > 1 else 0


def merge(stream: BinaryIO, segments: Sequence[Segment]) -> None:
    """Write one segment that says what these say together, oldest first. O(n log n), about 200 bytes an entry."""
    entries = np.concatenate([each.entries for each in segments])
    # The last row of an entry speaks for it: a stable sort keeps the order of segments.
    order = np.argsort(entries, kind="stable")
    last = np.append(entries[order][1:] != entries[order][:-1], True) if len(order) else np.empty(0, bool)
    chosen = order[last]
    place = np.full(len(entries), -1, np.int64)
    place[chosen] = np.arange(len(chosen))
    columns: dict[str, NDArray[Any]] = {}
    for name in ("entry", "version", "withdrawn", "said", "keys"):
        columns[name] = np.concatenate([each.column(name) for each in segments])[chosen]
    starts = np.cumsum([0, *map(len, segments)])[:-1]
    for name in ALGORITHMS:
        digests = np.concatenate([each.digests(name)[0] for each in segments])
        rows = [start + each.digests(name)[1].astype(np.int64) for start, each in zip(starts, segments, strict=True)]
        at = place[np.concatenate(rows)]
        kept = np.flatnonzero(at >= 0)
        kept = kept[np.argsort(at[kept], kind="stable")]
        columns[f"{name}_digest"], columns[f"{name}_row"] = digests[kept], at[kept].astype(np.uint32)
    facts, texts = _facts(segments)
    columns["facts"] = facts[chosen]
    owner = np.repeat(np.arange(len(segments)), [len(each) for each in segments])[chosen]
    records = TextWriter()
    for number, row in zip(owner.tolist(), (chosen - starts[owner]).tolist(), strict=True):
        records.add(segments[number].record(row))
    frames = {each.frame for each in segments if each.frame}
    write_columns(stream, columns, records, texts, frames.pop() if len(frames) == 1 else MIXED if frames else "")


def _facts(segments: Sequence[Segment]) -> tuple[NDArray[np.uint32], TextWriter]:
    """The facts of every row as numbers in one table, and that table, each text once."""
    numbers: dict[bytes, int] = {}
    parts = []
    for segment in segments:
        table = [numbers.setdefault(text, len(numbers)) for text in segment.fact_texts()]
        parts.append(np.array(table, np.uint32)[segment.column("facts")])
    texts = TextWriter()
    for text in numbers:
        texts.add(text)
    return np.concatenate(parts), texts
