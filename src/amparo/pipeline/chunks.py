"""Chunks: how due subjects are grouped for a worker, the same for every Ledger.

Directories come first, because they tell how much there is to do; files above LARGE next and alone, so that no long
one is left for the end; then other files, then Contents.
"""

import collections

from amparo.evidence.item import Entry
from amparo.pipeline.task import Task

LARGE = 32 * 1024 * 1024
CHUNK_BYTES = 32 * 1024 * 1024
CHUNK_TASKS = 64
CHUNK_DIRECTORIES = 4


def is_large(task: Task) -> bool:
    """Whether this subject makes a chunk of its own."""
    return (task.size or 0) > LARGE


def take(ahead: collections.deque[Task]) -> list[Task]:
    """Remove the next chunk from tasks of one kind, at most CHUNK_TASKS and CHUNK_BYTES; empty if there is none."""
    if not ahead:
        return []
    most = CHUNK_DIRECTORIES if ahead[0].entry is Entry.DIRECTORY else CHUNK_TASKS
    chunk = [ahead.popleft()]
    size = chunk[0].size or 0
    while ahead and len(chunk) < most and size + (ahead[0].size or 0) <= CHUNK_BYTES:
        size += ahead[0].size or 0
        chunk.append(ahead.popleft())
    return chunk
