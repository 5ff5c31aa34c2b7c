"""One installation, which the pages find as they do when `amparo up` serves them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from casework.installations import make

from amparo.casework.installation import Installation
from amparo.workbench import acting, limits


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    made = make(tmp_path / "home")
    monkeypatch.setattr(acting, "_opened", lambda: made)
    monkeypatch.setattr(limits, "WINDOW", limits.Window())  # persons of other tests have the same keys
    yield made
