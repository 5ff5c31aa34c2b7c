"""Openers: a path becomes a Source only under an Authority; what nobody knows is said, plug-ins never break it."""

import datetime
import os
import uuid
from pathlib import Path
from typing import Any, ClassVar

import pytest

from amparo.evidence.authority import Authority, Scope
from amparo.evidence.errors import BadInput, MissingComponent, NotAuthorised
from amparo.evidence.item import Entry, Locator
from amparo.sources.opener import FolderOpener, installed, open_source

NOW = datetime.datetime(2026, 5, 1, tzinfo=datetime.UTC)
ANY = Authority(uuid.uuid4(), "Order", NOW)


def opened(path: Path, *authorities: Authority, openers: Any = None) -> Any:
    return open_source(os.fsencode(path), authorities or (ANY,), NOW, openers or [FolderOpener()])


def test_a_folder_and_a_file(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x")
    made, authority = opened(tmp_path)
    assert (made.opener, made.item.entry, authority) == ("folder", Entry.DIRECTORY, ANY)
    root = Locator((made.item.step,))
    assert [child.step.path for child in made.reader().entries(root)] == [b"f"]
    assert opened(tmp_path / "f")[0].item.size == 1


def test_only_inside_the_scope(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    narrow = Authority(uuid.uuid4(), "Order", NOW, scope=Scope((os.fsencode(tmp_path / "in"),)))
    assert opened(tmp_path / "in", narrow)[1] is narrow
    with pytest.raises(NotAuthorised):
        opened(tmp_path, narrow)
    with pytest.raises(NotAuthorised):
        FolderOpener().open(os.fsencode(tmp_path), narrow, NOW)


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="No such"):
        opened(tmp_path / "missing")


def test_images_need_their_opener(tmp_path: Path) -> None:
    (tmp_path / "disk.E01").write_bytes(b"EVF\x09\x0d\x0a\xff\x00" + bytes(600))
    with pytest.raises(MissingComponent, match="No opener") as refused:
        opened(tmp_path / "disk.E01")
    assert "mount it" in refused.value.hint.lower()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(MissingComponent, match="neither a folder nor"):
        opened(tmp_path / "pipe")


def test_the_first_opener_that_accepts_wins(tmp_path: Path) -> None:
    class Phone(FolderOpener):
        name: ClassVar[str] = "phone"

    assert opened(tmp_path, openers=[Phone(), FolderOpener()])[0].opener == "phone"


def test_others_load_only_when_named_and_never_break(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    info = tmp_path / "other-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[amparo.openers]\nsound = other_sound:Opener\nbroken = other_missing:Opener\n"
    )
    (tmp_path / "other_sound.py").write_text(
        "from amparo.sources.opener import FolderOpener\nclass Opener(FolderOpener):\n    name = 'sound'\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    assert [one.name for one in installed()] == ["folder"]
    assert sorted(one.name for one in installed(("sound", "broken"))) == ["folder", "sound"]
    assert "broken cannot load" in caplog.text
