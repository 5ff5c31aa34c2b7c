"""What every container test uses: list, read back, and the promise about hostile bytes."""

import io
import time
from pathlib import Path

from amparo.evidence.item import Child
from amparo.pipeline.ports import Declined, Unreadable
from amparo.sources.containers import CONTAINERS, Archive, Limits

SMALL = Limits(entries=1000, member_bytes=8 << 20, ratio=200, seven_zip_bytes=64 << 20)


def opened(kind: str, data: bytes | Path, limits: Limits | None = None, name: bytes = b"archive") -> Archive:
    """An open archive over bytes or a file."""
    stream = io.BytesIO(data) if isinstance(data, bytes) else data.open("rb")
    return CONTAINERS[kind].open_archive(stream, name, limits or Limits())


def listing(kind: str, data: bytes | Path, limits: Limits | None = None, name: bytes = b"archive") -> list[Child]:
    """All members."""
    return list(opened(kind, data, limits, name).members())


def contents(kind: str, data: bytes | Path) -> dict[bytes, bytes]:
    """Raw name -> bytes of every member that is a file with bytes, read again from a newly opened archive."""
    children = listing(kind, data)
    assert [child.step.record for child in children] == list(range(len(children)))
    archive = opened(kind, data)
    found = {}
    for child in reversed(children):
        if child.entry == "file" and child.outcome is None:
            with archive.open(child.step) as stream:
                found[child.step.path] = stream.read()
    archive.close()
    return found


def until(kind: str, data: bytes | Path, limits: Limits | None = None) -> tuple[list[Child], str]:
    """(members, reason why it ended early or empty)."""
    children: list[Child] = []
    try:
        for child in opened(kind, data, limits).members():
            children.append(child)
    except (Unreadable, Declined) as error:
        return children, error.reason
    return children, ""


def reason_of_reading(archive: Archive, child: Child) -> str:
    """Why reading a member to the end fails, empty if it does not."""
    try:
        with archive.open(child.step) as stream:
            while stream.read(1 << 20):
                pass
    except (Unreadable, Declined) as error:
        return error.reason
    return ""


def survive(kind: str, data: bytes) -> None:
    """Listing and reading everything raises nothing but Unreadable and Declined, in a few seconds at most."""
    began = time.monotonic()
    try:
        archive = opened(kind, data, SMALL)
        children: list[Child] = []
        try:
            for child in archive.members():
                children.append(child)
        except (Unreadable, Declined):
            pass
        for child in children[:50]:
            reason_of_reading(archive, child)
        archive.close()
    except (Unreadable, Declined):
        pass
    assert time.monotonic() - began < 5
