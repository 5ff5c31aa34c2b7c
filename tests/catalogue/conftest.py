"""A store of Banks for one test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from catalogue.bank_store import MEMORY, Store, opened


@pytest.fixture
def store(tmp_path: Path, missing: Callable[[str], None]) -> Iterator[Store]:
    """Banks over a home and a folder in memory of their own."""
    if not MEMORY.is_dir():
        missing(str(MEMORY))
    with opened(tmp_path / "home") as made:
        yield made
