"""The command line is there at once, and heavy libraries are loaded only by the commands that need them."""

import statistics
import subprocess
import sys
import time

HEAVY = ("django", "numpy", "PIL", "av", "cryptography", "pydantic")


def test_help_imports_nothing_heavy() -> None:
    code = f"import sys, amparo.cli; sys.exit(' '.join(set(sys.modules) & set({HEAVY})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr.strip() == ""


def test_help_is_fast() -> None:
    took = []
    for _ in range(5):
        start = time.perf_counter()
        done = subprocess.run([sys.executable, "-m", "amparo", "--help"], capture_output=True, text=True)
        took.append(time.perf_counter() - start)
        assert done.returncode == 0
        assert "scan" in done.stdout
    assert min(took) < 0.3, f"median {statistics.median(took):.2f} s"
