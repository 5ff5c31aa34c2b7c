"""Erasure of one Content: all said of it goes, wherever it lies, and what lies elsewhere too stays."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from casework.erasing import GROUND, begun, evidence, kept_counters, recounted, run
from casework.installations import actions, case, make

from amparo.casework import erasure as module
from amparo.casework.decisions import decide
from amparo.casework.groups import make_groups
from amparo.casework.installation import Installation
from amparo.casework.notes import write_note
from amparo.casework.scan import scan
from amparo.catalogue import models
from amparo.catalogue.erased_content import covered
from amparo.catalogue.erasure import Chunks, Counted
from amparo.catalogue.models import Content, Item, JobState
from amparo.catalogue.outbox import chain_path
from amparo.evidence.custody import verify

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture
def home(tmp_path: Path) -> Installation:
    return make(tmp_path / "home")


def test_a_content_goes_with_all_said_of_it_and_its_items_keep_their_numbers(
    tmp_path: Path, home: Installation
) -> None:
    row = case(home)
    scan(home, str(evidence(tmp_path / "evidence")), "R-1")
    content = Item.objects.get(case=row, tail=b"kite-in-the-park.txt").content
    assert content is not None
    places = sorted(content.items.values_list("pk", flat=True))
    assert len(places) == 3, "two files and a member of an archive"
    digest = bytes(content.sha256).hex()
    decide(home, "R-1", digest, ["material-not-pertinent"], "kite note")
    write_note(home, row, "The kite is blue", content.items.first())
    other = write_note(home, row, "Call on Monday")
    before = kept_counters(row)
    asked = begun(home, row, digest)
    job = run(home)
    assert (job.problem, job.state) == ({}, JobState.DONE)
    asked.refresh_from_db()
    assert (asked.content, asked.done is not None) == (None, True)
    assert not Content.objects.filter(pk=content.pk).exists()
    for key in places:
        item = Item.objects.get(pk=key)
        assert (item.reason, item.content, bytes(item.tail)) == ("erased", None, b"erased/%d/%d" % (asked.pk, key))
    assert list(models.Note.objects.all()) == [other]
    assert not models.Decision.objects.exists()
    after = kept_counters(row)
    assert after == recounted(row)
    assert (after["items"], after["contents"]) == (before["items"], before["contents"] - 1)
    assert asked.counts["item"] == 3
    assert asked.counts["payload"] == 2, "the words of the decision and of the note"
    path = chain_path(home.settings.home, row.uuid)
    checked = verify(path, key=home.sealer.fingerprint)
    assert [each.under for each in checked.erased] == [GROUND] * 2
    assert "kite note" not in path.with_name("custody.payload.jsonl").read_text()
    assert "Call on Monday" in path.with_name("custody.payload.jsonl").read_text()
    assert "erasure.done" in actions(home, row)


def test_what_was_unpacked_goes_too_unless_it_lies_elsewhere(tmp_path: Path, home: Installation) -> None:
    row = case(home)
    scan(home, str(evidence(tmp_path / "evidence")), "R-1")
    box = Item.objects.get(case=row, tail=b"boxed.zip").content
    roses = Item.objects.get(case=row, tail=b"other.txt").content
    assert box and roses
    found = covered(box)
    assert found.contents[-1] == box.pk
    assert roses.pk not in found.contents
    marigold = set(found.contents) - {box.pk}
    begun(home, row, bytes(box.sha256).hex())
    assert run(home).state == JobState.DONE
    assert not Content.objects.filter(pk__in=found.contents).exists()
    assert len(marigold) == 1
    assert set(Item.objects.filter(pk__in=found.items).values_list("reason", flat=True)) == {"erased"}
    assert [bytes(tail) for tail in roses.items.values_list("tail", flat=True)] == [b"other.txt"]
    assert kept_counters(row) == recounted(row)
    for item in Item.objects.filter(case=row):
        assert b"boxed" not in bytes(item.locator)
        assert b"marigold" not in bytes(item.locator)


def test_a_content_that_was_stopped_after_any_step_goes_on_to_the_same_end(
    tmp_path: Path, home: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = case(home)
    scan(home, str(evidence(tmp_path / "evidence")), "R-1")
    box = Item.objects.get(case=row, tail=b"boxed.zip").content
    assert box
    found, before = covered(box), kept_counters(row)
    asked = begun(home, row, bytes(box.sha256).hex())
    steps = 0
    one = Chunks.one

    @contextmanager
    def stopping(self: Chunks) -> Iterator[Counted]:
        nonlocal steps
        with one(self) as counted:
            yield counted
        steps -= 1
        if steps == 0:
            raise KeyboardInterrupt  # committed, and nothing after it

    monkeypatch.setattr(Chunks, "one", stopping)
    stops = 0
    for last in range(1, 100):
        steps = last
        try:
            module.erase(home, row, asked.pk, lambda _: None)
        except KeyboardInterrupt:
            stops += 1
            assert kept_counters(row) == recounted(row), "each step is whole"
        else:
            break
    asked.refresh_from_db()
    assert asked.done is not None
    assert stops > 2
    assert not Content.objects.filter(pk__in=found.contents).exists()
    assert set(Item.objects.filter(pk__in=found.items).values_list("reason", flat=True)) == {"erased"}
    assert asked.counts["item"] == len(found.items)
    assert kept_counters(row)["contents"] == before["contents"] - len(found.contents)


def test_another_picture_stands_for_the_group(tmp_path: Path, home: Installation) -> None:
    row = case(home)
    scan(home, str(evidence(tmp_path / "evidence")), "R-1")
    make_groups(home, "R-1")
    led = Content.objects.exclude(leader=None).first()
    assert led is not None and led.leader is not None
    group = set(Content.objects.filter(leader=led.leader).values_list("pk", flat=True))
    gone = led.leader
    begun(home, row, bytes(gone.sha256).hex())
    assert run(home).state == JobState.DONE
    heads = Content.objects.filter(pk__in=group, leader=None)
    assert heads.count() == 1
    head = heads.get()
    assert set(Content.objects.filter(leader=head).values_list("pk", flat=True)) == group - {head.pk}
    assert set(models.PictureHash.objects.filter(pk__in=group).values_list("group", flat=True)) == {head.pk}
