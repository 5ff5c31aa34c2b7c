"""From queries to shares with intervals, medians and counts of false matches: plain data, ready for JSON."""

import collections
import math
import statistics
from collections.abc import Sequence

import ours
from alterations import ALTERATIONS
from measure import WITHIN, Bank, Query

from amparo.media.pdq import DOUBTFUL

METHODS = {
    "plain": "plain PDQ (pdqhash at full size, as ThreatExchange compares it)",
    "whole": "ours: any view of the picture against the known whole",
    "region": "ours: any view of the picture against any known view",
}
COLUMNS = ("photographs", "generated")


def wilson(found: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, Journal of the American Statistical Association 22, 1927)."""
    if not of:
        return 0.0, 1.0
    z, share = 1.959964, found / of
    centre = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(0.0, centre - half), min(1.0, centre + half)


def tally(bank: Bank, queries: Sequence[Query]) -> dict[str, object]:
    """Counts of pictures, ``recall`` per alteration and column, ``false`` per method, ``views`` per view kind."""
    columns = collections.Counter(original.column for original in bank.originals)
    doubtful = [number for number, hashes in enumerate(bank.hashes) if hashes.plain[1] < DOUBTFUL]
    by_alteration: dict[tuple[str, str], list[Query]] = collections.defaultdict(list)
    for query in queries:
        by_alteration[query.alteration, bank.originals[query.original].column].append(query)
    return {
        "pictures": dict(columns),
        "scenes": len({original.scene for original in bank.originals}),
        "doubtful_known": dict(collections.Counter(bank.originals[number].column for number in doubtful)),
        "recall": [
            {
                "group": alteration.group,
                "alteration": alteration.name,
                **{column: _recall(bank, by_alteration[alteration.name, column]) for column in COLUMNS},
            }
            for alteration in ALTERATIONS
        ],
        "false": [
            _false(method, column, [query for query in queries if bank.originals[query.original].column == column])
            for method in METHODS
            for column in (*COLUMNS, "decoys")
        ],
        "views": _views(queries),
    }


def _recall(bank: Bank, queries: Sequence[Query]) -> dict[str, object]:
    """Scenes whose known hash is doubtful cannot be found by it and are not counted; a doubtful copy is a miss."""
    row: dict[str, object] = {"doubtful": sum(query.doubtful for query in queries)}
    for method in METHODS:
        counted = [query for query in queries if _usable(bank, query.original, method)]
        distances = [each for each in (getattr(query, method) for query in counted) if each is not None]
        found = sum(each <= WITHIN for each in distances)
        row[method] = {
            "found": found,
            "of": len(counted),
            "interval": [round(each, 4) for each in wilson(found, len(counted))],
            "median_distance": statistics.median(distances) if distances else None,
        }
    return row


def _usable(bank: Bank, number: int, method: str) -> bool:
    hashes = bank.hashes[number]
    if method == "plain":
        return hashes.plain[1] >= DOUBTFUL
    return any(quality >= DOUBTFUL for name, _, quality in hashes.ours if name == ours.WHOLE)


def _false(method: str, column: str, queries: Sequence[Query]) -> dict[str, object]:
    return {
        "method": method,
        "queries": column,
        "pictures": len(queries),
        "pictures_with_false_match": sum(method in query.false for query in queries),
        "false_pairs": sum(query.false.get(method, 0) for query in queries),
        "pairs": sum(query.pairs for query in queries),
    }


def _views(queries: Sequence[Query]) -> list[dict[str, object]]:
    """Per view kind: copies found by it, by it alone, false pairs (against each known kind), milliseconds."""
    kinds = dict.fromkeys(kind for query in queries for kind in query.seconds)
    copies = [query for query in queries if query.alteration]
    rows = []
    for kind in kinds:
        false: collections.Counter[str] = collections.Counter()
        for query in queries:
            for key, number in query.false.items():
                if isinstance(key, tuple) and key[0] == ("plain" if kind == "pdqhash" else kind):
                    false[key[1]] += number
        if kind == "pdqhash":
            found, alone = sum(query.plain is not None and query.plain <= WITHIN for query in copies), None
        else:
            by_it = [{view for view, _ in query.found} for query in copies]
            found, alone = sum(kind in each for each in by_it), sum(each == {kind} for each in by_it)
        took = [query.seconds[kind] for query in copies if kind in query.seconds]
        rows.append(
            {
                "view": kind,
                "copies": len(copies),
                "found": found,
                "found_by_it_alone": alone,
                "false_pairs_by_known_view": dict(false),
                "median_ms": round(1000 * statistics.median(took), 3),
            }
        )
    return rows
