"""What the documentation tells people to do works as it stands there."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from docs.pages import ROOT, blocks

from amparo.exchange.hash_list import HashListCsv
from amparo.pipeline.engines.inline import InlineEngine
from amparo.pipeline.memory import MemoryLedger
from amparo.pipeline.run import run
from amparo.pipeline.stage import Factory, Plan
from amparo.sources.folder import root_child

CONTRIBUTING = ROOT / "CONTRIBUTING.md"
BUILT_IN = ("amparo.sources.analysers:Walk", "amparo.sources.analysers:DigestsOf", "amparo.sources.analysers:MediaType")


@pytest.fixture
def plug_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The Analyser of CONTRIBUTING as an importable module."""
    (example,) = blocks(CONTRIBUTING, "python")
    folder = tmp_path / "plug-in"
    folder.mkdir()
    (folder / "your_package.py").write_text(example)
    monkeypatch.syspath_prepend(str(folder))
    yield "your_package:CountLines"
    sys.modules.pop("your_package", None)


def test_the_analyser_of_contributing_runs(plug_in: str, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "three.txt").write_text("one\ntwo\nthree\n")
    (tree / "picture.gif").write_bytes(b"GIF89a\n\n\n")
    root = os.fsencode(tree)
    plan = Plan.of(*map(Factory, BUILT_IN), Factory(plug_in))
    ledger = MemoryLedger(plan, root_child(root))
    run(ledger, InlineEngine(plan, Factory("amparo.sources.reader:SourceReader", {"root": root})))
    rows = {row[0]: row for row in ledger.rows()}
    assert "('text.lines', [('lines', 3)])" in str(rows[b"three.txt"])
    assert "text.lines" not in str(rows[b"picture.gif"])
    assert not any(row[6] for row in ledger.rows()), "no shortfalls"


