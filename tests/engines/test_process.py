"""How a worker is started: with nothing of this process that it does not need."""

import os
import sys
from pathlib import Path

import pytest
from engines.test_pool import PLAN, reader, results, task

from amparo.pipeline.engines.pool import PoolEngine
from amparo.pipeline.engines.process import environment
from amparo.pipeline.limits import Limits

MARKER = "not-for-workers"


def test_a_worker_is_given_what_interpreter_and_libraries_need(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {"PATH": "/bin", "LANG": "C.UTF-8", "LC_ALL": "C", "TMPDIR": "/tmp", "PYTHONPATH": "/a",
            "OPENBLAS_NUM_THREADS": "1"}  # fmt: skip
    secret = ("DATABASE_URL", "AMPARO_HOME", "AMPARO_DATABASE_URL", "PGPASSWORD", "AWS_SECRET_ACCESS_KEY", "HOME")
    for name in list(os.environ):
        monkeypatch.delenv(name)
    for name, value in (kept | dict.fromkeys(secret, MARKER) | {"OMP_NUM_THREADS": "8"}).items():
        monkeypatch.setenv(name, value)
    assert environment() == kept | {"OMP_NUM_THREADS": "1"}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_no_secret_of_the_environment_is_in_a_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://amparo:{MARKER}@db/amparo")
    monkeypatch.setenv("AMPARO_OPERATOR", MARKER)
    (tmp_path / "f").write_bytes(b"x")
    pool = PoolEngine(PLAN, reader(tmp_path), Limits(), 1)
    try:
        pool.submit([task(1, b"f")])
        assert len(results(pool)) == 1
        had = Path(f"/proc/{pool._workers[0].process.pid}/environ").read_bytes()
    finally:
        pool.close()
    assert b"PATH=" in had
    assert MARKER.encode() not in had


def test_no_module_comes_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be one of evidence: whoever made it would choose what runs."""
    (tmp_path / "f").write_bytes(b"x")
    for name in ("multiprocessing", "struct", "mmap", "tempfile"):
        (tmp_path / f"{name}.py").write_text("import pathlib\npathlib.Path(__file__).with_name('ran').touch()\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend("")
    pool = PoolEngine(PLAN, reader(tmp_path), Limits(), 1)
    try:
        pool.submit([task(1, b"f")])
        assert len(results(pool)) == 1
    finally:
        pool.close()
    assert not (tmp_path / "ran").exists()
