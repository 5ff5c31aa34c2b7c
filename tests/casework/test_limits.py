"""Limits of workers: as the settings say, and what is mapped comes on top."""

from pathlib import Path

import pytest
from casework.installations import make

from amparo.casework.limits import worker_limits
from amparo.pipeline.limits import MIB


@pytest.mark.parametrize(("memory", "mapped", "bytes_"), [(700, 0, 700 * MIB), (700, 5, 700 * MIB + 5), (0, 5, 0)])
def test_limits_come_from_the_settings(memory: int, mapped: int, bytes_: int, tmp_path: Path) -> None:
    limits = worker_limits(make(tmp_path, limit_seconds=5, limit_memory_mib=memory).settings, mapped)
    assert (limits.seconds, limits.memory) == (5, bytes_)