def test_the_plug_in_is_registered_and_named_as_contributing_says(plug_in: str, tmp_path: Path) -> None:
    register, name = (tomllib.loads(block) for block in blocks(CONTRIBUTING, "toml"))
    ((point, target),) = register["project"]["entry-points"]["amparo.analysers"].items()
    assert (name["plugins"], target) == ([point], plug_in)
    folder = tmp_path / "plug-in"
    info = folder / "your_package-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: your-package\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[amparo.analysers]\n{point} = {target}\n")
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "config.toml").write_text(blocks(CONTRIBUTING, "toml")[1])
    env = {**os.environ, "AMPARO_HOME": str(home), "DATABASE_URL": "", "PYTHONPATH": str(folder)}
    done = subprocess.run([sys.executable, "-m", "amparo", "doctor", "--json"], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert {"v": 1, "check": "plug-in", "state": "good", "detail": f"analysers: {point}"} in rows


def test_the_list_of_the_bank_page_is_read() -> None:
    (example,) = blocks(ROOT / "docs" / "guide" / "bank-keeper.md", "csv")
    entries = list(HashListCsv().read(io.BytesIO(example.encode())))
    assert [list(each.digests) for each in entries] == [["sha256"], ["sha1"], ["md5"]]
    assert entries[0].labels == ("set-1", "test-known")
    assert entries[2].terms == "internal use, no export"


def test_the_settings_of_the_administrators_page_are_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from amparo import config

    (example,) = blocks(ROOT / "docs" / "guide" / "administrator.md", "toml")
    (tmp_path / "config.toml").write_text(example)
    monkeypatch.setenv("AMPARO_HOME", str(tmp_path))
    settings = config.load()
    for name, value in tomllib.loads(example).items():
        found = getattr(settings, name)
        assert (list(found) if isinstance(found, tuple) else found) == value


def test_the_first_scan_of_the_readme_runs(tmp_path: Path) -> None:
    (example,) = blocks(ROOT / "README.md", "sh")
    commands = example.splitlines()
    assert len(commands) == 5
    assert all(command.startswith("amparo ") for command in commands)
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "note.txt").write_text("The library opens at nine.\n")
    done = _shell("set -e\n" + example, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "note.txt" in done.stdout
    assert (tmp_path / "report.html").read_text().lstrip().startswith("<!")


def test_custody_can_be_checked_by_hand(tmp_path: Path) -> None:
    for program in ("openssl", "sha256sum", "xxd", "jq"):
        if shutil.which(program) is None:
            pytest.skip(f"NOT TESTED: {program}")
    (tmp_path / "evidence").mkdir()
    (example,) = blocks(ROOT / "README.md", "sh")
    assert _shell(example, tmp_path).returncode == 0
    (log,) = (tmp_path / "home").glob("cases/*/custody.jsonl")
    chain, seal, opened = blocks(ROOT / "docs" / "reference" / "custody-log.md", "sh")
    first = json.loads(log.read_text().splitlines()[0])

    done = _shell(chain, tmp_path, log.parent)
    assert done.returncode == 0, done.stderr
    assert "broken" not in done.stdout
    verified = _shell(f"amparo custody verify {log} --json", tmp_path)
    row = json.loads(verified.stdout)
    assert done.stdout.strip() == row["head"].split(":")[1]

    done = _shell(seal, tmp_path, log.parent)
    assert "Signature Verified Successfully" in done.stdout + done.stderr
    assert row["keys"][0] in done.stdout

    done = _shell(opened, tmp_path, log.parent)
    assert done.stdout.split()[0] in first["commitments"].values()


def test_numbers_of_the_examiners_page_are_the_codes() -> None:
    from amparo.pipeline.limits import Limits as Worker
    from amparo.pipeline.view import IN_MEMORY
    from amparo.sources import budget
    from amparo.sources.containers.limits import GIB, MIB, RATIO_FROM, Limits

    limits, page = Limits(), (ROOT / "docs" / "guide" / "examiner.md").read_text()
    for stated, number in (
        (f"| {budget.FLOOR // GIB} GiB, or {budget.RATIO:,} times its size", 1),
        (f"after {RATIO_FROM // MIB} MiB | {limits.ratio:,} |", 1),
        (f"| {limits.member_bytes // GIB} GiB |", 1),
        (f"| {limits.entries:,} |", 1),
        (f"| {limits.seven_zip_bytes // MIB} MiB |", 1),
        (f"one second per {Worker().bytes_per_second / MIB:.0f} MiB", 1),
        (f"| {IN_MEMORY // MIB} MiB |", 1),
        (f"setting `limit_depth`, {limits.depth} |", 1),
    ):
        assert page.count(stated) == number, stated


def _shell(script: str, base: Path, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a code block with ``amparo`` of this environment and a home of its own."""
    env = {**os.environ, "AMPARO_HOME": str(base / "home"), "DATABASE_URL": ""}
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"
    return subprocess.run(["bash", "-c", script], cwd=folder or base, env=env, capture_output=True, text=True)


def test_commands_in_the_guide_exist() -> None:
    """Every ``amparo ...`` in a page names a command and options that there are."""
    reference = (ROOT / "docs" / "reference" / "commands.md").read_text()
    known = set(re.findall(r"^## amparo (.+)$", reference, re.M))
    for page in (ROOT / "README.md", *(ROOT / "docs" / "guide").glob("*.md"), ROOT / "SECURITY.md", CONTRIBUTING):
        text = page.read_text().replace("\\\n", " ")
        for words in re.findall(r"(?:^|`)amparo ([a-z][^`\n]*)", text, re.M):
            name = next((n for n in sorted(known, key=len, reverse=True) if re.match(rf"{n}\b", words)), None)
            assert name or page.name == "known-errors.md", f"{page.name}: amparo {words}"
            section = reference.partition(f"## amparo {name}\n")[2].partition("\n## ")[0]
            for option in re.findall(r"(?<!\S)(--[a-z]+)", words):
                assert option in section, f"{page.name}: amparo {words}"
