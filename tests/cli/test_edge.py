"""The edge: every error is one line, a hint and an exit code; Ctrl-C and a broken pipe are no errors."""

import inspect
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from amparo import cli
from amparo.cli.output import _cell
from amparo.evidence import errors

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.AmparoError)]
CODES = {
    "AmparoError": 1,
    "StorageFull": 1,
    "BadInput": 2,
    "MissingComponent": 3,
    "VerificationFailed": 4,
    "NotAuthorised": 5,
}


def run(home: Path, *words: object, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "amparo", *map(str, words)]
    return subprocess.run(command, env=environment(home) | (env or {}), capture_output=True, text=True, timeout=60)


def environment(home: Path) -> dict[str, str]:
    return {**os.environ, "AMPARO_HOME": str(home), "DATABASE_URL": "", "AMPARO_DEBUG": ""}


def ended(error: BaseException, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    def fails(**_: object) -> None:
        raise error

    monkeypatch.delenv("AMPARO_DEBUG", raising=False)
    monkeypatch.setattr(cli, "app", fails)
    code = cli._run()
    return code, capsys.readouterr().err


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_has_its_code_one_line_and_a_hint(
    kind: type[errors.AmparoError], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = ended(kind("What\nis wrong.", "What to do."), monkeypatch, capsys)
    assert code == CODES[kind.__name__]
    assert said == "amparo: What is wrong.\n  What to do.\n"


def test_all_kinds_are_known() -> None:
    assert {kind.__name__ for kind in KINDS} == set(CODES)


def test_errors_travel_between_processes() -> None:
    import pickle

    for kind in KINDS:
        there = pickle.loads(pickle.dumps(kind("m", "h")))
        assert (type(there), there.message, there.hint) == (kind, "m", "h")


def test_an_unexpected_error_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = ended(RuntimeError("two\nlines"), monkeypatch, capsys)
    assert code == 1
    assert said.splitlines()[0] == "amparo: An error of ours: RuntimeError: two lines"
    assert len(said.splitlines()) == 2


@pytest.mark.parametrize(
    "words", [["nonsense"], ["scan"], ["scan", ".", "--nonsense"], ["hash"], ["case", "create", "R"], ["scan", "."]]
)
def test_usage_errors(words: list[str], tmp_path: Path) -> None:
    done = run(tmp_path / "home", *words)
    assert done.returncode == 2
    assert done.stderr.startswith("amparo: ")
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 2
    assert not (tmp_path / "home").exists(), "nothing is made for a command that cannot run"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("edge") / "tree"
    for folder in range(40):
        (root / f"d{folder}").mkdir(parents=True)
        for number in range(100):
            (root / f"d{folder}" / f"f{number}").write_bytes(b"%d-%d" % (folder, number))
    return root


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    made = tmp_path / "home"
    assert run(made, "case", "create", "R-1", "--authority", "Order").returncode == 0
    yield made


@pytest.mark.parametrize("seconds", [0.0, 0.6])
def test_ctrl_c_stops_and_the_same_command_goes_on(seconds: float, tree: Path, home: Path) -> None:
    """To the whole process group, as a terminal sends it: while workers start, and while they work."""
    scan = subprocess.Popen(
        [sys.executable, "-m", "amparo", "scan", str(tree), "--case", "R-1"], env=environment(home),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    chain = next((home / "cases").glob("*/custody.jsonl"))
    while b"scan.started" not in chain.read_bytes():
        assert scan.poll() is None
        time.sleep(0.005)
    time.sleep(seconds)
    os.killpg(scan.pid, signal.SIGINT)
    _, said = scan.communicate(timeout=30)
    assert scan.returncode == 130, said
    assert said.splitlines() == [
        "amparo: Stopped.",
        "  What was finished is kept; the same command goes on from there.",
    ]
    done = run(home, "scan", tree, "--case", "R-1", "--json")
    assert done.returncode == 0, done.stderr
    assert '"state": "continued"' in done.stdout
    assert '"items": 4041' in done.stdout


def test_ctrl_c_inside_an_exec_ends_with_130_too(tmp_path: Path) -> None:
    """Dataclasses and imports run exec(); ``python -m`` would end with SIGINT although the interrupt was handled."""
    module = """import amparo.cli as cli
cli.app = lambda **_: exec("raise KeyboardInterrupt")
cli.main()
"""
    (tmp_path / "interrupted.py").write_text(module)
    command = [sys.executable, "-m", "interrupted"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 130, done.stderr


@pytest.mark.parametrize("form", ["--json", ""])
def test_a_broken_pipe_is_quiet(form: str, tree: Path, home: Path) -> None:
    assert run(home, "scan", tree, "--case", "R-1").returncode == 0
    command = f"{sys.executable} -m amparo items --case R-1 {form} | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], env=environment(home), capture_output=True, text=True)
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1
    assert done.returncode == 0


@pytest.mark.parametrize("value", ["\x1b[2J", ["\x9b2J"], {"target": "\u202egnp.exe"}, "\x7f", "line\nline", "\udcff"])
def test_words_from_evidence_do_not_act_on_the_terminal(value: object) -> None:
    cell = _cell(value, whole=False)
    assert cell.isprintable()
    assert "\\" in cell
