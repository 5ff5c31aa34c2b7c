"""Without PostgreSQL the run says so in one counted line; where all is required it fails."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))
import postgres


def test_missing_is_counted(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(postgres, "binaries", lambda: None)
    monkeypatch.delenv("AMPARO_REQUIRE_ALL", raising=False)
    assert postgres.main(["--tests", "7", "--", "false"]) == 0
    assert capsys.readouterr().out == "NOT TESTED: PostgreSQL (7)\n"


def test_missing_is_a_failure_where_all_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "binaries", lambda: None)
    monkeypatch.setenv("AMPARO_REQUIRE_ALL", "1")
    assert postgres.main(["--tests", "7", "--", "true"]) == 1


def test_a_cluster_runs_and_is_gone(capfd: pytest.CaptureFixture[str]) -> None:
    code = (
        "import os, psycopg; print(psycopg.connect(os.environ['DATABASE_URL']).execute('select 40 + 2').fetchone()[0])"
    )
    assert postgres.main(["--", sys.executable, "-c", code]) == 0
    assert capfd.readouterr().out.split()[-1] == "42"
