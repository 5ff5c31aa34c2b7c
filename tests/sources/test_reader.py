"""Reader: the bytes of every Item again from its Locator alone, in any order, with few archives open."""

import gzip
import hashlib
import io
import os
import random
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from amparo.evidence.item import Child, Entry, Locator
from amparo.pipeline.ports import Unreadable
from amparo.sources import reader as module
from amparo.sources.containers import Limits
from amparo.sources.folder import root_child
from amparo.sources.media_types import media_type
from amparo.sources.reader import SourceReader


def zip_of(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return target.getvalue()


def tar_of(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return target.getvalue()


def plant(root: Path) -> None:
    """Twelve archives, each with archives inside: more than are kept open."""
    for number in range(12):
        texts = {f"t{n}": b"%d-%d " % (number, n) * (n * 300 + 1) for n in range(3)}
        inner = tar_of({**texts, "deep.zip": zip_of(texts)})
        (root / f"a{number:02}.zip").write_bytes(zip_of({**texts, "inner.tar.gz": gzip.compress(inner, mtime=0)}))
    (root / "sub").mkdir()
    (root / "sub" / "plain").write_bytes(b"plain")


def walk(reader: SourceReader, root: bytes) -> Iterator[tuple[Locator, str]]:
    """Every file with its SHA-256, depth first."""

    def look(locator: Locator, child: Child) -> Iterator[tuple[Locator, str]]:
        if child.entry is Entry.DIRECTORY:
            for below in reader.entries(locator):
                yield from look(Locator((below.step,)), below)
            return
        data = reader.open(locator).read()
        yield locator, hashlib.sha256(data).hexdigest()
        if reader.opens(kind := media_type(data[: 64 * 1024])):
            for member in reader.members(locator, kind, child.budget):
                yield from look(locator.child(member.step), member)

    top = root_child(root)
    yield from look(Locator((top.step,)), top)


@pytest.fixture
def tree(tmp_path: Path) -> bytes:
    plant(tmp_path)
    return os.fsencode(tmp_path)


@pytest.mark.parametrize("copy_below", [module._COPY_BELOW, 100], ids=["copied", "read through"])
def test_every_item_from_its_locator_alone_in_any_order(
    tree: bytes, copy_below: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing = SourceReader(tree)
    known = dict(walk(listing, tree))
    listing.close()
    assert len(known) == 1 + 12 * (1 + 3 + 1 + 1 + 3 + 1 + 3)
    assert max(locator.depth for locator in known) == 4
    monkeypatch.setattr(module, "_COPY_BELOW", copy_below)
    reader, order = SourceReader(tree), list(known)
    random.Random(4).shuffle(order)
    for locator in order:
        stored = Locator.decode(locator.encode())
        with reader.open(stored) as stream:
            assert hashlib.sha256(stream.read()).hexdigest() == known[locator], locator.path
        assert len(reader._archives) <= module._OPEN_ARCHIVES
    reader.close()
    assert not reader._archives


def test_the_archive_in_use_and_those_around_it_are_kept(tree: bytes) -> None:
    known = SourceReader(tree)
    deep = max((locator for locator, _ in walk(known, tree)), key=lambda one: one.depth)
    known.close()
    reader = SourceReader(tree)
    module_open = module._OPEN_ARCHIVES
    for number in range(module_open):
        reader.open(Locator(root_steps(f"a{number:02}.zip"))).close()
        list(reader.members(Locator(root_steps(f"a{number:02}.zip")), "application/zip", None))
    with reader.open(deep) as stream:
        assert stream.read()
    around = [Locator(deep.steps[:count]) for count in range(1, len(deep.steps))]
    assert all(place in reader._archives for place in around)
    assert len(reader._archives) <= module_open
    reader.close()


def root_steps(name: str) -> tuple[module.folder.Step, ...]:
    return (module.folder.Step("folder", name.encode()),)


def test_depth_is_limited(tree: bytes) -> None:
    reader = SourceReader(tree, Limits(depth=1))
    with pytest.raises(Unreadable, match="limit-depth"):
        list(walk(reader, tree))
    reader.close()


def test_files_stay_open_no_longer_than_the_reader(tree: bytes) -> None:
    before = set(os.listdir("/proc/self/fd"))
    reader = SourceReader(tree)
    for _ in walk(reader, tree):
        pass
    assert len(os.listdir("/proc/self/fd")) > len(before)
    reader.close()
    assert set(os.listdir("/proc/self/fd")) == before
