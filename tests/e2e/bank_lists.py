"""Hash lists of nothing that anyone has, and what a Bank holds of them."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from e2e.homes import Home, Run

from amparo.catalogue.memory_folder import MemoryFolder

HEADER = "digest,labels,owner,terms,date\n"


def digest(seed: object) -> str:
    """A SHA-256 of no file."""
    return hashlib.sha256(f"no file {seed}".encode()).hexdigest()


def write(path: Path, seeds: Iterable[object], owner: str = "Owner") -> Path:
    """A list of these entries."""
    path.write_text(HEADER + "".join(f"{digest(seed)},test,{owner},none,2026-01-31\n" for seed in seeds))
    return path


def load(home: Home, path: Path, *options: object) -> Run:
    """Import a list into the Bank ``Known``."""
    return home.run("bank", "import", path, "--name", "Known", *options)


def held(home: Home) -> tuple[int, set[tuple[int, str, str]]]:
    """Version of the Bank ``Known`` and its entries: number, digest, owner; nothing where there is no Bank."""
    banks = home.rows("bank", "list")
    if not banks:
        return 0, set()
    rows = home.rows("bank", "entries", "--name", "Known")
    assert banks[0]["entries"] == len(rows)
    return banks[0]["version"], {(row["entry"], row["digests"]["sha256"], row["owner"]) for row in rows}


def sealed(home: Home) -> set[str]:
    """What lies in the folder of the Banks, apart from locks."""
    names = os.listdir(home.path / "banks") if (home.path / "banks").exists() else []
    return {name.removesuffix(".sealed") for name in names if name not in (".changing", ".in-use")}


def plain(home: Home) -> Path:
    """The folder of plain copies in memory."""
    return MemoryFolder(home.path).path
