"""Limits are put on the process by the kernel, and never above what it already had."""

import json
import resource
import subprocess
import sys

import pytest
from pipeline.subjects import task

from amparo.pipeline.limits import MIB, Limits

APPLY = """
import json, resource, sys
from amparo.pipeline.limits import Limits
hard = int(sys.argv[2])
if hard:
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
Limits(memory=int(sys.argv[1])).apply()
print(json.dumps([resource.getrlimit(resource.RLIMIT_AS), resource.getrlimit(resource.RLIMIT_CORE)]))
"""


@pytest.mark.parametrize(
    ("memory", "hard", "applied"),
    [(900 * MIB, 0, 900 * MIB), (900 * MIB, 700 * MIB, 700 * MIB), (0, 700 * MIB, 700 * MIB)],
)
def test_memory_and_core(memory: int, hard: int, applied: int) -> None:
    command = [sys.executable, "-c", APPLY, str(memory), str(hard)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [[applied, applied], [0, 0]]


def test_no_limit_leaves_memory_as_it_is() -> None:
    done = subprocess.run([sys.executable, "-c", APPLY, "0", "0"], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)[0] == list(resource.getrlimit(resource.RLIMIT_AS))


def test_time_grows_with_size() -> None:
    limits = Limits(seconds=10, bytes_per_second=2 * MIB)
    assert limits.time_for(task(size=None)) == limits.time_for(task(size=0)) == 10
    assert limits.time_for(task(size=64 * MIB)) == 42
