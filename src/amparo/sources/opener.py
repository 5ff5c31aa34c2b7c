"""Opener: how a path becomes a Source. The folder opener is here; images and phone extractions come as plug-ins."""

import dataclasses
import datetime
import importlib.metadata
import logging
import os
from collections.abc import Sequence
from typing import ClassVar, Protocol

from amparo.evidence.authority import Authority, check_any
from amparo.evidence.errors import BadInput, MissingComponent
from amparo.evidence.item import Child
from amparo.pipeline.stage import Factory
from amparo.sources import folder
from amparo.sources.disk_images import recognise

log = logging.getLogger(__name__)

GROUP = "amparo.openers"
_HEAD = 64 * 1024
_TAIL = 512


@dataclasses.dataclass(frozen=True, slots=True)
class Opened:
    """A Source ready to be walked: its root Item, and how workers make its Reader."""

    opener: str
    root: bytes
    item: Child
    reader: Factory


class Opener(Protocol):
    """Recognises one kind of source and opens it under an Authority."""

    API: ClassVar[int]
    name: ClassVar[str]

    def accepts(self, path: bytes, head: bytes, tail: bytes) -> bool:
        """Whether this opener is for that path; head and tail are empty for a folder."""

    def open(self, path: bytes, authority: Authority, at: datetime.datetime) -> Opened:
        """Open it. Raises NotAuthorised unless the Authority covers opening this path at this time."""


class FolderOpener:
    """A folder, or one ordinary file."""

    API: ClassVar[int] = 1
    name: ClassVar[str] = folder.OPENER

    def accepts(self, path: bytes, head: bytes, tail: bytes) -> bool:
        """Folders, and files that are no disk image or phone extraction."""
        return os.path.isdir(path) or (os.path.isfile(path) and recognise(head, os.path.basename(path), tail) is None)

    def open(self, path: bytes, authority: Authority, at: datetime.datetime) -> Opened:
        """The folder as it lies there; nothing in it is written or followed."""
        authority.check("open", path, at)
        reader = Factory("amparo.sources.reader:SourceReader", {"root": path})
        return Opened(self.name, path, folder.root_child(path), reader)


def open_source(
    path: bytes, authorities: Sequence[Authority], at: datetime.datetime, openers: Sequence[Opener]
) -> tuple[Opened, Authority]:
    """Open a resolved raw path with the first opener that accepts it, under the first Authority that covers it.

    Raises BadInput if there is nothing to open, NotAuthorised, MissingComponent if no opener knows what it is.
    """
    shown = os.fsdecode(path)
    try:
        os.stat(path)
    except OSError as error:
        told = {"path": repr(shown), "why": str(error.strerror)}
        raise BadInput("Cannot open %(path)s: %(why)s.", "Check the path and its permissions.", told) from error
    authority = check_any(tuple(authorities), "open", path, at)
    head, tail = _ends(path)
    for opener in openers:
        if opener.accepts(path, head, tail):
            return opener.open(path, authority, at), authority
    kind = recognise(head, os.path.basename(path), tail)
    if not kind:
        raise MissingComponent(
            "This is neither a folder nor an ordinary file: %(path)s",
            "Mount it read-only and scan the folder, or install an opener for it; see: amparo doctor",
            {"path": repr(shown)},
        )
    raise MissingComponent(
        "No opener for this source is installed: %(path)s (%(kind)s).",
        "Mount it read-only and scan the folder, or install an opener for it; see: amparo doctor",
        {"path": repr(shown), "kind": kind},
    )


def installed(allowed: Sequence[str] = ()) -> list[Opener]:
    """The openers of this installation: ours, and others named in ``allowed``."""
    found: list[Opener] = []
    for point in importlib.metadata.entry_points(group=GROUP):
        if point.value.startswith("amparo.") or point.name in allowed:
            try:
                found.append(point.load()())
            except Exception as error:  # noqa: BLE001  # a plug-in that cannot load is shown, never fatal
                told = "Opener %s cannot load and is left out (%s); see: amparo doctor"
                log.warning(told, point.name, type(error).__name__)
    return found


def _ends(path: bytes) -> tuple[bytes, bytes]:
    if not os.path.isfile(path):
        return b"", b""
    try:
        with open(path, "rb") as stream:
            head = stream.read(_HEAD)
            stream.seek(max(0, os.path.getsize(path) - _TAIL))
            return head, stream.read(_TAIL)
    except OSError as error:
        told = {"path": repr(os.fsdecode(path)), "why": str(error.strerror)}
        raise BadInput("Cannot read %(path)s: %(why)s.", "Check its permissions.", told) from error
