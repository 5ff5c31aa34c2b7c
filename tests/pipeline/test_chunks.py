"""Chunks: bounded in tasks and bytes, nothing lost, nothing moved."""

import collections
import dataclasses

from hypothesis import given
from hypothesis import strategies as st
from pipeline.subjects import task

from amparo.evidence.item import Entry
from amparo.pipeline.chunks import CHUNK_BYTES, CHUNK_DIRECTORIES, CHUNK_TASKS, LARGE, is_large, take

SIZES = st.lists(st.none() | st.integers(0, 2 * LARGE), max_size=300)


@given(SIZES)
def test_every_task_once_in_order_and_within_bounds(sizes: list[int | None]) -> None:
    tasks = [dataclasses.replace(task(size=size), key=key) for key, size in enumerate(sizes)]
    ahead, taken = collections.deque(tasks), []
    while chunk := take(ahead):
        assert len(chunk) <= CHUNK_TASKS
        assert len(chunk) == 1 or sum(each.size or 0 for each in chunk) <= CHUNK_BYTES
        taken += chunk
    assert taken == tasks
    assert not ahead


def test_many_small_files_fill_chunks() -> None:
    ahead = collections.deque([task(size=1)] * (CHUNK_TASKS + 1))
    assert [len(take(ahead)), len(take(ahead)), len(take(ahead))] == [CHUNK_TASKS, 1, 0]


def test_directories_come_few_at_a_time() -> None:
    folder = dataclasses.replace(task(), entry=Entry.DIRECTORY)
    assert len(take(collections.deque([folder] * 9))) == CHUNK_DIRECTORIES


def test_large_is_above_the_bound() -> None:
    assert [is_large(task(size=size)) for size in (None, 0, LARGE, LARGE + 1)] == [False, False, False, True]
