"""A View reads once, shares what was computed, and believes no second visit that reads other bytes."""

import hashlib

import pytest
from pipeline.subjects import FILES, DictReader, known, task

from amparo.pipeline import view as module
from amparo.pipeline.ports import Unreadable
from amparo.pipeline.stage import Visit
from amparo.pipeline.task import Task
from amparo.pipeline.view import HEAD, View


def second(data: bytes) -> Task:
    return task(visit=Visit.SECOND, content=known(hashlib.sha256(data).digest(), len(data)))


def test_bytes_are_read_once() -> None:
    FILES[b"f"] = bytes(range(256)) * 1024
    reader = DictReader()
    view = View(task(), reader)
    assert view.digests().size == 256 * 1024
    assert view.head() == FILES[b"f"][:HEAD]  # type: ignore[index]
    assert view.digests() is view.digests()
    assert reader.opened == 1


def test_head_alone_and_after_digests_are_the_same() -> None:
    FILES[b"f"] = b"z" * (HEAD + 1)
    alone, after = View(task(), DictReader()), View(task(), DictReader())
    after.digests()
    assert alone.head() == after.head() == b"z" * HEAD


def test_cached_values_are_made_once_per_key() -> None:
    view, made = View(task(), DictReader()), []
    for key in ("a", "b", "a"):
        view.cached(key, lambda: made.append(1))
    assert len(made) == 2


def test_data_is_checked_against_the_first_visit() -> None:
    FILES[b"f"] = b"as it was"
    reader = DictReader()
    view = View(second(b"as it was"), reader)
    assert view.data() == view.data() == view.open().read() == b"as it was"
    assert reader.opened == 1
    for now in (b"as it was not", b"as it wa", b"as it waS", b""):
        FILES[b"f"] = now
        with pytest.raises(Unreadable) as refused:
            View(second(b"as it was"), DictReader()).data()
        assert refused.value.reason == "changed"


def test_data_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "IN_MEMORY", 4)
    FILES[b"f"] = b"12345"
    with pytest.raises(Unreadable) as refused:
        View(second(b"12345"), DictReader()).data()
    assert refused.value.reason == "limit-size"


def test_data_belongs_to_the_second_visit() -> None:
    with pytest.raises(TypeError):
        View(task(), DictReader()).data()
