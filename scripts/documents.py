"""Copy the pages of docs/ that go into disclosure packages; ``--check`` says what differs.

Packages that are installed have no docs/: what is known to be wrong with a version has to travel with it.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "src" / "amparo" / "casework" / "export" / "disclosure" / "documents"


def wanted() -> dict[str, bytes]:
    """Bytes by the name of the copy."""
    cards = sorted((ROOT / "docs" / "model-cards").glob("*.md"))
    found = {f"model-card-{path.stem}.txt": path.read_bytes() for path in cards}
    return {"known-errors.txt": (ROOT / "docs" / "known-errors.md").read_bytes(), **found}


def main(arguments: list[str]) -> int:
    """Write the copies; with ``--check`` only compare, 1 where something differs."""
    there = {path.name: path.read_bytes() for path in FOLDER.glob("*.txt")}
    if arguments == ["--check"]:
        return int(there != wanted())
    for name in there.keys() - wanted().keys():
        (FOLDER / name).unlink()
    FOLDER.mkdir(exist_ok=True)
    for name, data in wanted().items():
        (FOLDER / name).write_bytes(data)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
