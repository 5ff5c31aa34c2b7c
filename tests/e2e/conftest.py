"""End to end: the command line as a process, in a home of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.homes import Home, new_home


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A fresh installation for one test."""
    with new_home(tmp_path / "home") as made:
        yield made
