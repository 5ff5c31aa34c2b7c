"""Reader: any Item's bytes again from its Locator, through as many containers as it takes.

Archives stay open in a small cache, so the members of one are read in one pass however many chunks they fill.
"""

import collections
import dataclasses
import io
import os
from collections.abc import Iterator
from typing import BinaryIO

from amparo.evidence.item import Child, Locator
from amparo.evidence.outcome import Skipped
from amparo.pipeline.ports import Unreadable
from amparo.sources import folder
from amparo.sources.budget import share
from amparo.sources.containers import CONTAINERS, Limits
from amparo.sources.containers.port import Archive
from amparo.sources.media_types import CONTAINER_TYPES

_OPEN_ARCHIVES = 8
_COPY_BELOW = 64 * 1024 * 1024  # nested containers up to this size are unpacked into anonymous memory once


class SourceReader:
    """Reads one Source whose root is a folder or a file (raw resolved path).

    ``own_home`` is the resolved path of this installation: what we write while reading is no evidence, and its keys
    are not to be catalogued.
    """

    def __init__(self, root: bytes, limits: Limits | None = None, own_home: bytes = b"") -> None:
        self._root = root
        self._own_home = own_home
        self._limits = limits or Limits()
        self._archives: collections.OrderedDict[Locator, tuple[Archive, BinaryIO]] = collections.OrderedDict()

    def open(self, locator: Locator, size: int | None = None) -> BinaryIO:
        """The bytes at this place. Raises OSError, Unreadable, Declined."""
        *outer, step = locator.steps
        if not outer:
            return folder.open_file(self._root, step.path, size)
        return self._archive(Locator(tuple(outer)), step.opener).open(step)

    def entries(self, locator: Locator) -> Iterator[Child]:
        """The entries of a directory of the folder."""
        relative = locator.steps[0].path
        for child in folder.entries(self._root, relative):
            if self._own_home and folder.resolve(self._root, child.step.path) == self._own_home:
                yield dataclasses.replace(child, outcome=Skipped("own-home"))
            else:
                yield child

    def opens(self, media_type: str) -> bool:
        """Whether this type is a container that :meth:`members` lists."""
        return media_type in CONTAINER_TYPES

    def members(self, locator: Locator, media_type: str, budget: int | None) -> Iterator[Child]:
        """The members of the container at this place, each with its share of the budget."""
        if locator.depth >= self._limits.depth:
            raise Unreadable("limit-depth")
        archive = self._archive(locator, CONTAINER_TYPES[media_type])
        return share(archive.members(), self._compressed_size(locator), budget)

    def close(self) -> None:
        """Close every archive, the inner ones first."""
        while self._archives:
            self._drop(next(reversed(self._archives)))

    def _archive(self, locator: Locator, opener: str) -> Archive:
        if locator in self._archives:
            self._archives.move_to_end(locator)
            return self._archives[locator][0]
        stream = self._seekable(locator)
        try:
            archive = CONTAINERS[opener].open_archive(stream, os.path.basename(locator.steps[-1].path), self._limits)
        except BaseException:
            stream.close()
            raise
        self._archives[locator] = archive, stream
        while len(self._archives) > max(_OPEN_ARCHIVES, locator.depth + 1):
            self._drop(next(iter(self._archives)), keep=locator)
        return archive

    def _seekable(self, locator: Locator) -> BinaryIO:
        """A stream that seeks fast: a file of the folder, or a copy in anonymous memory that dies with us."""
        stream = self.open(locator)
        if locator.depth == 0:
            return io.BufferedReader(stream)  # type: ignore[type-var]  # a FileIO
        copy = os.fdopen(os.memfd_create("amparo", os.MFD_CLOEXEC), "w+b")
        with stream:
            buffer = bytearray(1024 * 1024)
            while count := stream.readinto(buffer):  # type: ignore[attr-defined]
                copy.write(memoryview(buffer)[:count])
                if copy.tell() > _COPY_BELOW:
                    copy.close()
                    return self.open(locator)  # too large to copy: seeks are slow but memory stays ours
        copy.seek(0)
        return copy

    def _drop(self, oldest: Locator, keep: Locator | None = None) -> None:
        """Close an archive and those opened through it, which would read from a closed stream."""
        for locator in [place for place in self._archives if place.steps[: len(oldest.steps)] == oldest.steps]:
            if keep is not None and keep.steps[: len(locator.steps)] == locator.steps:
                self._archives.move_to_end(locator)
                continue
            archive, stream = self._archives.pop(locator)
            archive.close()
            stream.close()

    def _compressed_size(self, locator: Locator) -> int:
        stream = self._archives[locator][1]
        return stream.seek(0, io.SEEK_END)
