"""The planted tree of the archive tests; ``require_tool`` is in tests/conftest.py."""

import os
from pathlib import Path

import pytest
from sources.planted_tree import NAMES


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """A folder with difficult names, a symbolic link, a hard link, a fifo and an empty folder."""
    root = tmp_path / "planted"
    root.mkdir()
    base = os.fsencode(root)
    for number, name in enumerate(NAMES):
        path = os.path.join(base, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as stream:
            stream.write(b"" if name == b"empty" else b"%d " % number * (1000 * number + 1))
    os.mkdir(os.path.join(base, b"hollow"))
    os.symlink(b"plain.txt", os.path.join(base, b"link"))
    os.link(os.path.join(base, b"plain.txt"), os.path.join(base, b"second-name"))
    os.mkfifo(os.path.join(base, b"pipe"))
    return root
