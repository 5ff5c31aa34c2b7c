"""Banks against a plain dictionary: any order of editions, verdicts, merges and boots, asked after every step."""

import dataclasses
import datetime
from collections.abc import Callable

import pytest
from catalogue.bank_store import MEMORY, RECORDER, Store, opened
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from media.segments import digest

from amparo.catalogue import banks as module
from amparo.catalogue.banks import list_banks
from amparo.catalogue.models import Bank, BankVersion, EntryVerdict
from amparo.catalogue.verdicts import judge
from amparo.exchange.known import KnownEntry
from amparo.media.bank_segment import EXACT
from amparo.media.known_banks import KnownBanks

pytestmark = [pytest.mark.django_db, pytest.mark.database]
NAME = "Model"
SEEDS = range(4)  # few, so that entries share digests
BASE = digest("pdq", "base")


def pdq(flips: int) -> bytes:
    """Near to its neighbours: ``flips`` bits from BASE."""
    return bytes(a ^ b for a, b in zip(BASE, ((1 << flips) - 1).to_bytes(32, "big"), strict=True))


def entry(key: int, seeds: dict[str, int], flips: int | None, owner: str, gone: bool, raw: bytes) -> KnownEntry:
    digests = {name: digest(name, seed) for name, seed in seeds.items()}
    digests |= {} if flips is None else {"pdq": pdq(flips)}
    digests |= {"photodna": raw[::-1]} if raw else {}
    dated = datetime.date(2026, 1, 1 + key)
    return KnownEntry(
        f"key {key}", digests or {"md5": bytes(16)}, ("test",), owner, "Terms", dated, f"Line {key}", gone, raw
    )


ENTRIES = st.builds(
    entry,
    st.integers(0, 9),
    st.dictionaries(st.sampled_from(EXACT), st.sampled_from(SEEDS), max_size=3),
    st.none() | st.sampled_from([0, 1, 8, 16, 30, 60, 100]),
    st.sampled_from(["Owner", "Other"]),
    st.integers(0, 3).map(lambda n: n == 0),
    st.sampled_from([b"", b'{"a":\n1}']),
)
STEPS = st.one_of(
    st.tuples(st.just("put"), st.lists(ENTRIES, max_size=6)),
    st.tuples(st.just("put"), st.lists(ENTRIES, min_size=1, max_size=2)),
    st.tuples(st.just("withdraw"), st.integers(0, 9)),
    st.tuples(st.just("denied"), st.integers(0, 9)),
    st.tuples(st.sampled_from(["confirmed", "released", "quarantined"]), st.integers(0, 9)),
    st.tuples(st.just("merge"), st.none()),
    st.tuples(st.just("boot"), st.none()),
)

FIRST = [entry(key, {EXACT[key % 3]: key}, 8 * key, "Owner", False, b"") for key in range(4)]


@dataclasses.dataclass
class Row:
    """What the model holds of an entry."""

    number: int
    known: KnownEntry
    version: int
    reason: str = ""


