"""Merging in the background: a command of its own that outlives the one that asked for it."""

import subprocess
import sys
from typing import Any

import pytest

from amparo.casework.banks import merging


def test_the_background_merge_is_our_own_command(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[tuple[Any, Any]] = []
    monkeypatch.setattr(subprocess, "Popen", lambda command, **options: started.append((command, options)))
    merging.merge_later("-- a name")
    ((command, options),) = started
    assert command[:5] == ["nice", sys.executable, "-P", "-m", "amparo"]
    assert command[-2:] == ["--name", "-- a name"]
    assert options["start_new_session"]
