"""What it rests on: versions of everything, the custody log, how to check it, and the commands to do it again."""

import importlib.metadata
import importlib.resources
import json
import platform
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

from amparo import __version__
from amparo.casework.decisions import versions as rule_files
from amparo.casework.export.form import Context
from amparo.casework.report import analysers_of, compared_with
from amparo.ui.paths import shown

_DOCUMENTS = importlib.resources.files("amparo.casework.export.disclosure") / "documents"
_PARTS = ("cryptography", "django", "numpy", "pi-heif", "pillow", "py7zr")  # what reads evidence, or signs


def versions(context: Context, folder: Path) -> None:
    """``versions.json``: program, parts, stages with their configuration, Banks, rule files, settings that matter."""
    settings = context.installation.settings
    made = {
        "v": 1,
        "program": {"amparo": __version__, "python": platform.python_version(), "system": platform.platform()},
        "parts": {name: importlib.metadata.version(name) for name in _PARTS},
        "stages": [
            {"analyser": each.name, "version": each.version, "config_digest": each.config_digest}
            for each in analysers_of(context.case)
        ],
        "banks": [
            {"name": each.name, "version": each.version, "entries": each.entries}
            for each in compared_with(context.case)
        ],
        "rule_files": [
            {"scheme": each.name, "version": each.version, "digest": each.digest, "source": each.source}
            for each in rule_files(context.installation)
        ],
        "settings": {
            name: getattr(settings, name)
            for name in (
                "limit_seconds", "limit_memory_mib", "limit_depth", "limit_pixels", "match_radius", "flood_limit",
            )
        },
    }  # fmt: skip
    (folder / "versions.json").write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def custody(context: Context, folder: Path) -> int:
    """``custody.jsonl``: the log of the Case as it stands, ids and digests without names or paths; its entries."""
    installation = context.installation
    installation.sealer.seal(context.case)
    shutil.copyfile(installation.sealer.path(context.case), folder / "custody.jsonl")
    with (folder / "custody.jsonl").open("rb") as stream:
        return sum(b'"kind":"entry"' in line for line in stream)


def verify(context: Context, folder: Path) -> None:
    """``verify.txt``: commands that check package and log, with Amparo and without."""
    installation = context.installation
    head, key = installation.sealer.head(context.case), installation.sealer.fingerprint
    anchor = f" --head {head.anchor}" if head is not None else ""
    lines = (
        "Is this package as it was signed? In the folder that holds manifest.json:",
        "",
        f"  amparo verify . --key {key}",
        "",
        "The fingerprint above is that of the key of the installation that made this. Ask for it on another way, such",
        "as by telephone: a forger would print another one here. If manifest.tsr is there, an independent authority",
        "stated when the list of files existed; with its root certificate in root.pem:",
        "",
        "  openssl ts -verify -data manifest.json -in manifest.tsr -CAfile root.pem",
        "",
        "Is the custody log whole, from the first entry to the last?",
        "",
        f"  amparo custody verify disclosure/custody.jsonl{anchor} --key {key}",
        "",
        "Amparo is free: Apache-2.0. The log can be checked without it; docs/reference/custody-log.md of its source",
        "shows how, with jq, sha256sum and openssl.",
    )
    _write_lines(folder / "verify.txt", lines)


def repeat(context: Context, folder: Path) -> None:
    """``repeat.txt``: what to type to do the same again on the same Sources."""
    _write_lines(folder / "repeat.txt", _commands(context))


def _commands(context: Context) -> Iterator[str]:
    case = shlex.quote(context.case.reference)
    yield f"# Amparo {__version__}, in an installation of your own. The Sources have to lie at the same paths, and the"
    yield "# Banks have to be at the versions that versions.json names; ask their owners for them."
    yield ""
    yield from _settings(context)
    yield f"amparo case create {case} --authority 'Repetition for the defence'"
    for source in context.case.sources.order_by("pk"):
        path = bytes(source.root).decode("utf-8", "surrogateescape")
        plain = shown(bytes(source.root)) == path
        yield f"amparo scan {shlex.quote(path) if plain else '...'} --case {case}" + (
            "" if plain else f"  # the path, escaped: {shown(bytes(source.root))}"
        )
    yield f"amparo rematch --case {case}"
    yield f"amparo groups --case {case} --json"
    yield f"amparo items --case {case} --json > items.jsonl"
    yield f"amparo findings --case {case} --json > findings.jsonl"


def _settings(context: Context) -> Iterator[str]:
    """The settings on which results depend, as lines of a shell."""
    settings = context.installation.settings
    for name in ("limit_depth", "limit_pixels", "limit_seconds", "limit_memory_mib", "match_radius", "flood_limit"):
        yield f"export AMPARO_{name.upper()}={getattr(settings, name)}"


def documents(folder: Path) -> list[str]:
    """Known errors and model cards of this version, as they were released; their names."""
    (folder / "documents").mkdir()
    names = sorted(each.name for each in _DOCUMENTS.iterdir() if each.name.endswith(".txt"))
    for name in names:
        (folder / "documents" / name).write_bytes((_DOCUMENTS / name).read_bytes())
    return names


def _write_lines(path: Path, lines: "Iterator[str] | tuple[str, ...]") -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", errors="backslashreplace")
