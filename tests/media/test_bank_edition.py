"""Editions: what a list changes is counted and written, what it does not is left alone."""

import dataclasses
from pathlib import Path

import pytest
from media.segments import Shelf, known

from amparo.exchange.known import KnownEntry
from amparo.media import bank_edition
from amparo.media.bank_edition import Changes
from amparo.media.bank_segment import SegmentBuilder
from amparo.media.known_banks import OpenBank


def now(shelf: Shelf) -> dict[int, tuple[str, str, bool, int, str]]:
    bank = OpenBank(shelf.state())
    return {
        each.entry: (each.known.key, each.known.owner, each.known.withdrawn, each.version, each.reason)
        for each in bank.all()
    }


def test_an_edition_changes_what_it_names(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    first = shelf.edition(map(known, (1, 2, 3)), version=1, next_entry=1)
    assert (first.changes, first.next_entry, first.changes.any) == (Changes(added=3), 4, True)
    entries = [known(1), known(2, owner="Other"), known(3, withdrawn=True), known(4), known(5, withdrawn=True)]
    second = shelf.edition(entries, version=2, next_entry=4, reason="gone")
    assert second.changes == Changes(added=1, updated=1, already=1, withdrawn=1)
    assert now(shelf) == {
        1: ("key 1", "Owner", False, 1, ""),
        2: ("key 2", "Other", False, 2, ""),
        3: ("key 3", "Owner", True, 2, "gone"),
        4: ("key 4", "Owner", False, 2, ""),
    }
    assert len(second.segments[-1]) == 3, "an edition costs what it changes"
    third = shelf.edition([known(3), known(5, withdrawn=True)], version=3, next_entry=5)
    assert third.changes == Changes(revived=1)
    assert now(shelf)[3] == ("key 3", "Owner", False, 3, "")


def test_what_changes_nothing_writes_nothing(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.edition([known(1), known(2, withdrawn=True)], version=1, next_entry=1)
    again = shelf.edition([known(1), known(1), known(2, withdrawn=True)], version=2, next_entry=2)
    assert (again.changes, again.changes.any, len(shelf.paths)) == (Changes(already=2), False, 1)


def test_a_withdrawal_keeps_what_the_entry_said(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    whole = dataclasses.replace(known(1, "sha256", "pdq"), original=b'{"a":1}')
    shelf.edition([whole], version=1, next_entry=1)
    bare = KnownEntry(whole.key, {}, (), "Someone", "Terms", whole.dated, "Line 1", withdrawn=True)
    shelf.edition([bare], version=2, next_entry=2, reason="why")
    (stored,) = OpenBank(shelf.state()).all()
    assert dataclasses.replace(stored.known, place=whole.place) == dataclasses.replace(whole, withdrawn=True)


def test_one_edition_may_name_an_entry_several_times(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    entries = [known(1), known(1, owner="Other"), known(1, withdrawn=True), known(1, owner="Third")]
    edition = shelf.edition(entries, version=1, next_entry=1)
    assert edition.changes == Changes(added=1, updated=1, withdrawn=1, revived=1)
    assert now(shelf) == {1: ("key 1", "Third", False, 1, "")}


def test_large_editions_come_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bank_edition, "_BATCH", 10)
    monkeypatch.setattr(bank_edition, "_PART", 30)
    shelf = Shelf(tmp_path)
    edition = shelf.edition([*map(known, range(100)), known(0, owner="Other")], version=1, next_entry=1)
    assert edition.changes == Changes(added=100, updated=1)
    assert [len(each) for each in edition.segments] == [30, 30, 30, 11]
    assert sorted(now(shelf)) == list(range(1, 101))
    assert now(shelf)[1][1] == "Other"


@pytest.mark.parametrize("number", [29, 30, 31, 60])
def test_the_last_part_is_written_when_the_list_was_read_to_its_end(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only then is it known what the list says around its entries."""
    monkeypatch.setattr(bank_edition, "_BATCH", 10)
    monkeypatch.setattr(bank_edition, "_PART", 30)
    shelf, ended = Shelf(tmp_path), []

    def entries() -> object:
        yield from map(known, range(number))
        ended.append(True)

    at_end: list[bool] = []

    def publish(builder: SegmentBuilder) -> object:
        at_end.append(bool(ended))
        return shelf.publish(builder)

    edition = bank_edition.Edition([], 1, 1, publish)  # type: ignore[arg-type]
    edition.apply(entries())  # type: ignore[arg-type]
    edition.close()
    assert at_end[-1]
    assert len(now(shelf)) == number
