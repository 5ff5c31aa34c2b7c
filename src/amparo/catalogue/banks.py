"""Banks: known digests come in, are withdrawn, and are opened for search.

Only this file and :mod:`amparo.catalogue.verdicts` touch their rows.
"""

import dataclasses
import datetime
import itertools
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import cast

from django.db import transaction

from amparo.catalogue.bank_files import BankFiles
from amparo.catalogue.models import Bank, BankVersion, Comparison, EntryVerdict
from amparo.catalogue.outbox import Recorder
from amparo.evidence.errors import BadInput
from amparo.exchange.known import KnownEntry
from amparo.media import bank_merge
from amparo.media.bank_edition import Edition
from amparo.media.bank_segment import Segment, SegmentBuilder, Stored
from amparo.media.known_banks import BankState, Kind, OpenBank

Frame = Callable[[], str]  # asked once all entries are read: what the list said around them

_NAME, _REASON = 200, 500  # characters
_SOON = 500_000  # entries that are merged while a person waits; more are merged in the background


@dataclasses.dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import changed, in entries; ``version`` is the Bank's afterwards."""

    bank: uuid.UUID
    version: int
    added: int
    updated: int
    already: int
    revived: int
    withdrawn: int


@dataclasses.dataclass(frozen=True, slots=True)
class BankSummary:
    """A Bank and how many of its entries are in use, withdrawn, and set aside by a verdict."""

    uuid: uuid.UUID
    name: str
    kind: str
    version: int
    created: datetime.datetime
    live: int
    withdrawn: int
    set_aside: int


class Banks:
    """The Banks of an installation and their files."""

    def __init__(self, files: BankFiles) -> None:
        self.files = files

    def put(
        self,
        name: str,
        entries: Iterator[KnownEntry],
        recorder: Recorder,
        kind: Kind | None = None,
        frame: Frame = str,
        together: Callable[[], None] = lambda: None,
        action: str = "bank.imported",
        reason: str = "Withdrawn by the list",
        payload: Mapping[str, str] | None = None,
    ) -> ImportResult:
        """Take entries into the Bank of this name, which is made if there is none; all of them or none.

        Entries that are not named stay. A withdrawn entry that comes again is in use again. New segments are written
        first, then one short transaction names them, in which ``together`` is called. Raises BadInput, and whatever
        ``entries`` raises.
        """
        check_text(name, "The name of the Bank", _NAME)
        with self.files.changing():
            bank = Bank.objects.filter(name=name).first()
            if bank is not None and kind is not None and bank.kind != kind:
                raise BadInput(f"This Bank is {bank.kind}, not {kind}.", "Choose another name for the other kind.")
            old = [] if bank is None else list(bank.segments)
            version = 1 if bank is None else bank.version + 1
            names = list(old)

            def publish(builder: SegmentBuilder) -> Segment:
                names.append(self.files.add(lambda stream: builder.write(stream, frame())))
                return Segment(self.files.path(names[-1]))

            told = {"name": name, "reason": reason, **(payload or {})}
            edition = Edition(self._opened(old), 1 if bank is None else bank.next_entry, version, publish)
            try:
                edition.apply(entries, reason)
                edition.close()
                result = self._commit(name, bank, kind or "known", edition, names, recorder, (action, told), together)
            finally:
                self.sweep()
        self.merge(name, soon=True)
        return result

    def withdraw(self, name: str, stored: Sequence[Stored], reason: str, recorder: Recorder) -> ImportResult:
        """Take entries out of use; they stay on record. Raises BadInput."""
        check_text(reason, "The reason")
        gone = (dataclasses.replace(each.known, withdrawn=True) for each in stored)
        numbers = {"entries": " ".join(str(each.entry) for each in stored)}
        return self.put(name, gone, recorder, action="bank.withdrawn", reason=reason, payload=numbers)

    def merge(self, name: str, soon: bool = False) -> bool:
        """Merge segments where that is due; ``soon``: only if it takes seconds. Changes nothing that can be asked."""
        with self.files.changing():
            bank = find_bank(name)
            segments = self._opened(bank.segments)
            number = bank_merge.due([len(each) for each in segments])
            if not number or (soon and sum(map(len, segments[-number:])) > _SOON):
                return False
            merged = self.files.add(lambda stream: bank_merge.merge(stream, segments[-number:]))
            Bank.objects.filter(pk=bank.pk).update(segments=[*bank.segments[:-number], merged])
            self.sweep()
            return True

    def merge_is_due(self, name: str) -> bool:
        """Whether merging would make look-ups faster."""
        return bank_merge.due([len(each) for each in self._segments(name)]) > 0

    def sweep(self) -> None:
        """Remove files that no Bank names."""
        named = Bank.objects.values_list("segments", flat=True)
        self.files.keep_only(set(itertools.chain.from_iterable(named)))

    def states(self) -> list[BankState]:
        """All Banks as they are now, their files open in memory, by age. Raises BadInput, StorageFull."""
        with transaction.atomic():
            banks = list(Bank.objects.order_by("pk"))
            verdicts = {bank.pk: current_verdicts(bank) for bank in banks}
        return [self._state(bank, verdicts[bank.pk]) for bank in banks]

    def remember(self, digest: str, states: Sequence[BankState]) -> None:
        """Keep which Banks a digest stands for, so that a report can say with what was compared."""
        rows = [
            {
                "uuid": str(each.uuid),
                "name": each.name,
                "kind": each.kind,
                "version": each.version,
                "entries": live_at(each.uuid, each.version),
            }
            for each in states
        ]
        Comparison.objects.get_or_create(digest=digest, defaults={"banks": rows})

    def entries(self, name: str, withdrawn: bool = True) -> Iterator[Stored]:
        """The entries of a Bank, each once as it is now, by segment and number. Raises BadInput if there is none."""
        with self.files.in_use():  # until its files are open: others may merge them away meanwhile
            bank = OpenBank(self._state(find_bank(name), {}))
        return (stored for stored in bank.all() if withdrawn or not stored.known.withdrawn)

    def entry(self, name: str, number: int) -> Stored:
        """One entry as it is now. Raises BadInput if there is none."""
        for segment in reversed(self._segments(name)):
            row = segment.row_of(number)
            if row is not None:
                return segment.stored(row)
        raise BadInput(f"This Bank has no entry {number}.", f"See: amparo bank entries --name {name!r}")

    def by_digest(self, name: str, algorithm: str, digest: bytes) -> list[Stored]:
        """The entries in use that have this digest."""
        with self.files.in_use():
            bank = OpenBank(self._state(find_bank(name), {}))
        return bank.with_digest(algorithm, digest)

    def frame(self, name: str) -> str:
        """What the list said around its entries; empty where there is none, or more than one."""
        frames = {each.frame for each in self._segments(name) if each.frame}
        return frames.pop() if len(frames) == 1 and frames != {bank_merge.MIXED} else ""

    def _commit(
        self, name: str, bank: Bank | None, kind: Kind, edition: Edition, names: list[str], recorder: Recorder,
        what: tuple[str, Mapping[str, str]], together: Callable[[], None],
    ) -> ImportResult:  # fmt: skip
        changes, version = edition.changes, edition.version
        with transaction.atomic():
            now = datetime.datetime.now(datetime.UTC)
            if bank is None:
                bank = Bank.objects.create(name=name, kind=kind, created=now)
            else:
                bank = Bank.objects.select_for_update().get(pk=bank.pk)
            if changes.any:
                if bank.version != version - 1:
                    raise BadInput("The Bank was changed meanwhile.", "Nothing was imported. Import the list again.")
                bank.version, bank.segments, bank.next_entry = version, names, edition.next_entry
                bank.live += changes.added + changes.revived - changes.withdrawn
                bank.withdrawn += changes.withdrawn - changes.revived
                bank.save()
                count(bank, now)
            facts = {"bank": str(bank.uuid), "version": bank.version, **dataclasses.asdict(changes)}
            together()
            action, told = what
            payload = {key: text for key, text in told.items() if key != "reason" or changes.withdrawn}
            recorder.record(action, facts, payload)
        return ImportResult(bank.uuid, bank.version, **dataclasses.asdict(changes))

    def _state(self, bank: Bank, verdicts: dict[int, str]) -> BankState:
        paths = [(self.files.path(digest), self.files.near(digest)) for digest in bank.segments]
        denied, quarantined, confirmed = (
            tuple(entry for entry, verdict in verdicts.items() if verdict == wanted)
            for wanted in ("denied", "quarantined", "confirmed")
        )
        kind = cast(Kind, bank.kind)
        return BankState(bank.uuid, bank.name, bank.version, kind, tuple(paths), denied, quarantined, confirmed)

    def _segments(self, name: str) -> list[Segment]:
        with self.files.in_use():
            return self._opened(find_bank(name).segments)

    def _opened(self, digests: Sequence[str]) -> list[Segment]:
        return [Segment(self.files.path(digest)) for digest in digests]


