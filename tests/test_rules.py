"""Rules of the repository that no linter knows."""

import hashlib
import re
import tomllib
from pathlib import Path

import pytest
from docs.pages import ROOT, tracked

SOURCE = ROOT / "src" / "amparo"
# Hosts of package registries: the first 16 hex digits of the SHA-256 of their names, so that this file names none.
REGISTRIES = frozenset(
    [
        "0fd460f0568e29c1",
        "3530c4415dd857fb",
        "3ca29e55be4befa4",
        "51c6b9f69c48a75b",
        "66394d5952c288e4",
        "71741fe2460a6150",
        "789e46d79514e280",
        "8743857e3ea00fd1",
        "87d14f070cb96869",
        "8b5bb5eb9d758455",
        "a4aa2ac280bb8d1a",
        "c3db8466ffcd8589",
        "e680c440a2e92079",
    ]
)
DOTTED = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")
MACHINE = re.compile(rb"(?<![\w.$}])/(?:work|root|Users|home/[a-z][a-z0-9_-]*)/|/\.pyenv/|/bash_jobs")
NO_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc"}
# Packages whose tests lie under another name, or that have nothing of their own to test.
TESTED_IN = {
    "accounts": "catalogue",  # one model without code; the golden database holds its table
    "schemas": "cli",  # data: every row is validated there
    "web": "e2e",  # settings only: every command that runs as a process reads them
    "casework": "e2e",
}
LARGE = 512 * 1024  # bytes; such a file is data and not read here


def texts() -> list[tuple[Path, bytes]]:
    """Tracked files that are text."""
    small = [path for path in tracked() if path.stat().st_size < LARGE]
    return [(path, data) for path in small if b"\0" not in (data := path.read_bytes())]


def registry(word: str) -> bool:
    """Whether a dotted word is, or holds, the name of a registry's host."""
    labels = word.split(".")
    names = {".".join(labels[i : i + n]) for n in (2, 3) for i in range(len(labels) - n + 1)}
    return any(hashlib.sha256(name.encode()).hexdigest()[:16] in REGISTRIES for name in names)


def test_no_registry_is_named() -> None:
    words: dict[str, Path] = {}
    for path, data in texts():
        words.update(dict.fromkeys(DOTTED.findall(data.decode("utf-8", "replace").lower()), path))
    found = [f"{path.relative_to(ROOT)}: {word}" for word, path in words.items() if registry(word)]
    assert not found


def test_a_registry_would_be_found() -> None:
    name = ".".join(("py" + "pi", "org"))
    assert registry(name)
    assert registry(f"files.{name}")
    assert not registry("example.org")


def test_no_path_of_a_machine_is_named() -> None:
    for path, data in texts():
        if path == Path(__file__).resolve():
            continue
        found = MACHINE.search(data)
        assert not found, f"{path.relative_to(ROOT)}: {found[0].decode() if found else ''}"


@pytest.mark.parametrize("name", ["base.txt", "dev.txt"])
def test_lock_files_have_hashes_and_no_addresses(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text()
    assert not re.search(r"^\s*(--?(index|extra-index|find-links|trusted-host|i|f)\b|.*://)", text, re.M)
    pins = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.M)[1:]
    assert len(pins) > 10
    for pin in pins:
        assert re.match(r"[A-Za-z0-9._-]+(\[[a-z0-9,-]+\])?==[^\s\\]+( ;[^\\]+)? \\\n", pin), pin.splitlines()[0]
        assert "--hash=sha256:" in pin, pin.splitlines()[0]


def test_what_is_declared_is_locked() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    locked = (ROOT / "requirements" / "base.txt").read_text().lower()
    for requirement in declared:
        name = re.split(r"[\[<>=~! ]", requirement)[0].lower()
        pattern = re.escape(name).replace(r"\-", "[-_.]")
        assert re.search(rf"^{pattern}(\[[a-z,-]+\])?==", locked, re.M), name


def test_every_package_has_its_tests() -> None:
    packages = {path.name for path in SOURCE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    for package in sorted(packages):
        folder = ROOT / "tests" / package
        if not _has_tests(folder):
            folder = ROOT / "tests" / TESTED_IN.get(package, package)
        assert _has_tests(folder), f"src/amparo/{package} has no tests in tests/{package}"
    assert set(TESTED_IN) <= packages


def test_modules_are_named_for_what_they_hold() -> None:
    for path in SOURCE.rglob("*.py"):
        assert not NO_NAMES & {part.removesuffix(".py") for part in path.relative_to(SOURCE).parts}, path


def test_hooks_download_nothing() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    assert re.findall(r"repo: (.+)", hooks) == ["local"]
    assert set(re.findall(r"language: (.+)", hooks)) == {"system"}
    assert set(re.findall(r"entry: (\S+?)/[^/\s]+(?: |$)", hooks, re.M)) == {".venv/bin"}


def _has_tests(folder: Path) -> bool:
    return any(folder.rglob("test_*.py"))