class Model:
    """The same promises, kept the simplest way."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.verdicts: dict[int, str] = {}
        self.version = 0

    def put(self, entries: list[KnownEntry], reason: str) -> tuple[int, ...]:
        """Added, updated, already, revived, withdrawn."""
        counts = [0] * 5
        for known in entries:
            row = self.rows.get(known.key)
            if row is None:
                if not known.withdrawn:
                    self.rows[known.key] = Row(len(self.rows) + 1, known, self.version + 1)
                    counts[0] += 1
                continue
            if known.withdrawn and not row.known.withdrawn:
                gone = dataclasses.replace(row.known, withdrawn=True)
                self.rows[known.key] = Row(row.number, gone, self.version + 1, reason)
                counts[4] += 1
            elif known.withdrawn or _bare(row.known) == _bare(known):
                counts[2] += 1
            else:
                self.rows[known.key] = Row(row.number, known, self.version + 1)
                counts[3 if row.known.withdrawn else 1] += 1
        self.version += any(counts[:2] + counts[3:])
        return tuple(counts)

    def in_use(self) -> list[Row]:
        """Those that may match, by age."""
        rows = sorted(self.rows.values(), key=lambda row: row.number)
        return [row for row in rows if not row.known.withdrawn and self.verdicts.get(row.number) != "denied"]

    def exact(self, algorithm: str, wanted: bytes) -> int | None:
        """The oldest in use."""
        return next((row.number for row in self.in_use() if row.known.digests.get(algorithm) == wanted), None)

    def nearest(self, hashes: list[bytes], radius: int) -> tuple[int, int, int, int] | None:
        """Query, entry, distance, and how many entries are near."""
        near = []
        for row in self.in_use():
            if "pdq" in row.known.digests:
                value = int.from_bytes(row.known.digests["pdq"], "big")
                for query, each in enumerate(hashes):
                    distance = (value ^ int.from_bytes(each, "big")).bit_count()
                    if distance <= radius:
                        aside = self.verdicts.get(row.number) == "quarantined"
                        near.append((aside, distance, query, row.number))
        if not near:
            return None
        _, distance, query, number = min(near)
        return query, number, distance, len({each[3] for each in near})


def _bare(known: KnownEntry) -> KnownEntry:
    return dataclasses.replace(known, place="", digests=dict(sorted(known.digests.items())))


@given(st.lists(STEPS, max_size=14), st.sampled_from([-1, 500_000]))
@settings(max_examples=examples(40))
def test_every_order_of_changes_tells_the_same_as_a_dictionary(
    tmp_path_factory: pytest.TempPathFactory, missing: Callable[[str], None], steps: list[object], soon: int
) -> None:
    if not MEMORY.is_dir():
        missing(str(MEMORY))
    with opened(tmp_path_factory.mktemp("model")) as store, pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_SOON", soon)  # -1: segments stay as they are until a merge is asked for
        try:
            _follow(store, steps)
        finally:
            for rows in (EntryVerdict, BankVersion, Bank):
                rows.objects.all().delete()


def _follow(store: Store, steps: list[object]) -> None:
    model = Model()
    _put(store, model, FIRST)
    for step, given_ in steps:  # type: ignore[misc]
        numbers = [row.number for row in model.rows.values()]
        if step == "put":
            _put(store, model, given_)
        elif step == "merge":
            due = store.banks.merge_is_due(NAME)
            assert store.banks.merge(NAME) is due
        elif step == "boot":
            store.boot()
        elif numbers:
            number = numbers[given_ % len(numbers)]
            if step == "withdraw":
                stored = store.banks.entry(NAME, number)
                counts = model.put([dataclasses.replace(stored.known, withdrawn=True)], "by hand")
                assert _counts(store.banks.withdraw(NAME, [stored], "by hand", RECORDER)) == counts
            else:
                assert judge(NAME, number, step, "why", RECORDER) == model.version + 1
                model.version += 1
                model.verdicts[number] = step
        _agree(store, model)


def _put(store: Store, model: Model, entries: list[KnownEntry]) -> None:
    result = store.banks.put(NAME, iter(entries), RECORDER, reason="by the list")
    assert _counts(result) == model.put(entries, "by the list")
    assert result.version == model.version


def _counts(result: module.ImportResult) -> tuple[int, ...]:
    return result.added, result.updated, result.already, result.revived, result.withdrawn


def _agree(store: Store, model: Model) -> None:
    (told,) = list_banks()
    gone = sum(row.known.withdrawn for row in model.rows.values())
    assert (told.version, told.live, told.withdrawn) == (model.version, len(model.rows) - gone, gone)
    held = {each.entry: each for each in store.banks.entries(NAME)}
    assert len(list(store.banks.entries(NAME))) == len(held) == len(model.rows)
    for row in model.rows.values():
        for stored in (held[row.number], store.banks.entry(NAME, row.number)):
            assert _bare(stored.known) == _bare(row.known)
            assert (stored.version, stored.reason) == (row.version, row.reason)
    (state,) = store.banks.states()
    banks = KnownBanks([state])
    assert state.version == model.version
    for name in EXACT:
        for seed in SEEDS:
            wanted = digest(name, seed)
            assert [hit.entry for hit in banks.exact({name: wanted})] == [
                number for number in [model.exact(name, wanted)] if number is not None
            ]
    for hashes in ([pdq(0)], [pdq(31)], [pdq(120), pdq(45)]):
        for radius in (0, 8, 31):
            found = banks.nearest(hashes, radius)
            assert [(each.query, each.hit.entry, each.hit.distance, each.entries) for each in found] == [
                expected for expected in [model.nearest(hashes, radius)] if expected is not None
            ]
    assert store.sealed() == set(Bank.objects.get().segments)
