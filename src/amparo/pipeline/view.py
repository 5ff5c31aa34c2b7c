"""View: one subject as an Analyser sees it. Bytes are read once; what Analysers compute is shared."""

import hashlib
import io
from collections.abc import Callable
from typing import BinaryIO, TypeVar, cast

from amparo.evidence.digests import BUFFER, Digests, digest_stream
from amparo.pipeline.ports import Reader, Unreadable
from amparo.pipeline.task import Task

T = TypeVar("T")
HEAD = 64 * 1024  # bytes that media type detection may look at
IN_MEMORY = 256 * 1024 * 1024  # the most that `data` holds for one subject


class View:
    """One subject during one visit."""

    def __init__(self, task: Task, reader: Reader) -> None:
        self.task = task
        self.reader = reader
        self._cache: dict[str, object] = {}
        self._digests: Digests | None = None
        self._head: bytes | None = None
        self._data: bytes | None = None

    def cached(self, key: str, make: Callable[[], T]) -> T:
        """What ``make`` returned for this subject the first time this key was asked for."""
        if key not in self._cache:
            self._cache[key] = make()
        return cast(T, self._cache[key])

    def open(self) -> BinaryIO:
        """A fresh seekable stream over the bytes, from memory if they are there."""
        if self._data is not None:
            return io.BytesIO(self._data)
        return self.reader.open(self.task.locator, self.task.size)

    def digests(self) -> Digests:
        """Digests of the bytes, read once to the end; remembers the head on the way. Raises Unreadable, Declined."""
        if self._digests is None:
            with self.open() as stream:
                self._digests, self._head = digest_stream(stream, min(HEAD, BUFFER))
        return self._digests

    def head(self) -> bytes:
        """The first bytes, at most HEAD. Raises Unreadable, Declined."""
        if self._head is None:
            with self.open() as stream:
                self._head = stream.read(HEAD)
        return self._head

    def data(self) -> bytes:
        """All bytes of a second visit, checked against the SHA-256 of the first.

        Raises Unreadable("changed") if they differ, Unreadable("limit-size") above IN_MEMORY bytes.
        """
        if self._data is None:
            known = self.task.content
            if known is None:
                raise TypeError("data() belongs to the second visit")
            if known.size > IN_MEMORY:
                raise Unreadable("limit-size")
            with self.open() as stream:
                data = stream.read(known.size + 1)
            if hashlib.sha256(data).digest() != known.sha256:
                raise Unreadable("changed")
            self._data = data
        return self._data