def list_banks() -> list[BankSummary]:
    """All Banks by name."""
    summaries = []
    for row in Bank.objects.order_by("name"):
        aside = sum(verdict in ("denied", "quarantined") for verdict in current_verdicts(row).values())
        summaries.append(
            BankSummary(row.uuid, row.name, row.kind, row.version, row.created, row.live, row.withdrawn, aside)
        )
    return summaries


def live_at(bank: uuid.UUID, version: int) -> int:
    """How many entries a Bank had in use at a version of it, 0 where that is not known."""
    row = BankVersion.objects.filter(bank__uuid=bank, version=version).first()
    return 0 if row is None else row.live


def find_bank(name: str) -> Bank:
    """The Bank of this name. Raises BadInput."""
    bank = Bank.objects.filter(name=name).first()
    if bank is None:
        raise BadInput(f"There is no Bank named {name!r}.", "See: amparo bank list")
    return bank


def current_verdicts(bank: Bank) -> dict[int, str]:
    """The newest verdict on each entry that has any."""
    return dict(EntryVerdict.objects.filter(bank=bank).order_by("pk").values_list("entry", "verdict"))


def count(bank: Bank, now: datetime.datetime) -> None:
    """Keep the numbers of the version that a Bank has now."""
    BankVersion.objects.create(bank=bank, version=bank.version, made=now, live=bank.live, withdrawn=bank.withdrawn)


def check_text(text: str, what: str, most: int = _REASON) -> None:
    """Raises BadInput unless it is printable text of at most this length."""
    if not text.strip() or len(text) > most or not text.isprintable():
        raise BadInput(f"{what} is not usable.", f"Printable text of 1 to {most} characters.")
